import { type ArtifactFacts, type CertificateFacts, STABLE } from "@distd/core";
import type { Check, GateContext, IdentityRules } from "../check.ts";

/** Of signatures that hold; where nothing was computed, of those that claim to. */
function certificatesOf({ signing: { signatures, certificates } }: ArtifactFacts): readonly CertificateFacts[] {
  if (!signatures) return certificates;
  const own = signatures.filter(({ intact }) => intact).flatMap(({ signer }) => signer?.certificates[0] ?? []);
  return [...new Map(own.map((certificate) => [certificate.sha256, certificate])).values()];
}

const signers = (facts: ArtifactFacts): string[] => certificatesOf(facts).map(({ sha256 }) => sha256);
const subjects = (facts: ArtifactFacts): string =>
  certificatesOf(facts)
    .map(({ subject, sha256 }) => `${subject} (${sha256.slice(0, 12)})`)
    .join("; ") || "nobody";

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

/** Formats whose users' systems look for a signature. */
const signedFormats = new Set(["apk", "ipa", "exe", "msi", "msix", "macapp", "dmg", "pkg"]);

/** One signature's signer, by every name a rule may know it under. */
interface NamedSigner {
  readonly certificate?: string;
  readonly subject?: string;
  readonly team?: string;
  readonly key?: string;
}

function namedSigners(facts: ArtifactFacts): readonly NamedSigner[] {
  const { signatures } = facts.signing;
  if (!signatures) return facts.signing.certificates.map(({ sha256, subject }) => ({ certificate: sha256, subject }));
  return signatures.flatMap(({ intact, signer, details }) => {
    if (!intact || !signer) return [];
    const [own] = signer.certificates;
    const team = details?.["team"];
    return [
      {
        ...(own && { certificate: own.sha256, subject: own.subject }),
        ...(signer.keyId !== undefined && { key: signer.keyId }),
        ...(typeof team === "string" && { team }),
      },
    ];
  });
}

function isNamed({ certificate, subject, team, key }: NamedSigner, rules: IdentityRules): boolean {
  const has = (list: readonly string[] | undefined, value: string | undefined): boolean =>
    value !== undefined && list?.includes(value) === true;
  return has(rules.signers, certificate) || has(rules.subjects, subject) || has(rules.teams, team) || has(rules.keys, key);
}

export const signerNotAllowed: Check = {
  id: "gate/signer-not-allowed",
  title: "The app's identity rules do not name this signer",
  fix: "add the certificate's SHA-256 to the app's rules, or sign with a key they name",
  about: "identity",
  severity: () => "error",
  find({ facts }, _live, { rules }) {
    if (!rules.signers && !rules.subjects && !rules.teams && !rules.keys) return undefined;
    const own = namedSigners(facts);
    // What nobody signs, such as notes and checksums, has nobody to be named.
    if (own.length === 0 ? !signedFormats.has(facts.format) : own.every((signer) => isNamed(signer, rules))) return undefined;
    return { message: `it is signed by ${subjects(facts)}, whom the app's rules do not name`, offered: subjects(facts) };
  },
};

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

/** The platform refuses it, or somebody changed it after it was signed. */
export const notIntact: Check = {
  id: "gate/not-intact",
  title: "Its signature does not hold",
  fix: "sign it as the last step of the build, and change nothing after",
  about: "identity",
  severity: () => "error",
  find({ facts: { signing } }) {
    if (signing.intact !== false) return undefined;
    const reasons = [
      ...(signing.problems ?? []),
      ...(signing.signatures ?? []).filter(({ intact }) => !intact).flatMap(({ problems }) => problems),
    ];
    return { message: `its signature does not hold: ${reasons[0]?.message ?? "it is not over these bytes"}`, offered: "not intact" };
  },
};
