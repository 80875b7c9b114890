import { type ArtifactFacts, STABLE } from "@distd/core";
import type { Check, GateContext } from "../check.ts";

const signers = (facts: ArtifactFacts): string[] => facts.signing.certificates.map(({ sha256 }) => sha256);
const subjects = (facts: ArtifactFacts): string =>
  facts.signing.certificates.map(({ subject, sha256 }) => `${subject} (${sha256.slice(0, 12)})`).join("; ") || "nobody";

/** A certificate that was rotated properly names its predecessor: Android's proof of rotation. */
function lineage(facts: ArtifactFacts): string[] {
  const entries = facts.details["lineage"];
  return Array.isArray(entries)
    ? entries.flatMap((entry: unknown) => (entry as { sha256?: unknown }).sha256 ?? []).filter((digest) => typeof digest === "string")
    : [];
}

/** Android refuses the update, other systems ask their users; a stolen channel looks like this too. */
export const signerChanged: Check = {
  id: "gate/signer-changed",
  title: "Somebody else signed it than what is live",
  fix: "sign with the key that signed what is live; on Android rotate keys with a lineage",
  about: "identity",
  severity: () => "error",
  find({ facts }, live) {
    if (!live || signers(live.facts).length === 0 || signers(facts).length === 0) return undefined;
    const known = new Set([...signers(facts), ...lineage(facts)]);
    if (signers(live.facts).some((digest) => known.has(digest))) return undefined;
    return {
      message: `it is signed by ${subjects(facts)}, what is live by ${subjects(live.facts)}`,
      live: subjects(live.facts),
      offered: subjects(facts),
    };
  },
};

export const signerNotAllowed: Check = {
  id: "gate/signer-not-allowed",
  title: "The app's identity rules do not name this signer",
  fix: "add the certificate's SHA-256 to the app's rules, or sign with a key they name",
  about: "identity",
  severity: () => "error",
  find({ facts }, _live, { rules }) {
    const own = signers(facts);
    if (!rules.signers || own.every((digest) => rules.signers?.includes(digest))) return undefined;
    return { message: `it is signed by ${subjects(facts)}, whom the app's rules do not name`, offered: subjects(facts) };
  },
};

/** Formats whose users' systems look for a signature. */
const signedFormats = new Set(["apk", "ipa", "exe", "msi", "msix", "macapp", "dmg", "pkg"]);

export const unsigned: Check = {
  id: "gate/unsigned",
  title: "Nobody signed it",
  fix: "sign it before publishing",
  about: "quality",
  severity: ({ channel }: GateContext) => (channel === STABLE ? "error" : "warning"),
  find({ facts }, live) {
    if (facts.signing.state !== "unsigned" || !signedFormats.has(facts.format)) return undefined;
    const wasSigned = live !== undefined && live.facts.signing.state !== "unsigned";
    return {
      message: wasSigned ? `it is unsigned, what is live is signed by ${subjects(live.facts)}` : "it is unsigned",
      offered: "unsigned",
      ...(wasSigned && { live: subjects(live.facts) }),
    };
  },
};
