import { DistError } from "../errors/dist-error.ts";

/**
 * Sort keys: text whose order by code units (SQLite BINARY, PostgreSQL COLLATE "C", `<` in JavaScript) is the order of the versions.
 * They are stored, so that a database sorts versions without knowing their scheme.
 */

/** A whole number of up to 99 digits: two digits for the length, then the digits without leading zeros. `usage/invalid` for a longer one. */
export function numberKey(digits: string): string {
  const bare = digits.replace(/^0+(?=\d)/, "");
  if (bare.length > 99) throw new DistError("usage/invalid", "a number in a version has more than 99 digits");
  return String(bare.length).padStart(2, "0") + bare;
}

/** Dotted numbers followed by an optional pre-release: `1.2.3`, `1.2.3-rc.1`, `2026.01.05`, `1.2.3.4`. Fewer than three count as zeros. */
export function dottedKey(numbers: readonly string[], preRelease: string | undefined): string {
  const padded = [...numbers, "0", "0"].slice(0, Math.max(3, numbers.length)).map(numberKey);
  // The mark of a release comes before each further number: 1.2.3-rc < 1.2.3 < 1.2.3.1-rc < 1.2.3.1.
  const extra = padded.slice(3).map((key) => `~.${key}`);
  return `${padded.slice(0, 3).join(".")}${extra.join("")}${preRelease === undefined ? "~" : preReleaseKey(preRelease)}`;
}

/** SemVer 2 §11: numeric identifiers before alphanumeric ones, fewer before more; any pre-release before its release (`-` < `~`). */
function preReleaseKey(preRelease: string): string {
  const identifiers = preRelease.split(".").map((part) => (/^\d+$/.test(part) ? `0${numberKey(part)}` : `1${part}`));
  return `-${identifiers.join(",")}!`;
}
