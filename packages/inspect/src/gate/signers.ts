import type { ArtifactFacts, CertificateFacts, SignatureFacts } from "@distd/core";

/** Who made one signature, by every name rules and continuity know signers under. */
export interface GateSigner {
  /** The signer's own. */
  readonly certificate?: CertificateFacts;
  /** SHA-256 of the certificates that stand for it, each proved to have signed the one below. */
  readonly authorities: readonly string[];
  /** Apple's, of ten characters. */
  readonly team?: string;
  /** Of a signer without a certificate: as its family writes it. */
  readonly key?: string;
  readonly trusted: boolean;
  /** Android's API levels that look at this signature; absent elsewhere. */
  readonly levels?: readonly ApiLevels[];
  /** Android's proof of rotation, oldest key first. */
  readonly lineage: readonly AncestorKey[];
}

export interface ApiLevels {
  readonly from: number;
  /** Infinity: all that will come. */
  readonly to: number;
}

export interface AncestorKey {
  readonly sha256: string;
  /** What it may still do: `installed-data`, `rollback` … */
  readonly capabilities: readonly string[];
}

/** Of signatures that hold and that a system takes for the artifact's own; where nothing was computed, of those that claim to. */
export function signersOf({ signing, details }: ArtifactFacts): readonly GateSigner[] {
  const { signatures, certificates } = signing;
  if (signatures) {
    const signers = signatures.filter(({ intact, signer }) => intact === true && signer).map(verifiedSigner);
    const seen = signers.filter(({ levels }) => levels !== undefined);
    // No phone takes a source stamp, or who made a `.idsig`, for who the app is by.
    return seen.length === 0 ? signers : seen;
  }
  const lineage = ancestors(details["lineage"]);
  return certificates.map((certificate) => ({ certificate, authorities: [], trusted: false, lineage }));
}

function verifiedSigner({ signer, trusted, details = {} }: SignatureFacts): GateSigner {
  const [certificate, ...above] = signer?.certificates ?? [];
  const { teamId, apiLevels, lineage } = details;
  return {
    ...(certificate && { certificate }),
    authorities: above.map(({ sha256 }) => sha256),
    ...(typeof teamId === "string" && { team: teamId }),
    ...(signer?.keyId !== undefined && { key: signer.keyId }),
    trusted: trusted === true,
    ...(Array.isArray(apiLevels) && { levels: apiLevels.map((text) => parseLevels(String(text))) }),
    lineage: ancestors(lineage),
  };
}

/** `24-27`, `30`, `33+`. */
function parseLevels(text: string): ApiLevels {
  const [from = "", to = from] = text.split("-");
  return text.endsWith("+") ? { from: Number.parseInt(text, 10), to: Infinity } : { from: Number(from), to: Number(to) };
}

/** Of a lineage that was only read, no key has lost anything. */
function ancestors(lineage: unknown): AncestorKey[] {
  if (!Array.isArray(lineage)) return [];
  return lineage.flatMap((entry: unknown) => {
    const { sha256, capabilities } = entry as { readonly sha256?: unknown; readonly capabilities?: readonly string[] };
    return typeof sha256 === "string" ? [{ sha256, capabilities: capabilities ?? ["installed-data"] }] : [];
  });
}

/** For people: `CN=Acme (2523df65…)`, whole digests, each signer once. */
export function renderSigners(signers: readonly GateSigner[]): string {
  return [...new Set(signers.map(renderSigner))].join("; ") || "nobody";
}

function renderSigner({ certificate, key }: GateSigner): string {
  return certificate ? `${certificate.subject} (sha256:${certificate.sha256})` : `the key ${key ?? "of somebody"}`;
}
