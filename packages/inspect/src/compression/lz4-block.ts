import { ByteReader } from "@distd/core";
import { LzWindow } from "./lz-window.ts";

/** One LZ4 block (lz4_Block_format.md): literals, then a copy of what came before, again and again; the last has literals only. */
export function decodeLz4Block(data: Uint8Array, maxBytes: number): Uint8Array {
  const reader = new ByteReader(data, { littleEndian: true });
  const window = new LzWindow(maxBytes, "lz4");
  while (reader.left > 0) {
    const token = reader.u8();
    window.literals(reader.take(readLength(reader, token >> 4)));
    if (reader.left === 0) break;
    const distance = reader.u16();
    window.copy(distance, readLength(reader, token & 15) + 4);
  }
  return window.content();
}

function readLength(reader: ByteReader, nibble: number): number {
  let length = nibble;
  for (let byte = nibble === 15 ? 255 : 0; byte === 255; length += byte) byte = reader.u8();
  return length;
}
