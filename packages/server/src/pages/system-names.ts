import type { ArtifactFacts, Platform } from "@distd/core";

/** Names people know Android's API levels by (developer.android.com, "SDK platform release notes"). */
const ANDROID: Readonly<Record<string, string>> = {
  "19": "4.4",
  "20": "4.4W",
  "21": "5.0",
  "22": "5.1",
  "23": "6",
  "24": "7.0",
  "25": "7.1",
  "26": "8.0",
  "27": "8.1",
  "28": "9",
  "29": "10",
  "30": "11",
  "31": "12",
  "32": "12L",
  "33": "13",
  "34": "14",
  "35": "15",
  "36": "16",
};
const NAMES: Readonly<Record<Platform, string>> = {
  android: "Android",
  ios: "iOS",
  macos: "macOS",
  windows: "Windows",
  linux: "Linux",
  any: "",
};

/** `Android 8.0`, `macOS 13.0`: the oldest system it runs on; undefined where the bytes do not say, or in numbers nobody knows. */
export function oldestSystem(platform: Platform, { minOs }: ArtifactFacts): string | undefined {
  if (minOs === undefined || NAMES[platform] === "") return undefined;
  if (platform === "android") return ANDROID[minOs] === undefined ? `Android (API ${minOs})` : `Android ${ANDROID[minOs]}`;
  return platform === "windows" || platform === "linux" ? undefined : `${NAMES[platform]} ${minOs}`;
}
