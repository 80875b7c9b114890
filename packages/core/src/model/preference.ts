import type { Coordinate } from "./coordinate.ts";
import type { Architecture, Platform } from "./words.ts";

/** What a device or a person asks for; what is absent does not matter to them. */
export interface ArtifactRequest {
  readonly platform?: Platform;
  readonly arch?: Architecture;
  readonly format?: string;
  readonly variant?: string;
}

// What people install first comes first; a format not named here comes after all that are.
const formatOrder = [
  "apk",
  "ipa",
  "msix",
  "msi",
  "exe",
  "dmg",
  "pkg",
  "macapp",
  "deb",
  "rpm",
  "appimage",
  "zip",
  "tarball",
  "elf",
  "macho",
  "file",
  "link",
];
/** Formats that `dist install` puts in place by itself; all others are for the system's own installers. */
export const HOST_INSTALLED_FORMATS: ReadonlySet<string> = new Set(["tarball", "zip", "elf", "macho", "appimage"]);

const roleOrder = ["install", "portable", "update"];

/**
 * The one preference order, the same on pages and in resolvers: matching entries, best first. Exact architecture before `any`, the usual
 * variant before named ones, install before portable before update, then by format, then by coordinate.
 */
export function rankArtifacts<E extends Coordinate>(entries: readonly E[], request: ArtifactRequest): E[] {
  const matching = entries.filter(
    (entry) =>
      roleOrder.includes(entry.role) &&
      (request.platform === undefined || entry.platform === request.platform || entry.platform === "any") &&
      (request.arch === undefined || entry.arch === request.arch || entry.arch === "any") &&
      (request.format === undefined || entry.format === request.format) &&
      (request.variant === undefined || entry.variant === request.variant),
  );
  return matching.sort((a, b) => compare(rank(a, request), rank(b, request)));
}

function rank(entry: Coordinate, request: ArtifactRequest): (number | string)[] {
  const format = formatOrder.indexOf(entry.format);
  return [
    entry.platform === request.platform ? 0 : 1,
    request.arch === undefined ? (entry.arch === "any" ? 0 : 1) : entry.arch === request.arch ? 0 : 1,
    entry.variant === "" ? 0 : 1,
    roleOrder.indexOf(entry.role),
    format === -1 ? formatOrder.length : format,
    `${entry.platform}/${entry.arch}/${entry.variant}/${entry.format}`,
  ];
}

function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right !== undefined && left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
