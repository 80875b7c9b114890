import type { Check } from "../check.ts";

/** Devices take another identifier for another app: nobody would get the update. */
export const identifierChanged: Check = {
  id: "gate/identifier-changed",
  title: "The identifier is another one than what is live",
  fix: "publish to the app this identifier belongs to, or build with the identifier that is live",
  about: "identity",
  severity: () => "error",
  find({ facts }, live) {
    if (!facts.identifier || !live?.facts.identifier || facts.identifier === live.facts.identifier) return undefined;
    return {
      message: `its identifier is ${facts.identifier}, what is live is ${live.facts.identifier}`,
      live: live.facts.identifier,
      offered: facts.identifier,
    };
  },
};

export const identifierNotAllowed: Check = {
  id: "gate/identifier-not-allowed",
  title: "The app's identity rules do not name this identifier",
  fix: "add the identifier to the app's rules, or build with one they name",
  about: "identity",
  severity: () => "error",
  find({ facts }, _live, { rules }) {
    if (!rules.identifiers || !facts.identifier || rules.identifiers.includes(facts.identifier)) return undefined;
    return { message: `its identifier ${facts.identifier} is not among ${rules.identifiers.join(", ")}`, offered: facts.identifier };
  },
};

export const platformNotAllowed: Check = {
  id: "gate/platform-not-allowed",
  title: "The app's rules do not name this platform",
  fix: "add the platform to the app's rules",
  about: "identity",
  severity: () => "error",
  find({ facts }, _live, { rules }) {
    if (!rules.platforms || facts.platform === "any" || rules.platforms.includes(facts.platform)) return undefined;
    return { message: `it is for ${facts.platform}, the app for ${rules.platforms.join(", ")}`, offered: facts.platform };
  },
};
