// Numbers larger than a machine word, as signatures are computed with.

export function numberOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

export function bitsOf(value: bigint): number {
  return value.toString(2).length;
}

/** The leftmost bits of a digest, as many as the order of a group has (FIPS 186-4, 4.6 and 6.4). */
export function leftmostBits(digest: Uint8Array, order: bigint): bigint {
  const excess = digest.length * 8 - bitsOf(order);
  return excess > 0 ? numberOf(digest) >> BigInt(excess) : numberOf(digest);
}

export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let factor = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * factor) % modulus;
    factor = (factor * factor) % modulus;
  }
  return result;
}
