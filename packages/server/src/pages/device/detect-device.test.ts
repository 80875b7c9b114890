import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { detectDevice } from "./detect-device.ts";
import { DEVICE_CHOICES, parseDeviceChoice } from "./device.ts";

type Hints = Readonly<Record<string, string>>;
const hints = (platform: string, arch?: string, mobile = "?0"): Hints => ({
  "sec-ch-ua-platform": `"${platform}"`,
  "sec-ch-ua-mobile": mobile,
  ...(arch !== undefined && { "sec-ch-ua-arch": `"${arch}"`, "sec-ch-ua-bitness": '"64"' }),
});
const SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15";
const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36";
const IOS = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const ANDROID_10 = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)";

/** User agent → platform, architecture, form, in-app browser, `tablet?` where only a style sheet can tell. */
const DEVICES: readonly (readonly [userAgent: string, expected: string, hints?: Hints])[] = [
  // iPhone and iPad.
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} Version/18.5 Mobile/15E148 Safari/604.1`, "ios arm64 phone"],
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) ${IOS} CriOS/138.0.7204.119 Mobile/15E148 Safari/604.1`, "ios arm64 phone"],
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} FxiOS/140.0 Mobile/15E148 Safari/605.1.15`, "ios arm64 phone"],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} EdgiOS/138.0.3351.65 Version/18.0 Mobile/15E148 Safari/604.1`,
    "ios arm64 phone",
  ],
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} DuckDuckGo/7 Mobile/15E148 Safari/605.1.15`, "ios arm64 phone"],
  [`Mozilla/5.0 (iPod touch; CPU iPhone OS 12_5_7 like Mac OS X) ${IOS} Version/12.1.2 Mobile/15E148 Safari/604.1`, "ios arm64 phone"],
  [`Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) ${IOS} Version/18.5 Mobile/15E148 Safari/604.1`, "ios arm64 tablet"],
  [`Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) ${IOS} CriOS/138.0.7204.119 Mobile/15E148 Safari/604.1`, "ios arm64 tablet"],
  // Mac, or an iPad that asks for desktop pages.
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${SAFARI}`, "macos desktop tablet?"],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${CHROME}`, "macos arm64 desktop", hints("macOS", "arm")],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${CHROME}`, "macos x64 desktop", hints("macOS", "x86")],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${CHROME}`, "macos desktop", hints("macOS")],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "macos desktop"],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${CHROME} Edg/138.0.0.0`, "macos arm64 desktop", hints("macOS", "arm")],
  // In-app browsers.
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} Mobile/15E148 [FBAN/FBIOS;FBAV/520.0.0.38.101;FBBV/0;FBDV/iPhone15,3;FBMD/iPhone;FBSN/iOS;FBSV/18.5]`,
    "ios arm64 phone in Facebook",
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} Mobile/15E148 Instagram 387.1.0.34.85 (iPhone15,3; iOS 18_5; en_US)`,
    "ios arm64 phone in Instagram",
  ],
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} Mobile/15E148 Safari Line/15.10.0`, "ios arm64 phone in LINE"],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} Mobile/15E148 MicroMessenger/8.0.60(0x18003c2c) NetType/WIFI Language/zh_CN`,
    "ios arm64 phone in WeChat",
  ],
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} Mobile/15E148 Twitter for iPhone/11.0`, "ios arm64 phone in X"],
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} Mobile/15E148 [LinkedInApp]/9.31`, "ios arm64 phone in LinkedIn"],
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} Mobile/15E148 Snapchat/13.46.0.41`, "ios arm64 phone in Snapchat"],
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} GSA/376.0.777 Mobile/15E148 Safari/604.1`, "ios arm64 phone in Google"],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} Mobile/15E148 musical_ly_40.2.0 BytedanceWebview/d8a21c6`,
    "ios arm64 phone in TikTok",
  ],
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${IOS} Mobile/15E148 KAKAOTALK 25.5.0`, "ios arm64 phone in KakaoTalk"],
  [
    "Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/138.0.7204.63 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/520.0.0.47.109;]",
    "android phone in Facebook",
  ],
  [
    "Mozilla/5.0 (Linux; Android 13; Pixel 6 Build/TQ3A.230805.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/138.0.7204.63 Mobile Safari/537.36 Instagram 386.0.0.46.84 Android",
    "android phone in Instagram",
  ],
  [
    "Mozilla/5.0 (Linux; Android 12; M2102J20SG Build/SKQ1.211006.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.188 Mobile Safari/537.36 XWEB/1260117 MMWEBSDK/20240501 MicroMessenger/8.0.49.2600",
    "android phone in WeChat",
  ],
  [
    "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/138.0.7204.63 Mobile Safari/537.36",
    "android phone in an app",
  ],
  // Android.
  [`${ANDROID_10} Chrome/138.0.0.0 Mobile Safari/537.36`, "android phone"],
  [`${ANDROID_10} Chrome/138.0.0.0 Safari/537.36`, "android tablet"],
  [`${ANDROID_10} Chrome/138.0.0.0 Mobile Safari/537.36`, "android arm64 phone", hints("Android", "arm", "?1")],
  [`${ANDROID_10} Chrome/138.0.0.0 Safari/537.36`, "android phone", hints("Android", undefined, "?1")],
  ["Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "android phone"],
  ["Mozilla/5.0 (Android 14; Tablet; rv:140.0) Gecko/140.0 Firefox/140.0", "android tablet"],
  [
    "Mozilla/5.0 (Linux; Android 14; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
    "android phone",
  ],
  [`${ANDROID_10} Chrome/138.0.0.0 Mobile Safari/537.36 EdgA/138.0.0.0`, "android phone"],
  [`${ANDROID_10} Chrome/136.0.0.0 Mobile Safari/537.36 OPR/90.0.0.0`, "android phone"],
  [
    "Mozilla/5.0 (Linux; U; Android 13; zh-cn; 2211133C Build/TKQ1) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/109.0.5414.118 Mobile Safari/537.36 XiaoMi/MiuiBrowser/18.5",
    "android phone",
  ],
  [
    "Mozilla/5.0 (Linux; Android 12; HarmonyOS; ELS-AN00; HMSCore 6.13.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36",
    "android phone",
  ],
  [
    "Mozilla/5.0 (Linux; Android 9; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/128.4.2 like Chrome/128.0.6613.187 Safari/537.36",
    "android tablet",
  ],
  ["Mozilla/5.0 (Linux; Android 7.1.2; Fire TV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0 Safari/537.36", "android tablet"],
  // Windows.
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME}`, "windows x64 desktop"],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME}`, "windows x64 desktop", hints("Windows", "x86")],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME}`, "windows arm64 desktop", hints("Windows", "arm")],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Edg/138.0.0.0`, "windows arm64 desktop", hints("Windows", "arm")],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "windows x64 desktop"],
  ["Mozilla/5.0 (Windows NT 10.0; WOW64; rv:115.0) Gecko/20100101 Firefox/115.0", "windows x64 desktop"],
  ["Mozilla/5.0 (Windows NT 6.1; rv:115.0) Gecko/20100101 Firefox/115.0", "windows desktop"],
  [
    "Mozilla/5.0 (Windows NT 10.0; ARM64; RM-1096) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0 Safari/537.36 Edge/17.17134",
    "windows arm64 desktop",
  ],
  ["Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "windows x64 desktop"],
  [
    "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 Mobile Safari/537.36 Edge/15.15254",
    "nothing desktop",
  ],
  // Linux and what is built on it.
  [`Mozilla/5.0 (X11; Linux x86_64) ${CHROME}`, "linux x64 desktop"],
  [`Mozilla/5.0 (X11; Linux x86_64) ${CHROME}`, "linux arm64 desktop", hints("Linux", "arm")],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "linux x64 desktop"],
  ["Mozilla/5.0 (X11; Ubuntu; Linux aarch64; rv:140.0) Gecko/20100101 Firefox/140.0", "linux arm64 desktop"],
  ["Mozilla/5.0 (X11; Linux armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/92.0.4515.98 Safari/537.36", "linux armv7 desktop"],
  ["Mozilla/5.0 (X11; Linux i686; rv:115.0) Gecko/20100101 Firefox/115.0", "linux x86 desktop"],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${CHROME}`, "linux x64 desktop"],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${CHROME}`, "linux arm64 desktop", hints("Chrome OS", "arm")],
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15 Epiphany/605.1.15",
    "linux x64 desktop",
  ],
  // Others, and nobody.
  ["Mozilla/5.0 (X11; FreeBSD amd64; rv:140.0) Gecko/20100101 Firefox/140.0", "nothing desktop"],
  ["Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36", "nothing desktop"],
  ["Mozilla/5.0 (Linux; Tizen 2.3) AppleWebKit/538.1 (KHTML, like Gecko) Version/2.3 TV Safari/538.1", "nothing desktop"],
  [
    "Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15",
    "nothing desktop",
  ],
  ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "nothing desktop"],
  [
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 Chrome/138.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1)",
    "nothing desktop",
  ],
  ["curl/8.14.1", "nothing desktop"],
  ["Wget/1.25.0", "nothing desktop"],
  ["", "nothing desktop"],
  ["x".repeat(2000), "nothing desktop"],
];

