import { ByteReader } from "@distd/core";
import { LzWindow } from "./lz-window.ts";

/**
 * Apple Data Compression, of old disk images. The first byte of each step says what follows: 1xxxxxxx literals, 01xxxxxx a copy with two
 * bytes of distance, 00xxxxdd a copy with one. Apple published no description; followed is what 7-Zip and dmg2img agree on.
 */
export function decodeAdc(data: Uint8Array, maxBytes: number): Uint8Array {
  const reader = new ByteReader(data, { littleEndian: false });
  const window = new LzWindow(maxBytes, "adc");
  while (reader.left > 0) {
    const step = reader.u8();
    if (step >= 0x80) window.literals(reader.take((step & 0x7f) + 1));
    else if (step >= 0x40) window.copy(reader.u16() + 1, (step & 0x3f) + 4);
    else window.copy(((step & 3) << 8) + reader.u8() + 1, (step >> 2) + 3);
  }
  return window.content();
}
