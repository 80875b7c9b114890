// What a signature is over: the bytes, then the signature's own head (RFC 9580 §5.2.4).
import { createHash, type Hash } from "node:crypto";
import type { OpenPgpKey } from "./key-packet.ts";
import type { OpenPgpSignature } from "./signature-packet.ts";

/** `hash` has taken in the signed bytes, and stays as it is. */
export function finishDigest({ trailer }: OpenPgpSignature, hash: Hash): Uint8Array {
  return hash.copy().update(trailer).digest();
}

/** Whether the first bytes of the digest are those the signature says: when not, no key can have made it over these bytes. */
export function startsAsSaid({ digestStart }: OpenPgpSignature, digest: Uint8Array): boolean {
  return digest[0] === digestStart[0] && digest[1] === digestStart[1];
}

export function isSignedBy(key: OpenPgpKey, signature: OpenPgpSignature, digest: Uint8Array): boolean {
  return key.algorithms.includes(signature.algorithm) && key.signed(signature.hash, digest, signature.numbers);
}

/** Over bytes at hand: what binds the parts of a key together. */
export function isSignedOver(key: OpenPgpKey, signature: OpenPgpSignature, ...parts: readonly Uint8Array[]): boolean {
  const hash = createHash(signature.hash);
  for (const part of parts) hash.update(part);
  return isSignedBy(key, signature, finishDigest(signature, hash));
}
