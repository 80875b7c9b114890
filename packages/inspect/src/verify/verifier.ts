import type { ByteSource } from "@distd/core";
import type { Verdict } from "./verdict.ts";
import type { WholeFile } from "./whole-file.ts";

/**
 * One way of signing artifacts inside them, of one or more formats: bytes in, a verdict out.
 *
 * `verify` MUST compute: a claim that was only read is not a verdict. It MUST NOT throw for anything in the bytes; what cannot be read is
 * `signing/malformed`. It MUST stream what is large, hash each byte once however many signatures cover it, and hold less than 64 MiB. It MUST
 * take the time from the context and MUST NOT touch clock, disk or network. A missing key, certificate or root is "not trusted" with
 * the reason, never a pass.
 */
export interface Verifier {
  /** Also the name of its folder and of its page in docs/signatures. */
  readonly id: string;
  /** Ids of the artifact formats it knows. */
  readonly formats: readonly string[];
  verify(source: ByteSource, context: VerifyContext): Promise<Verdict>;
}

/**
 * One way of signing artifacts from beside them, in files of their own. In two steps, so that the artifact is read once for all of them. What
 * goes for a `Verifier` goes for it too.
 */
export interface BesideVerifier {
  readonly id: string;
  readonly formats: readonly string[];
  /** Reads what lies beside, and begins the hashes of the artifact that it needs. */
  begin(context: VerifyContext, whole: WholeFile): Promise<Judge>;
}

/** Called when every byte of the artifact is in the hashes. */
export type Judge = () => Verdict | Promise<Verdict>;

export type AnyVerifier = Verifier | BesideVerifier;

export interface VerifyContext {
  /** The format's id, as inspection found it. */
  readonly format: string;
  readonly fileName: string;
  readonly now: Date;
  readonly trust: Trust;
  /** Files that lie beside it and belong to it, by name: `app.apk.idsig`, `SHA256SUMS.asc`. */
  readonly beside: ReadonlyMap<string, ByteSource>;
}

/** Who is trusted, beside what is pinned in the product. */
export interface Trust {
  /** Certificates in DER that somebody vouches for: signers, or roots of signers. */
  readonly certificates: readonly Uint8Array[];
  /** SHA-256 of signers' own certificates, hexadecimal, that somebody vouches for. */
  readonly signers?: ReadonlySet<string>;
  /** Public keys as their families write them: OpenPGP armour, minisign lines, PEM. */
  readonly keys: readonly string[];
  /** SHA-256 of certificates, hexadecimal, that are trusted no more. */
  readonly revoked: ReadonlySet<string>;
}

export const NO_TRUST: Trust = { certificates: [], keys: [], revoked: new Set() };
