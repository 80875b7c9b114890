import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";

/** One LZ4 block (lz4_Block_format.md): literals, then a copy of what came before, again and again; the last has literals only. */
export function decodeLz4Block(data: Uint8Array, maxBytes: number): Uint8Array {
  const reader = new ByteReader(data, { littleEndian: true });
  const output = new Uint8Array(maxBytes);
  let length = 0;
  const reserve = (bytes: number): void => {
    if (bytes > maxBytes - length) throw broken(`lz4: a block of more than ${maxBytes} bytes`);
  };
  while (reader.left > 0) {
    const token = reader.u8();
    const literals = readLength(reader, token >> 4);
    reserve(literals);
    output.set(reader.take(literals), length);
    length += literals;
    if (reader.left === 0) break;
    const distance = reader.u16();
    const copied = readLength(reader, token & 15) + 4;
    if (distance === 0 || distance > length) throw broken("lz4: a copy from before the beginning");
    reserve(copied);
    // Byte by byte: the copy may overlap itself.
    for (let index = 0; index < copied; index += 1, length += 1) output[length] = output[length - distance] as number;
  }
  return output.subarray(0, length);
}

function readLength(reader: ByteReader, nibble: number): number {
  let length = nibble;
  for (let byte = nibble === 15 ? 255 : 0; byte === 255; length += byte) byte = reader.u8();
  return length;
}
