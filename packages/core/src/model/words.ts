/** The words for platforms, architectures and roles: the same in manifests, facts, the API and the database. */
export const PLATFORMS = ["android", "ios", "macos", "windows", "linux", "any"] as const;
export type Platform = (typeof PLATFORMS)[number];

export const ARCHITECTURES = ["x86", "x64", "arm64", "armv7", "any"] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

export const ROLES = ["install", "update", "portable", "symbols", "sbom", "signature", "metadata"] as const;
export type Role = (typeof ROLES)[number];

/** Roles that make a release present on a target; symbols and checksums do not. */
export const DELIVERED_ROLES: ReadonlySet<Role> = new Set(["install", "portable", "update"]);

const ARCHITECTURE_ALIASES: Readonly<Record<string, Architecture>> = {
  amd64: "x64",
  x86_64: "x64",
  "x86-64": "x64",
  i386: "x86",
  i486: "x86",
  i586: "x86",
  i686: "x86",
  aarch64: "arm64",
  "arm64-v8a": "arm64",
  armhf: "armv7",
  armv7l: "armv7",
  "armeabi-v7a": "armv7",
  armeabi: "armv7",
  all: "any",
  noarch: "any",
};

/** One of our words for what others call amd64, x86_64, i686, aarch64, armeabi-v7a…; undefined when we have none. */
export function parseArchitecture(text: string): Architecture | undefined {
  const word = text.toLowerCase();
  if ((ARCHITECTURES as readonly string[]).includes(word)) return word as Architecture;
  return Object.hasOwn(ARCHITECTURE_ALIASES, word) ? ARCHITECTURE_ALIASES[word] : undefined;
}

export function isPlatform(text: string): text is Platform {
  return (PLATFORMS as readonly string[]).includes(text);
}