describe("devices", () => {
  it("come from at least sixty real user agents", () => assert.ok(DEVICES.length >= 60));

  for (const [userAgent, expected, more = {}] of DEVICES)
    it(`${expected}: ${userAgent.slice(0, 80)} ${Object.values(more).join(" ")}`, () => {
      const { platform, arch, form, inApp, mayBeTablet, isChosen } = detectDevice(new Headers({ "user-agent": userAgent, ...more }));
      const inside = inApp === undefined ? undefined : `in ${inApp === "" ? "an app" : inApp}`;
      const words = [platform ?? "nothing", arch, form, inside, mayBeTablet ? "tablet?" : undefined];
      assert.equal(words.filter((word) => word !== undefined).join(" "), expected);
      assert.equal(isChosen, false);
    });

  it("can be said, and nothing else can", () => {
    for (const choice of DEVICE_CHOICES) {
      const { platform, arch, isChosen } = parseDeviceChoice(choice) ?? assert.fail(choice);
      assert.equal([platform, arch].filter((word) => word !== undefined).join("-"), choice);
      assert.equal(isChosen, true);
    }
    for (const text of [undefined, "", "macos", "windows-x86", "constructor", "ios-arm64"])
      assert.equal(parseDeviceChoice(text), undefined);
  });
});

describe("the version of Android", () => {
  const of = (userAgent: string, version?: string): number | undefined =>
    detectDevice(new Headers({ "user-agent": userAgent, ...(version !== undefined && { "sec-ch-ua-platform-version": version }) }))
      .systemVersion;
  const old =
    "Mozilla/5.0 (Linux; Android 7.1.2; Nexus 5X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.99 Mobile Safari/537.36";

  it("is what the browser says when it is asked, not the one every Chrome says", () => {
    assert.deepEqual([of(`${ANDROID_10} Chrome/138.0.0.0 Mobile Safari/537.36`, '"15.0.0"'), of(old), of(old, '"7.1.2"')], [15, 7, 7]);
    assert.equal(of("Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"), 14);
    for (const version of [undefined, "", "15", '"x"', '""'])
      assert.equal(of(`${ANDROID_10} Chrome/138.0.0.0 Mobile Safari/537.36`, version), undefined, version);
    assert.equal(of(`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${SAFARI}`, '"15.0"'), undefined);
  });
});
