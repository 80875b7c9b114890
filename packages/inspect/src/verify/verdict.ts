import type { CertificateFacts } from "@distd/core";

/**
 * What was found out about who signed an artifact, by computing. Two answers, never one: `intact` (the bytes are those that were signed) and
 * `trusted` (who signed is whom a pinned root or key stands for). Both are absent where nothing is signed.
 */
export interface Verdict {
  readonly intact?: boolean;
  readonly trusted?: boolean;
  /** Every signature there is, also those that do not hold. */
  readonly signatures: readonly SignatureVerdict[];
  /** Why not, and what is weak; of the artifact as a whole. */
  readonly problems: readonly VerdictProblem[];
}

export interface SignatureVerdict {
  /** As facts name it: v1, v2, v3, v3.1, v4, codesign, authenticode, openpgp … */
  readonly scheme: string;
  /** Absent, as `trusted` is: nothing could be computed, since the key was not given. */
  readonly intact?: boolean;
  readonly trusted?: boolean;
  readonly signer?: Signer;
  /** How it was made: `rsa-sha256`, `ecdsa-p256-sha256`, `ed25519`. */
  readonly algorithm?: string;
  /** When, as far as a timestamp that was verified says so; ISO 8601 UTC. */
  readonly signedAt?: string;
  /** Who says when: the timestamp's signer. */
  readonly timestampedBy?: string;
  readonly problems: readonly VerdictProblem[];
  /** What only this scheme has. JSON values only. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Signer {
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

export interface VerdictProblem {
  /** `signing/reason`, stable; one of those in problems.ts. */
  readonly code: VerdictCode;
  /** A sentence for people. */
  readonly message: string;
  /** The part of the artifact it is about: a path, a scheme. */
  readonly where?: string;
}

/** Every reason there is. `fatal` ones make a signature not intact, `distrust` ones not trusted; `weak` ones are said and change neither. */
export const VERDICT_CODES = {
  /** The bytes are not those that were signed. */
  "signing/digest-mismatch": "fatal",
  /** The signature is not that of the key over what it claims to sign. */
  "signing/signature-mismatch": "fatal",
  /** Nothing of the signature can be read. */
  "signing/malformed": "fatal",
  /** Something was put in that no signature covers. */
  "signing/uncovered": "fatal",
  /** A stronger signature that must be there is not. */
  "signing/stripped": "fatal",
  /** Two parts of the artifact say different things of who signed. */
  "signing/contradiction": "fatal",
  /** An algorithm or a form that is not known here: nothing is claimed. */
  "signing/unsupported": "fatal",
  /** What was signed is not here: it lies in another file, which was not given. */
  "signing/subject-missing": "fatal",
  /** No pinned root or key stands for the signer. */
  "signing/unknown-signer": "distrust",
  "signing/chain-incomplete": "distrust",
  "signing/expired": "distrust",
  "signing/not-yet-valid": "distrust",
  "signing/revoked": "distrust",
  /** The certificate is for something else than this. */
  "signing/wrong-purpose": "distrust",
  /** What has to allow it, such as a provisioning profile, does not: devices refuse it. */
  "signing/not-permitted": "distrust",
  /** The timestamp is not over this signature, or not its signer's: platforms refuse the whole. */
  "signing/timestamp-mismatch": "distrust",
  /** No public log stands for it, or what it says is not of this signature. */
  "signing/log-mismatch": "distrust",
  /** Anybody can have made it: ad hoc, test keys that everybody has. */
  "signing/nobody": "distrust",
  /** Broken or too short for what is signed today. */
  "signing/weak-algorithm": "weak",
  "signing/weak-key": "weak",
  /** No timestamp: it ends with its certificate. */
  "signing/no-timestamp": "weak",
  /** Nobody vouches for who made the timestamp: its time is not believed. */
  "signing/timestamp-untrusted": "weak",
  /** What the platform asks of software for everybody, and this has not. */
  "signing/not-notarized": "weak",
  "signing/not-hardened": "weak",
  /** A signature, or a part of one, that nothing asks for or that is not known; it was passed over and says nothing. */
  "signing/ignored": "weak",
  /** The kind of signature leaves a part out, and that part may be changed. */
  "signing/partial": "weak",
  /** Not all systems that the artifact says it is for accept it. */
  "signing/not-everywhere": "weak",
} as const;
export type VerdictCode = keyof typeof VERDICT_CODES;

/** Nothing is signed. */
export const UNSIGNED: Verdict = { signatures: [], problems: [] };

/** Of several signatures: intact when all are of which something could be computed, trusted when one of them is. */
export function joinSignatures(signatures: readonly SignatureVerdict[], problems: readonly VerdictProblem[] = []): Verdict {
  if (signatures.length === 0 && problems.length === 0) return UNSIGNED;
  const intact =
    signatures.some(({ intact: holds }) => holds) &&
    signatures.every(({ intact: holds }) => holds !== false) &&
    !problems.some(({ code }) => VERDICT_CODES[code] === "fatal");
  const distrusted = problems.some(({ code }) => VERDICT_CODES[code] === "distrust");
  return { intact, trusted: intact && !distrusted && signatures.some((one) => one.trusted === true), signatures, problems };
}
