import type { CertificateFacts } from "@distd/core";
import type { HashName, SignatureAlgorithm } from "../public-key.ts";
import type { X509 } from "../x509/certificate.ts";
import type { SdkRange } from "./block-signer.ts";
import type { Issue } from "./issues.ts";
import type { Lineage } from "./lineage.ts";
import type { ContentDigest } from "./signature-algorithms.ts";

export type Scheme = "v1" | "v2" | "v3" | "v3.1" | "v4";

/** What one scheme of one file came to, for a range of API levels. */
export interface SchemeResult {
  readonly scheme: Scheme;
  /** Nothing refuses it. */
  readonly holds: boolean;
  readonly signers: readonly SchemeSigner[];
  /** Of the scheme as a whole. */
  readonly errors: readonly Issue[];
  readonly remarks: readonly Issue[];
  /** Of v1's manifest: what a source stamp is over. */
  readonly manifestSha256?: Uint8Array;
  /** The keys before, of v3 and v3.1. */
  readonly lineage?: Lineage;
}

export interface SchemeSigner {
  /** Proven to be the signer's: the first made the signature, each other one the certificate before it. Empty: nothing is proven. */
  readonly certificates: readonly X509[];
  readonly algorithm?: SignatureAlgorithm;
  readonly errors: readonly Issue[];
  readonly remarks: readonly Issue[];
  /** Of v3: the API levels it is for. */
  readonly range?: SdkRange;
  /** What it says of the file's contents. */
  readonly contents?: ReadonlyMap<ContentDigest, Uint8Array>;
  /** Of v1: what the entries and the manifest are hashed with. */
  readonly digests?: readonly HashName[];
  /** What only this scheme has. JSON values only. */
  readonly details: Readonly<Record<string, unknown>>;
}

export function allErrors({ errors, signers }: SchemeResult): readonly Issue[] {
  return [...errors, ...signers.flatMap((signer) => signer.errors)];
}

/** The signer's certificate, where it is proven. */
export function ownCertificate({ certificates }: SchemeSigner): X509 | undefined {
  return certificates[0];
}

export function keyFacts({ facts }: X509): Pick<CertificateFacts, "sha256" | "subject"> {
  return { sha256: facts.sha256, subject: facts.subject };
}
