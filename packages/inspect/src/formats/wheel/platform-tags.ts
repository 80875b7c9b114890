import { type Architecture, ARCHITECTURES, parseArchitecture, type Platform } from "@distd/core";

/** packaging.python.org, "Platform compatibility tags": how each system's tag begins; what follows names version and machine. */
const SYSTEMS: readonly (readonly [RegExp, Platform])[] = [
  [/^(?:many|musl)?linux(?:\d+|_\d+_\d+)?_(.+)$/, "linux"],
  [/^win_(.+)$/, "windows"],
  [/^win(32)$/, "windows"],
  [/^macosx_\d+_\d+_(.+)$/, "macos"],
  [/^android_\d+_(.+)$/, "android"],
  [/^ios_\d+_\d+_(.+)_iphone(?:os|simulator)$/, "ios"],
];
const MACHINES: Readonly<Record<string, readonly Architecture[]>> = {
  "32": ["x86"],
  universal2: ["x64", "arm64"],
  universal: ["x86"],
  intel: ["x86", "x64"],
  arm64_v8a: ["arm64"],
  armeabi_v7a: ["armv7"],
};

export interface PlatformFacts {
  readonly platform: Platform;
  readonly architectures: readonly Architecture[];
}

/** What `PYTHON-ABI-PLATFORM` tags say; each part may hold several words with dots between. Without tags only a pure one is known to be for all. */
export function readPlatformTags(tags: readonly string[], isPure: boolean): PlatformFacts {
  const words = tags.flatMap((tag) => (tag.split("-")[2] ?? "").split("."));
  if (words.includes("any") || (words.length === 0 && isPure)) return { platform: "any", architectures: ["any"] };
  const platforms = new Set<Platform>();
  const known = new Set<Architecture>();
  for (const word of words) {
    for (const [pattern, platform] of SYSTEMS) {
      const machine = pattern.exec(word)?.[1];
      if (machine === undefined) continue;
      platforms.add(platform);
      const architecture = parseArchitecture(machine);
      for (const own of (Object.hasOwn(MACHINES, machine) ? MACHINES[machine] : undefined) ??
        (architecture === undefined ? [] : [architecture]))
        known.add(own);
    }
  }
  const [platform, ...others] = platforms;
  return {
    platform: platform === undefined || others.length > 0 ? "any" : platform,
    architectures: ARCHITECTURES.filter((architecture) => known.has(architecture)),
  };
}
