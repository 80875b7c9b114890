import { detectDevice, WANTED_HINTS } from "./device/detect-device.ts";
import { cookiesIn, MEMBER_COOKIE } from "../cookies.ts";
import { type Device, parseDeviceChoice } from "./device/device.ts";
import { chooseLanguage, findLanguage, type Words } from "./words/index.ts";

/** Who looks at a page, and how it speaks to them. */
export interface Visit {
  readonly device: Device;
  /** Whether somebody signed in here; what that opens is judged elsewhere. */
  readonly isSignedIn: boolean;
  readonly words: Words;
  /** Path of the page, for links that change device or language. */
  readonly path: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const YEAR_SECONDS = 31_536_000;
const COOKIES = {
  lang: (text: string) => findLanguage(text) !== undefined,
  device: (text: string) => parseDeviceChoice(text) !== undefined,
};
type CookieName = keyof typeof COOKIES;

export function readVisit(request: Request, baseUrl: string, now: number): Visit {
  const { pathname } = new URL(request.url);
  const all = cookiesIn(request.headers.get("cookie"));
  const cookies = Object.fromEntries([...all].filter(([name]) => Object.hasOwn(COOKIES, name))) as Partial<Record<CookieName, string>>;
  return {
    isSignedIn: (all.get(MEMBER_COOKIE) ?? "") !== "",
    device: parseDeviceChoice(cookies.device) ?? detectDevice(request.headers),
    words: findLanguage(cookies.lang) ?? chooseLanguage(request.headers.get("accept-language")),
    path: pathname,
    baseUrl,
    now,
  };
}

/** `?lang=de`, `?device=linux-x64`: what somebody says of himself is kept, and the page shown as before. Undefined: nothing was said. */
export function rememberChoice(request: Request): Response | undefined {
  const { pathname: path, searchParams } = new URL(request.url);
  // Two slashes in front would be another server.
  const pathname = path.replace(/^\/+/, "/");
  const rest = new URLSearchParams(searchParams);
  for (const name of Object.keys(COOKIES)) rest.delete(name);
  const location = rest.size === 0 ? pathname : `${pathname}?${rest.toString()}`;
  const headers = new Headers({ location, "cache-control": "no-store", "referrer-policy": "no-referrer" });
  for (const name of Object.keys(COOKIES) as CookieName[]) {
    const said = searchParams.get(name);
    if (said !== null && COOKIES[name](said))
      headers.append("set-cookie", `${name}=${said}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax; HttpOnly`);
  }
  return headers.has("set-cookie") ? new Response(null, { status: 303, headers }) : undefined;
}

/** What an answer depends on beside its address. */
export const VISIT_HEADERS: Readonly<Record<string, string>> = {
  vary: "Accept-Language, Cookie, User-Agent, Sec-CH-UA-Platform, Sec-CH-UA-Arch, Sec-CH-UA-Platform-Version, Sec-CH-UA-Mobile, Authorization",
  "accept-ch": WANTED_HINTS,
};
