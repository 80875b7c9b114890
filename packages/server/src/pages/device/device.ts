import { type Architecture, isPlatform, parseArchitecture, type Platform } from "@distd/core";

/** What somebody holds, as far as it is known. */
export interface Device {
  /** Undefined: nothing that installs anything, or nothing that is known. */
  readonly platform: Platform | undefined;
  readonly arch: Architecture | undefined;
  /** Of Android, its major number; browsers say it when they are asked, and otherwise often one that is not theirs. */
  readonly systemVersion: number | undefined;
  readonly form: "phone" | "tablet" | "desktop";
  /** A browser inside another app, which cannot hand anything to the system: its name. */
  readonly inApp: string | undefined;
  /** Safari on a Mac and on an iPad that asks for desktop pages say the same; only style sheets can tell them apart. */
  readonly mayBeTablet: boolean;
  /** Somebody said so himself. */
  readonly isChosen: boolean;
}

export const UNKNOWN_DEVICE: Device = {
  platform: undefined,
  arch: undefined,
  systemVersion: undefined,
  form: "desktop",
  inApp: undefined,
  mayBeTablet: false,
  isChosen: false,
};

/** What people may say they have, in the order pages list it. */
export const DEVICE_CHOICES = [
  "android",
  "ios",
  "macos-arm64",
  "macos-x64",
  "windows-x64",
  "windows-arm64",
  "linux-x64",
  "linux-arm64",
] as const;
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

/** `macos-arm64`; undefined: none of the choices. */
export function parseDeviceChoice(text: string | undefined): Device | undefined {
  if (!DEVICE_CHOICES.some((choice) => choice === text)) return undefined;
  const [platform = "", arch] = (text ?? "").split("-");
  if (!isPlatform(platform)) return undefined;
  const form = platform === "android" || platform === "ios" ? "phone" : "desktop";
  return { ...UNKNOWN_DEVICE, platform, arch: arch === undefined ? undefined : parseArchitecture(arch), form, isChosen: true };
}
