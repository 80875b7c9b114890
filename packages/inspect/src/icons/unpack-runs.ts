import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";

const RUN = 0x80;

/** Apple's packing of icons: below 128 that many bytes and one more follow as they are; from 128 on one byte is repeated, three times or more. */
export function unpackRuns(packed: Uint8Array, length: number): Uint8Array {
  const reader = new ByteReader(packed, { littleEndian: false });
  const out = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const head = reader.u8();
    const count = head >= RUN ? head - RUN + 3 : head + 1;
    if (count > length - at) throw broken("the icon's pixels overrun it");
    if (head >= RUN) out.fill(reader.u8(), at, at + count);
    else out.set(reader.take(count), at);
    at += count;
  }
  return out;
}
