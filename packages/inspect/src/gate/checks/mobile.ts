import { type ArtifactFacts, STABLE } from "@distd/core";
import type { Check, GateContext } from "../check.ts";

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

export const debuggable: Check = {
  id: "gate/debuggable",
  title: "It is a debug or test build",
  fix: "publish the release build",
  about: "quality",
  severity: ({ channel }: GateContext) => (channel === STABLE ? "error" : "warning"),
  find({ facts }) {
    if (facts.details["testOnly"] === true) return { message: "it is marked testOnly: devices refuse it unless a developer installs it" };
    return facts.details["debuggable"] === true ? { message: "it is debuggable: anybody with the device can read its data" } : undefined;
  },
};

interface Provisioning {
  readonly expiresAt?: string;
  readonly devices?: readonly string[];
}

function provisioning(facts: ArtifactFacts): Provisioning | undefined {
  const profile = facts.details["provisioning"];
  return typeof profile === "object" && profile !== null ? profile : undefined;
}

/** An iOS app stops starting on the day its profile ends. */
export const profileExpired: Check = {
  id: "gate/profile-expired",
  title: "Its provisioning profile has expired or soon will",
  fix: "renew the profile and sign again",
  about: "quality",
  severity: () => "warning",
  find({ facts }, _live, { now }) {
    const end = provisioning(facts)?.expiresAt;
    if (end === undefined || Number.isNaN(Date.parse(end))) return undefined;
    const days = Math.floor((Date.parse(end) - now) / DAY_MS);
    if (days >= SOON_DAYS) return undefined;
    return {
      message:
        days < 0
          ? `its provisioning profile expired on ${end.slice(0, 10)}`
          : `its provisioning profile expires in ${days} days, on ${end.slice(0, 10)}`,
      offered: end,
    };
  },
};

export const devicesLost: Check = {
  id: "gate/devices-lost",
  title: "Devices that have what is live are missing from its profile",
  fix: "add the devices to the profile and sign again",
  about: "change",
  severity: () => "warning",
  find({ facts }, live) {
    const [before, now] = [live && provisioning(live.facts)?.devices, provisioning(facts)?.devices];
    if (!before || !now) return undefined;
    const lost = before.filter((device) => !now.includes(device));
    return lost.length === 0
      ? undefined
      : {
          message: `${lost.length} of the ${before.length} devices that have what is live are missing from its profile`,
          live: String(before.length),
          offered: String(now.length),
        };
  },
};
