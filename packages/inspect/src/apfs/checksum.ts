const MODULUS = 0xffffffff;
const CHECKSUM_BYTES = 8;
/** So many words sum up without leaving the safe integers. */
const WORDS_AT_ONCE = 1024;

/** Fletcher's checksum over 32-bit words, which every object of APFS begins with: what its eight bytes have to be. */
export function checksumOf(object: Uint8Array): Uint8Array {
  const view = new DataView(object.buffer, object.byteOffset, object.byteLength);
  let [sum, sumOfSums] = [0, 0];
  for (let at = CHECKSUM_BYTES; at + 4 <= object.length; ) {
    for (const end = Math.min(object.length - 3, at + 4 * WORDS_AT_ONCE); at < end; at += 4) {
      sum += view.getUint32(at, true);
      sumOfSums += sum;
    }
    sum %= MODULUS;
    sumOfSums %= MODULUS;
  }
  const low = MODULUS - ((sum + sumOfSums) % MODULUS);
  const high = MODULUS - ((sum + low) % MODULUS);
  const checksum = new Uint8Array(CHECKSUM_BYTES);
  const result = new DataView(checksum.buffer);
  result.setUint32(0, low, true);
  result.setUint32(4, high, true);
  return checksum;
}

export function hasRightChecksum(object: Uint8Array): boolean {
  return checksumOf(object).every((byte, index) => byte === object[index]);
}
