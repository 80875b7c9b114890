import type { Coordinate } from "./coordinate.ts";
import { defaultRole } from "./default-role.ts";
import type { ArtifactFacts } from "./facts.ts";
import { type Architecture, parseArchitecture, type Platform, type Role } from "./words.ts";

/** What a manifest or request says about an artifact; what is absent is left to the bytes. */
export interface StatedCoordinate {
  readonly platform?: Platform | undefined;
  /** Any spelling `parseArchitecture` knows. */
  readonly arch?: string | undefined;
  readonly format?: string | undefined;
  readonly variant?: string | undefined;
  readonly role?: Role | undefined;
}

/** A stated word the bytes deny. */
export interface Contradiction {
  readonly field: "platform" | "arch" | "format";
  readonly stated: string;
  readonly found: string;
}

export interface SettledCoordinate {
  readonly coordinate: Coordinate;
  /** The first one; the coordinate is of use only without it. */
  readonly contradiction: Contradiction | undefined;
}

/** An artifact's coordinate: from its bytes, and from what is stated where they leave it open. */
export function settleCoordinate(facts: ArtifactFacts, stated: StatedCoordinate): SettledCoordinate {
  const found: Architecture = (facts.architectures.length === 1 && facts.architectures[0]) || "any";
  const arch = stated.arch === undefined ? found : parseArchitecture(stated.arch);
  const coordinate: Coordinate = {
    platform: facts.platform === "any" ? (stated.platform ?? "any") : facts.platform,
    arch: arch ?? found,
    format: facts.format,
    variant: stated.variant ?? "",
    role: stated.role ?? defaultRole(facts.format),
  };
  return { coordinate, contradiction: findContradiction(facts, stated, arch, found) };
}

function findContradiction(
  facts: ArtifactFacts,
  stated: StatedCoordinate,
  arch: Architecture | undefined,
  found: Architecture,
): Contradiction | undefined {
  if (stated.format !== undefined && stated.format !== facts.format) return { field: "format", stated: stated.format, found: facts.format };
  if (stated.platform !== undefined && facts.platform !== "any" && stated.platform !== facts.platform) {
    return { field: "platform", stated: stated.platform, found: facts.platform };
  }
  // No architectures means that the bytes do not say.
  const isOpen = facts.architectures.length === 0 || facts.architectures.includes("any");
  const isPossible = arch !== undefined && (isOpen || facts.architectures.includes(arch) || arch === found);
  return isPossible || stated.arch === undefined
    ? undefined
    : { field: "arch", stated: stated.arch, found: facts.architectures.join(", ") };
}
