// The algorithms a signing block knows (source.android.com, "APK Signature Scheme v2", "Signature algorithm IDs"; AOSP's SignatureAlgorithm).
import type { SignatureAlgorithm } from "../public-key.ts";

/** How the APK's bytes are digested: in chunks of 1 MiB, or as the tree of 4 KiB blocks that fs-verity makes. */
export type ContentDigest = "chunked-sha256" | "chunked-sha512" | "verity-sha256";

export interface BlockAlgorithm {
  readonly id: number;
  readonly signature: SignatureAlgorithm;
  readonly content: ContentDigest;
  /** API level from which it is known in a signing block. */
  readonly minSdk: number;
  /** API level from which phones can compute the signature itself. */
  readonly arithmeticMinSdk: number;
}

const N = 24;
const P = 28;
const M = 23;
const HONEYCOMB = 11;

const ALGORITHMS: readonly BlockAlgorithm[] = [
  {
    id: 0x0101,
    signature: { family: "rsa-pss", hash: "sha256", saltLength: 32 },
    content: "chunked-sha256",
    minSdk: N,
    arithmeticMinSdk: M,
  },
  {
    id: 0x0102,
    signature: { family: "rsa-pss", hash: "sha512", saltLength: 64 },
    content: "chunked-sha512",
    minSdk: N,
    arithmeticMinSdk: M,
  },
  { id: 0x0103, signature: { family: "rsa", hash: "sha256" }, content: "chunked-sha256", minSdk: N, arithmeticMinSdk: 1 },
  { id: 0x0104, signature: { family: "rsa", hash: "sha512" }, content: "chunked-sha512", minSdk: N, arithmeticMinSdk: 1 },
  { id: 0x0201, signature: { family: "ecdsa", hash: "sha256" }, content: "chunked-sha256", minSdk: N, arithmeticMinSdk: HONEYCOMB },
  { id: 0x0202, signature: { family: "ecdsa", hash: "sha512" }, content: "chunked-sha512", minSdk: N, arithmeticMinSdk: HONEYCOMB },
  { id: 0x0301, signature: { family: "dsa", hash: "sha256" }, content: "chunked-sha256", minSdk: N, arithmeticMinSdk: 1 },
  { id: 0x0421, signature: { family: "rsa", hash: "sha256" }, content: "verity-sha256", minSdk: P, arithmeticMinSdk: 1 },
  { id: 0x0423, signature: { family: "ecdsa", hash: "sha256" }, content: "verity-sha256", minSdk: P, arithmeticMinSdk: HONEYCOMB },
  { id: 0x0425, signature: { family: "dsa", hash: "sha256" }, content: "verity-sha256", minSdk: P, arithmeticMinSdk: 1 },
];

/** From the weakest: of several signatures a phone takes the one with the strongest digest. */
const STRENGTH: readonly ContentDigest[] = ["chunked-sha256", "verity-sha256", "chunked-sha512"];

export function blockAlgorithm(id: number): BlockAlgorithm | undefined {
  return ALGORITHMS.find((algorithm) => algorithm.id === id);
}

export interface BlockSignature {
  readonly algorithm: BlockAlgorithm;
  readonly bytes: Uint8Array;
}

/**
 * Those that at least one API level of the range looks at: a level takes the strongest of those it knows. Undefined when the lowest level knows
 * none of them.
 */
export function pickSignatures(
  signatures: readonly BlockSignature[],
  range: { readonly minSdk: number; readonly maxSdk: number },
  knownFrom: "minSdk" | "arithmeticMinSdk" = "minSdk",
): readonly BlockSignature[] | undefined {
  const best = new Map<number, BlockSignature>();
  for (const signature of signatures) {
    const from = signature.algorithm[knownFrom];
    if (from > range.maxSdk) continue;
    const other = best.get(from);
    if (!other || strength(signature) > strength(other)) best.set(from, signature);
  }
  if (best.size === 0 || range.minSdk < Math.min(...best.keys())) return undefined;
  return [...best.values()].sort((a, b) => a.algorithm.id - b.algorithm.id);
}

function strength({ algorithm }: BlockSignature): number {
  return STRENGTH.indexOf(algorithm.content);
}

/** `0x0103`. */
export function renderId(id: number): string {
  return `0x${id.toString(16).padStart(4, "0")}`;
}
