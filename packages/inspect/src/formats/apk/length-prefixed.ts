// How the APK Signing Block, and what signers put into it, nest: little endian, each value after its length in 32 bits.
import { ByteReader } from "@distd/core";
import { broken } from "../../broken.ts";

const MAX_ITEMS = 10_000;

export function littleEndian(bytes: Uint8Array): ByteReader {
  return new ByteReader(bytes, { littleEndian: true });
}

export function lengthPrefixed(reader: ByteReader): Uint8Array {
  return reader.take(reader.u32());
}

/** The values of a list that fills `list`. */
export function items(list: Uint8Array): readonly Uint8Array[] {
  const reader = littleEndian(list);
  const found: Uint8Array[] = [];
  while (reader.left > 0) {
    if (found.length === MAX_ITEMS) throw broken(`the signing block has a list of more than ${MAX_ITEMS} values`);
    found.push(lengthPrefixed(reader));
  }
  return found;
}
