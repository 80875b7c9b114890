import { compareVersions, parseVersion } from "@distd/core";
import type { Check } from "../check.ts";

/** Devices below it keep the old release for good. */
export const minimumOsRaised: Check = {
  id: "gate/minimum-os-raised",
  title: "It needs a newer system than what is live",
  fix: "lower the minimum system version, or accept that older devices stay where they are",
  about: "change",
  severity: () => "warning",
  find({ facts }, live) {
    const [offered, before] = [facts.minOs, live?.facts.minOs];
    if (offered === undefined || before === undefined || !isAbove(offered, before)) return undefined;
    return { message: `it needs ${facts.platform} ${offered}, what is live ${before}`, live: before, offered };
  },
};

function isAbove(a: string, b: string): boolean {
  try {
    return compareVersions(parseVersion(a, "numeric"), parseVersion(b, "numeric")) > 0;
  } catch {
    return false;
  }
}

export const architectureLost: Check = {
  id: "gate/architecture-lost",
  title: "An architecture that is live is missing",
  fix: "build for all architectures that are live, or publish them as further artifacts",
  about: "change",
  severity: () => "warning",
  find({ facts }, live) {
    // No architectures means that the bytes do not say.
    if (!live || facts.architectures.length === 0 || facts.architectures.includes("any")) return undefined;
    const lost = live.facts.architectures.filter((architecture) => architecture !== "any" && !facts.architectures.includes(architecture));
    if (lost.length === 0) return undefined;
    return {
      message: `it lacks ${lost.join(", ")}, which what is live has`,
      live: live.facts.architectures.join(", "),
      offered: facts.architectures.join(", "),
    };
  },
};

/** The highest GLIBC_ version symbol a program needs. */
export const libcFloorRaised: Check = {
  id: "gate/libc-floor-raised",
  title: "It needs a newer C library than what is live",
  fix: "build on an older distribution",
  about: "change",
  severity: () => "warning",
  find({ facts }, live) {
    const [offered, before] = [facts.details["glibcFloor"], live?.facts.details["glibcFloor"]];
    if (typeof offered !== "string" || typeof before !== "string" || !isAbove(offered, before)) return undefined;
    return { message: `it needs glibc ${offered}, what is live ${before}`, live: before, offered };
  },
};

/** People are asked for what is new, or not asked at all. */
export const permissionsAdded: Check = {
  id: "gate/permissions-added",
  title: "It asks for permissions or entitlements that what is live does not have",
  fix: "say so in the notes, or leave them out",
  about: "change",
  severity: () => "warning",
  find({ facts }, live) {
    if (!live) return undefined;
    const asked = (of: typeof facts): string[] => [...(of.permissions ?? []), ...Object.keys(of.entitlements ?? {})];
    const before = new Set(asked(live.facts));
    const added = asked(facts).filter((permission) => !before.has(permission));
    return added.length === 0
      ? undefined
      : { message: `it asks for ${added.join(", ")}, which what is live does not`, offered: added.join(", ") };
  },
};
