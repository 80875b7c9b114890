import type { Visit } from "../pages/visit.ts";

/** Pages as they were rendered, for whoever would get the same: until something changes, or for as long as what they say of time is right. */
export interface PageCache {
  recall(key: string): Response | undefined;
  /** Renders, and keeps what came well until `until` (milliseconds since 1970) unless something changed meanwhile. */
  render(key: string, until: number, page: () => Promise<Response>): Promise<Response>;
  /** Call after every change. */
  forget(): void;
}

/** With some 13 kB each. */
const MAX_PAGES = 512;

interface KeptPage {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Headers;
  readonly until: number;
}

export function createPageCache(now: () => number): PageCache {
  const kept = new Map<string, KeptPage>();
  let changes = 0;
  return {
    recall(key) {
      const page = kept.get(key);
      return page !== undefined && page.until > now() ? new Response(page.body, { headers: page.headers }) : undefined;
    },
    async render(key, until, page) {
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

/** What a page depends on: the address, who looks and with what. `secret`: of a personal link. */
export function pageKey({ path, words, device }: Visit, secret: string): string {
  const { platform, arch, form, inApp, mayBeTablet, isChosen } = device;
  return [path, words.language, platform, arch, form, inApp, mayBeTablet, isChosen, secret].join("\n");
}
