import { DELIVERED_ROLES, type SigningFacts, STABLE } from "@distd/core";
import { namesKey } from "../../verify/key-ids.ts";
import type { Check, GateContext, IdentityRules } from "../check.ts";
import { findBreak } from "../continuity.ts";
import { type GateSigner, renderSigners, signersOf } from "../signers.ts";

/** Android refuses the update, other systems ask their users; a stolen channel looks like this too. */
export const signerChanged: Check = {
  id: "gate/signer-changed",
  title: "Somebody else signed it than what is live, or nobody",
  fix: "sign with the key that signed what is live; on Android rotate keys with a lineage",
  about: "identity",
  severity: () => "error",
  find({ facts }, live) {
    const { state, intact } = facts.signing;
    // Of what could not be verified, and of what does not hold, other checks tell.
    const isKnown = state !== "verified" || intact === true;
    const offered = signersOf(facts);
    if (!live || !isKnown || (state === "unverified" && offered.length === 0)) return undefined;
    const broken = findBreak(signersOf(live.facts), offered);
    if (!broken) return undefined;
    const where = broken.levels === undefined ? "" : ` on Android API level ${broken.levels}`;
    return {
      message: `it is signed by ${broken.offered}, what is live${where} by ${broken.live}`,
      live: broken.live,
      offered: broken.offered,
    };
  },
};

/** Formats whose users' systems look for a signature. */
const signedFormats = new Set(["apk", "ipa", "exe", "msi", "msix", "macapp", "dmg", "pkg"]);

/**
 * A key's signature beside it is for updaters, and a signature without a certificate is by anybody: systems ask for neither. One that does not hold
 * is another check's.
 */
function isSignedForSystems({ state, intact, signatures }: SigningFacts): boolean {
  if (!signatures) return state !== "unsigned";
  return intact === false || signatures.some(({ signer }) => signer !== undefined && signer.certificates.length > 0);
}

/** Formats that carry a key's signature, or have it in a file beside. */
const keySignedFormats = new Set(["appimage", "elf", "rpm", "tarball", "zip"]);

/** Anybody can write a subject or a team into a certificate of his own. */
function isNamed(signer: GateSigner, rules: IdentityRules): boolean {
  const { certificate, key, trusted } = signer;
  return (
    (certificate && rules.signers?.includes(certificate.sha256)) === true || isOwnKey(key, rules) || (trusted && hasName(signer, rules))
  );
}

function hasName({ certificate, team }: GateSigner, { subjects, teams }: IdentityRules): boolean {
  return (certificate && subjects?.includes(certificate.subject)) === true || (team !== undefined && teams?.includes(team) === true);
}

function isOwnKey(id: string | undefined, { keys = [] }: IdentityRules): boolean {
  return id !== undefined && keys.some((key) => key === id || namesKey(key, id));
}

function whyNotAllowed(own: readonly GateSigner[], rules: IdentityRules): string {
  if (own.length === 0) return "it carries no signature by whom the app's rules name";
  const [stranger] = own.filter((signer) => !isNamed(signer, rules));
  const claims = stranger && hasName(stranger, rules) ? "who has a name of the app's rules, but nobody trusted stands for it" : undefined;
  return `it is signed by ${renderSigners(own)}, ${claims ?? "whom the app's rules do not name"}`;
}

export const signerNotAllowed: Check = {
  id: "gate/signer-not-allowed",
  title: "The app's identity rules do not name this signer",
  fix: "add the certificate or the key to the app's rules, or sign with one they name",
  isFixed: true,
  about: "identity",
  severity: () => "error",
  find({ facts, role = "install" }, _live, { rules }) {
    const { signers, subjects, teams, keys } = rules;
    if (!signers && !subjects && !teams && !keys) return undefined;
    const own = signersOf(facts);
    const mustBeSigned = signedFormats.has(facts.format) || (keys && DELIVERED_ROLES.has(role) && keySignedFormats.has(facts.format));
    // What nobody signs, such as notes and checksums, has nobody to be named.
    if (own.length === 0 ? !mustBeSigned : own.every((signer) => isNamed(signer, rules))) return undefined;
    return { message: whyNotAllowed(own, rules), offered: renderSigners(own) };
  },
};

export const signerRevoked: Check = {
  id: "gate/signer-revoked",
  title: "The app's rules say that this signer counts no more",
  fix: "sign with a certificate that is not revoked",
  isFixed: true,
  about: "identity",
  severity: () => "error",
  find({ facts }, _live, { rules: { revoked = [] } }) {
    const found = signersOf(facts).find(({ certificate, authorities }) =>
      [certificate?.sha256 ?? "", ...authorities].some((digest) => revoked.includes(digest)),
    );
    return found && { message: `it is signed by ${renderSigners([found])}, which the app's rules revoke`, offered: renderSigners([found]) };
  },
};

export const unsigned: Check = {
  id: "gate/unsigned",
  title: "Nobody signed it",
  fix: "sign it before publishing",
  about: "quality",
  severity: ({ channel }: GateContext) => (channel === STABLE ? "error" : "warning"),
  find({ facts }, live) {
    if (!signedFormats.has(facts.format) || isSignedForSystems(facts.signing)) return undefined;
    const wasSigned = live !== undefined && isSignedForSystems(live.facts.signing);
    return {
      message: wasSigned ? `it is unsigned, what is live is signed by ${renderSigners(signersOf(live.facts))}` : "it is unsigned",
      offered: "unsigned",
      ...(wasSigned && { live: renderSigners(signersOf(live.facts)) }),
    };
  },
};

/** Formats to which Apple's ticket can be stapled. */
const notarizedFormats = new Set(["macapp", "dmg", "pkg"]);

/** macOS opens what Apple has not seen only after a detour through its settings. */
export const notNotarized: Check = {
  id: "gate/not-notarized",
  title: "It is for macOS and carries no notarization ticket",
  fix: "submit it to Apple's notary service ('rcodesign notary-submit --staple', 'xcrun notarytool') and staple the ticket",
  about: "quality",
  severity: ({ channel }: GateContext) => (channel === STABLE ? "error" : "warning"),
  find({ facts: { format, platform, signing } }) {
    if (!notarizedFormats.has(format) || platform !== "macos" || !isSignedForSystems(signing)) return undefined;
    if (signing.signatures?.some(({ details }) => details?.["notarized"] === true) === true) return undefined;
    return { message: "it carries no notarization ticket that is for it", offered: "not notarized" };
  },
};

/** The platform refuses it, or somebody changed it after it was signed. */
export const notIntact: Check = {
  id: "gate/not-intact",
  title: "Its signature does not hold",
  fix: "sign it as the last step of the build, and change nothing after",
  isFixed: true,
  about: "identity",
  severity: () => "error",
  find({ facts: { signing } }) {
    if (signing.intact !== false) return undefined;
    const reasons = [
      ...(signing.problems ?? []),
      ...(signing.signatures ?? []).filter(({ intact }) => intact === false).flatMap(({ problems }) => problems),
    ];
    return { message: `its signature does not hold: ${reasons[0]?.message ?? "it is not over these bytes"}`, offered: "not intact" };
  },
};
