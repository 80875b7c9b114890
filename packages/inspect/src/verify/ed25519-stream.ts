// Ed25519 (RFC 8032 §5.1.7) over files of any size. `node:crypto` wants all bytes at once; what it does with them is one SHA-512 over the
// signature's first half, the key and the message, which can be fed piece by piece. The arithmetic is @noble/ed25519's.
import { Point } from "@noble/ed25519";
import { digestOf, type WholeFile } from "./whole-file.ts";

const POINT_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** The order of the base point. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Which of the keys (32 bytes each) made the signature (64 bytes) over the whole file, once it is read; undefined: none did. */
export function findEd25519Signer<Key extends { readonly point: Uint8Array }>(
  whole: WholeFile,
  keys: readonly Key[],
  signature: Uint8Array,
): () => Key | undefined {
  if (signature.length !== SIGNATURE_BYTES) return () => undefined;
  const begun = keys.map((key) => ({ key, hash: whole.hashBehind("sha512", signature.subarray(0, POINT_BYTES), key.point) }));
  return () => begun.find(({ key, hash }) => holds(key.point, signature, digestOf(hash)))?.key;
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
