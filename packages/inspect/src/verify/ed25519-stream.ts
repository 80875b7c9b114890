// Ed25519 (RFC 8032 §5.1.7) over files of any size. `node:crypto` wants all bytes at once; what it does with them is one SHA-512 over the
// signature's first half, the key and the message, which can be fed piece by piece. The arithmetic is @noble/ed25519's.
import { createHash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import { Point } from "@noble/ed25519";
import { updateHashes } from "./hash-pieces.ts";

const POINT_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** The order of the base point. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Which of the keys (32 bytes each) made the signature (64 bytes) over the whole file; undefined: none did. The file is read once. */
export async function findEd25519Signer<Key extends { readonly point: Uint8Array }>(
  source: ByteSource,
  keys: readonly Key[],
  signature: Uint8Array,
): Promise<Key | undefined> {
  if (signature.length !== SIGNATURE_BYTES) return undefined;
  const begun = keys.map(({ point }, index) => {
    const hash = createHash("sha512").update(signature.subarray(0, POINT_BYTES)).update(point);
    return [String(index), hash] as const;
  });
  await updateHashes(source, [{ offset: 0, bytes: source.size }], new Map(begun));
  return keys.find(({ point }, index) => holds(point, signature, begun[index]?.[1].digest() ?? new Uint8Array()));
}

/** `R = s·B - k·A`, as bytes, so that no second form of a signature is taken for it. */
function holds(point: Uint8Array, signature: Uint8Array, digest: Uint8Array): boolean {
  const s = littleEndian(signature.subarray(POINT_BYTES));
  if (s >= ORDER) return false;
  try {
    const key = Point.fromBytes(point);
    // A key of small order signs anything.
    if (key.isSmallOrder()) return false;
    const expected = Point.BASE.multiply(s, false).subtract(key.multiply(littleEndian(digest) % ORDER, false));
    return Buffer.compare(expected.toBytes(), signature.subarray(0, POINT_BYTES)) === 0;
  } catch {
    // Bytes that are no point.
    return false;
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}
