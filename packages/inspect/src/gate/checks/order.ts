import { type ArtifactFacts, compareVersions, parseVersion, type VersionScheme } from "@distd/core";
import type { Check, GateSubject } from "../check.ts";

const schemes: Readonly<Record<string, VersionScheme>> = { deb: "deb", rpm: "rpm", wheel: "pep440", sdist: "pep440", npm: "semver" };

/** What a device compares to decide whether something is an update: the build where the format has one, else the version. */
function orderOf(facts: ArtifactFacts): { readonly text: string; readonly what: "build" | "version" } | undefined {
  if (facts.build !== undefined) return { text: facts.build, what: "build" };
  return facts.version === undefined ? undefined : { text: facts.version, what: "version" };
}

/** Negative when the offered one is lower; undefined when the two cannot be compared. */
function compare(
  offered: GateSubject,
  live: GateSubject | undefined,
): { readonly sign: number; readonly what: string; readonly live: string; readonly offered: string } | undefined {
  const [own, other] = [orderOf(offered.facts), live && orderOf(live.facts)];
  if (!own || !other || own.what !== other.what || offered.facts.format !== live?.facts.format) return undefined;
  const scheme = own.what === "build" ? "numeric" : schemes[offered.facts.format];
  try {
    const versions = [parseVersion(own.text, scheme), parseVersion(other.text, scheme)] as const;
    if (versions.some((version) => version.scheme === "opaque")) return undefined;
    return { sign: compareVersions(...versions), what: own.what, live: other.text, offered: own.text };
  } catch {
    return undefined;
  }
}

/** Devices ignore it, or refuse it: Android by versionCode, iOS by CFBundleVersion, apt and dnf by version. */
export const lowerBuild: Check = {
  id: "gate/lower-build",
  title: "The build is lower than what is live",
  fix: "raise the build number; to go back to an older release use 'dist channel rollback' or 'dist channel promote'",
  about: "order",
  severity: () => "error",
  find(subject, live, { channel }) {
    const order = channel === undefined ? undefined : compare(subject, live);
    if (!order || order.sign >= 0) return undefined;
    return {
      message: `its ${order.what} is ${order.offered}, what is live on ${channel} is ${order.live}`,
      live: order.live,
      offered: order.offered,
    };
  },
};

export const equalBuild: Check = {
  id: "gate/equal-build",
  title: "The build is the same as what is live",
  fix: "raise the build number, or devices will not see an update",
  about: "order",
  severity: () => "warning",
  find(subject, live, { channel }) {
    const order = channel === undefined ? undefined : compare(subject, live);
    if (order?.sign !== 0) return undefined;
    return {
      message: `its ${order.what} ${order.offered} is live on ${channel} already: devices will not see an update`,
      live: order.live,
      offered: order.offered,
    };
  },
};
