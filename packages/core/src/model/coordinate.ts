import type { Target } from "./target.ts";
import type { Role } from "./words.ts";

/** The key of an artifact in its release: two artifacts with one coordinate are an error. */
export interface Coordinate extends Target {
  /** A format id, or `link` for an entry that is an address and no file. */
  readonly format: string;
  readonly role: Role;
}

/** One text per coordinate, also its order: `android/any/apk//install`. */
export function renderCoordinate(coordinate: Coordinate): string {
  const { platform, arch, format, variant, role } = coordinate;
  return `${platform}/${arch}/${format}/${variant}/${role}`;
}
