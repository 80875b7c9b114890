import { DistError } from "../errors/dist-error.ts";
import { debKey } from "./deb.ts";
import { pep440Key } from "./pep440.ts";
import { rpmKey } from "./rpm.ts";
import { dottedKey } from "./sort-key.ts";

export const VERSION_SCHEMES = ["semver", "calver", "numeric", "pep440", "deb", "rpm", "opaque"] as const;
export type VersionScheme = (typeof VERSION_SCHEMES)[number];

/** A version as text with its scheme and the key it sorts by. */
export interface Version {
  readonly text: string;
  readonly scheme: VersionScheme;
  readonly sortKey: string;
}

const number = "(?:0|[1-9][0-9]*)";
const semverPattern = new RegExp(
  `^(${number})\\.(${number})\\.(${number})(?:-([0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);
const calverPattern = /^([0-9]+(?:\.[0-9]+){1,3})(?:-([0-9A-Za-z.-]+))?$/;
const numericPattern = /^[0-9]+(?:\.[0-9]+)*$/;

const keys: Readonly<Record<VersionScheme, (text: string) => string | undefined>> = {
  semver(text) {
    const [, major, minor, patch, pre] = semverPattern.exec(text) ?? [];
    if (major === undefined || minor === undefined || patch === undefined) return undefined;
    const identifiers = pre?.split(".") ?? [];
    if (identifiers.some((part) => part === "" || /^0\d+$/.test(part))) return undefined;
    return dottedKey([major, minor, patch], pre);
  },
  calver(text) {
    const [, numbers, pre] = calverPattern.exec(text) ?? [];
    if (numbers === undefined || pre?.split(".").includes("")) return undefined;
    return dottedKey(numbers.split("."), pre);
  },
  numeric: (text) => (numericPattern.test(text) ? dottedKey(text.split("."), undefined) : undefined),
  pep440: pep440Key,
  deb: debKey,
  rpm: rpmKey,
  // Nothing is known about the order: all keys are equal, and the time of publishing decides.
  opaque: () => "",
};

const MAX_VERSION_CHARACTERS = 128;

/** Visible ASCII without `/`: a version is a path segment, a file name and a header value. */
const versionText = /^[0-9A-Za-z][0-9A-Za-z.+~^!_:-]*$/;

/** Takes one leading `v` off (`v1.2.3`); a second one makes it invalid. */
export function bareVersion(text: string): string {
  return /^v[0-9]/.test(text) ? text.slice(1) : text;
}

/** Reads a version. Without a scheme the first of semver, calver, numeric that fits, else opaque. Throws `usage/invalid`. */
export function parseVersion(text: string, scheme?: VersionScheme): Version {
  const bare = bareVersion(text);
  if (bare.length > MAX_VERSION_CHARACTERS || !versionText.test(bare) || text.startsWith("vv")) {
    throw new DistError("usage/invalid", `'${text.slice(0, 80)}' is not a version`, {
      hint: "a version is bare, such as 1.4.0 or 2026.11.1; one leading v is taken off",
    });
  }
  for (const candidate of scheme === undefined ? (["semver", "calver", "numeric", "opaque"] as const) : [scheme]) {
    const sortKey = keys[candidate](bare);
    if (sortKey !== undefined) return { text: bare, scheme: candidate, sortKey };
  }
  throw new DistError("usage/invalid", `'${text.slice(0, 80)}' is not a ${scheme} version`);
}

/** Negative, zero or positive, as `sort` wants it. */
export function compareVersions(a: Version, b: Version): number {
  return a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : 0;
}
