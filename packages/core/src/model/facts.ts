import type { Sha256 } from "../digest/sha256.ts";
import type { Architecture, Platform } from "./words.ts";

/**
 * What an artifact's bytes say about it: one record for every format. Unknown is absent, never guessed. `identifier` and `version` are
 * as the file writes them. Facts are derived from bytes and can be made again; they are never part of a release's identity.
 */
export interface ArtifactFacts {
  /** The format's id: the name of its folder in `packages/inspect/src/formats`. */
  readonly format: string;
  /** Raised whenever the same bytes would give other facts. */
  readonly factsVersion: number;
  readonly platform: Platform;
  /** Each once, in the order of ARCHITECTURES; `any` alone when nothing is specific to one. */
  readonly architectures: readonly Architecture[];
  readonly identifier?: string;
  readonly version?: string;
  readonly build?: string;
  readonly name?: string;
  /** Lowest system version it installs on, as the platform writes it: API level for Android, `15.0` for iOS. */
  readonly minOs?: string;
  readonly targetOs?: string;
  /** Path of the icon inside the artifact. Where icons have none it is made up: `.rsrc/icon/1` of a Windows program. */
  readonly icon?: string;
  readonly permissions?: readonly string[];
  readonly entitlements?: Readonly<Record<string, unknown>>;
  readonly signing: SigningFacts;
  /** What keeps devices from installing or trusting it, in sentences for people. */
  readonly problems: readonly ArtifactProblem[];
  /** What only this format has. JSON values only. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface ArtifactProblem {
  /** `area/reason`, stable. */
  readonly code: string;
  readonly message: string;
}

export interface SigningFacts {
  /** `unsigned`: nothing claims a signature. `unverified`: signatures were read, not judged. `verified`: they were computed, whatever came out. */
  readonly state: "unsigned" | "unverified" | "verified";
  /** The bytes are those that were signed. Absent where nothing is signed, or nothing was computed. */
  readonly intact?: boolean;
  /** Who signed is whom a pinned root or a given key stands for. Absent like `intact`. */
  readonly trusted?: boolean;
  /** Android: v1, v2, v3, v3.1, v4. Apple: codesign. Others as docs/formats says: authenticode, header-rsa, debsigs, jar … */
  readonly schemes: readonly string[];
  /** The signers' own (leaf) certificates, each once. */
  readonly certificates: readonly CertificateFacts[];
  /** What was found out about each signature. */
  readonly signatures?: readonly SignatureFacts[];
  /** Why it is not intact or not trusted, and what is weak; of the artifact as a whole. */
  readonly problems?: readonly SigningProblem[];
}

/** One signature, verified. */
export interface SignatureFacts {
  /** As `schemes` has it. */
  readonly scheme: string;
  /** Absent, as `trusted` is: nothing could be computed, since the key was not given. */
  readonly intact?: boolean;
  readonly trusted?: boolean;
  readonly signer?: SignerFacts;
  /** How it was made: `rsa-sha256`, `ecdsa-p256-sha256`, `ed25519`. */
  readonly algorithm?: string;
  /** When, as far as a timestamp that was verified says so; ISO 8601 UTC. */
  readonly signedAt?: string;
  /** Who says when: the timestamp's signer. */
  readonly timestampedBy?: string;
  readonly problems: readonly SigningProblem[];
  /** What only this scheme has. JSON values only. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface SignerFacts {
  readonly name: string;
  /** The signer's own certificate first, then those that stand for it, as far as they are enclosed or pinned. */
  readonly certificates: readonly CertificateFacts[];
  /** Of a key without a certificate: as its family writes it. */
  readonly keyId?: string;
  /** Bits of the key, or the curve: `rsa-2048`, `ecdsa-p256`, `ed25519`. */
  readonly key?: string;
  /** ISO 8601 UTC; absent: without end. */
  readonly validUntil?: string;
}

export interface SigningProblem {
  /** `signing/reason`, stable. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
  /** The part of the artifact it is about: a path, a scheme. */
  readonly where?: string;
}

export interface CertificateFacts {
  /** Of the DER bytes. */
  readonly sha256: Sha256;
  /** RFC 4514 form, most specific attribute first. */
  readonly subject: string;
  /** ISO 8601 UTC. */
  readonly notAfter?: string;
}
