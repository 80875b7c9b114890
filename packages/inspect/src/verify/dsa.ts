import { leftmostBits, power } from "./big-numbers.ts";

export interface DsaKey {
  readonly p: bigint;
  readonly q: bigint;
  readonly g: bigint;
  readonly y: bigint;
}

/** Whether (r, s) is the key's signature over a digest (FIPS 186-4, 4.7). */
export function isDsaSignature({ p, q, g, y }: DsaKey, digest: Uint8Array, r: bigint, s: bigint): boolean {
  if (r <= 0n || r >= q || s <= 0n || s >= q || p <= 2n) return false;
  const w = power(s, q - 2n, q);
  return ((power(g, (leftmostBits(digest, q) * w) % q, p) * power(y, (r * w) % q, p)) % p) % q === r;
}
