import type { Visit } from "../pages/visit.ts";

/** Pages as they were rendered, for whoever would get the same: until something changes, or for as long as what they say of time is right. */
export interface PageCache {
  /** `said`: all that the request says, word for word. */
  recall(said: string): Response | undefined;
  /**
   * Answers with the page that has the key; renders it where there is none, and keeps what came well until `until` (milliseconds since 1970) unless something
   * changed meanwhile.
   */
  render(said: string, key: string, until: number, page: () => Promise<Response>): Promise<Response>;
  /** Call after every change. */
  forget(): void;
}

/** With some 13 kB each. */
const MAX_PAGES = 512;
/** Ways to ask for them: browsers call themselves by many names. */
const MAX_SAID = 8192;
/** What pages depend on beside the address. */
const SAID = [
  "user-agent",
  "accept-language",
  "cookie",
  "sec-ch-ua-platform",
  "sec-ch-ua-arch",
  "sec-ch-ua-bitness",
  "sec-ch-ua-platform-version",
  "sec-ch-ua-mobile",
];

interface KeptPage {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Headers;
  readonly until: number;
}

export function createPageCache(now: () => number): PageCache {
  const kept = new Map<string, KeptPage>();
  const keys = new Map<string, string>();
  let changes = 0;
  const find = (key: string | undefined): Response | undefined => {
    const page = key === undefined ? undefined : kept.get(key);
    return page !== undefined && page.until > now() ? new Response(page.body, { headers: page.headers }) : undefined;
  };
  return {
    recall: (said) => find(keys.get(said)),
    async render(said, key, until, page) {
      if (keys.size >= MAX_SAID) keys.clear();
      keys.set(said, key);
      const there = find(key);
      if (there) return there;
      const before = changes;
      const response = await page();
      if (response.status !== 200 || changes !== before) return response;
      const body = new Uint8Array(await response.arrayBuffer());
      if (kept.size >= MAX_PAGES) kept.clear();
      kept.set(key, { body, headers: response.headers, until });
      return new Response(body, { headers: response.headers });
    },
    forget() {
      changes += 1;
      kept.clear();
    },
  };
}

/** Undefined: the page is for nobody else. Browsers of people say no more of themselves than this. */
export function whatIsSaid({ method, url, headers }: Request): string | undefined {
  if (method !== "GET" || url.includes("?") || headers.get("authorization") !== null) return undefined;
  let said = url;
  for (const name of SAID) said += `\n${headers.get(name) ?? ""}`;
  return said;
}

/** What a page is made of: the address, who looks and with what. `secret`: of a personal link, or the token somebody signed in with. */
export function pageKey({ path, words, device, isSignedIn }: Visit, secret: string): string {
  const { platform, arch, systemVersion, form, inApp, mayBeTablet, isChosen } = device;
  return [path, words.language, platform, arch, systemVersion, form, inApp, mayBeTablet, isChosen, isSignedIn, secret].join("\n");
}
