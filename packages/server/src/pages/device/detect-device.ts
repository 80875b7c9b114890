// What a request says of the device it comes from: client hints first, which are said plainly, then the user agent. Nothing here decides rights.
import type { Architecture, Platform } from "@distd/core";
import { type Device, UNKNOWN_DEVICE } from "./device.ts";

/** Longer ones are nobody's. */
const MAX_USER_AGENT_LENGTH = 1024;

/** Hints that browsers send only when they are asked for (WICG, "User-Agent Client Hints"). */
export const WANTED_HINTS = "Sec-CH-UA-Arch, Sec-CH-UA-Bitness, Sec-CH-UA-Platform-Version";

/** Browsers inside other apps, and how they give themselves away. */
const IN_APP: readonly (readonly [name: string, mark: RegExp])[] = [
  ["Facebook", /\bFBA[NV]\//],
  ["Instagram", /\bInstagram\b/],
  ["LINE", /\bLine\//],
  ["WeChat", /\bMicroMessenger\//],
  ["X", /\bTwitter for /],
  ["Snapchat", /\bSnapchat\b/],
  ["TikTok", /\b(?:musical_ly|BytedanceWebview|TikTok)\b/],
  ["LinkedIn", /\bLinkedInApp\b/],
  ["Pinterest", /\bPinterest\//],
  ["KakaoTalk", /\bKAKAOTALK\b/],
  ["Google", /\bGSA\//],
  ["DingTalk", /\bDingTalk\//],
  ["Weibo", /\bWeibo\b/],
  ["QQ", /\bQQ\//],
  // An app that shows pages, whichever it is.
  ["", /; wv\)/],
];

/** Programs, not people. */
const NOT_A_BROWSER = /^(?:curl|Wget|python|Go-http|okhttp|Java|node|axios|PostmanRuntime|HTTPie|libwww|aria2)|bot\b|Bot\/|spider|crawl/i;

const HINTED: Readonly<Record<string, Platform>> = {
  Android: "android",
  iOS: "ios",
  macOS: "macos",
  Windows: "windows",
  Linux: "linux",
  "Chrome OS": "linux",
  "Chromium OS": "linux",
};

export function detectDevice(headers: Headers): Device {
  const userAgent = headers.get("user-agent") ?? "";
  if (userAgent === "" || userAgent.length > MAX_USER_AGENT_LENGTH || NOT_A_BROWSER.test(userAgent)) return UNKNOWN_DEVICE;
  const platform = HINTED[unquoted(headers.get("sec-ch-ua-platform"))] ?? platformOf(userAgent);
  const inApp = IN_APP.find(([, mark]) => mark.test(userAgent))?.[0];
  return {
    platform,
    arch: hintedArch(headers) ?? archOf(userAgent, platform),
    systemVersion: platform === "android" ? androidVersion(userAgent, headers) : undefined,
    form: formOf(userAgent, headers, platform),
    inApp,
    mayBeTablet: platform === "macos" && /\bVersion\/\S+ Safari\//.test(userAgent),
    isChosen: false,
  };
}

function platformOf(userAgent: string): Platform | undefined {
  if (/\b(?:iPhone|iPad|iPod)\b/.test(userAgent)) return "ios";
  // Windows phones called themselves everything.
  if (/Windows Phone|IEMobile/.test(userAgent)) return undefined;
  if (/\bAndroid\b/.test(userAgent)) return "android";
  if (/\bWindows NT\b/.test(userAgent)) return "windows";
  if (/\bMacintosh\b/.test(userAgent)) return "macos";
  if (/\bTizen\b|\bWeb0S\b|\bKAIOS\b|\bPlayStation\b|\bNintendo\b/i.test(userAgent)) return undefined;
  return /\bLinux\b|\bCrOS\b/.test(userAgent) ? "linux" : undefined;
}

/** `"arm"` and `"64"`; quoted, as structured fields are. */
function hintedArch(headers: Headers): Architecture | undefined {
  const [family, bits] = [unquoted(headers.get("sec-ch-ua-arch")), unquoted(headers.get("sec-ch-ua-bitness"))];
  if (family === "arm") return bits === "32" ? "armv7" : "arm64";
  return family === "x86" ? (bits === "32" ? "x86" : "x64") : undefined;
}

/** Every Mac says Intel, and Windows on ARM says x64: of those nothing is known. */
function archOf(userAgent: string, platform: Platform | undefined): Architecture | undefined {
  if (platform === "ios") return "arm64";
  if (platform !== "linux" && platform !== "windows") return undefined;
  if (/\baarch64\b|\barm64\b|\bARM64\b/.test(userAgent)) return "arm64";
  if (/\barmv7l?\b/.test(userAgent)) return "armv7";
  if (/\bx86_64\b|\bWin64\b|\bWOW64\b|\bx64\b|\bamd64\b/.test(userAgent)) return "x64";
  return /\bi[3-6]86\b/.test(userAgent) ? "x86" : undefined;
}

/** Chrome says `Android 10; K` of every Android. */
function androidVersion(userAgent: string, headers: Headers): number | undefined {
  const hinted = /^(\d{1,3})\b/.exec(unquoted(headers.get("sec-ch-ua-platform-version")))?.[1];
  const said = hinted ?? (/\bAndroid 10; K\b/.test(userAgent) ? undefined : /\bAndroid (\d{1,3})\b/.exec(userAgent)?.[1]);
  return said === undefined ? undefined : Number(said);
}

function formOf(userAgent: string, headers: Headers, platform: Platform | undefined): Device["form"] {
  if (platform === "ios") return /\biPad\b/.test(userAgent) ? "tablet" : "phone";
  if (platform === "android") return headers.get("sec-ch-ua-mobile") === "?1" || /\bMobile\b/.test(userAgent) ? "phone" : "tablet";
  return "desktop";
}

function unquoted(value: string | null): string {
  return /^"([^"\\]*)"$/.exec(value ?? "")?.[1] ?? "";
}
