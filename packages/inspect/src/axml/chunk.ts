import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";

/** Chunk types of Android's ResourceTypes.h that are read here. */
export const CHUNK = {
  stringPool: 0x0001,
  table: 0x0002,
  xml: 0x0003,
  startElement: 0x0102,
  endElement: 0x0103,
  resourceMap: 0x0180,
  package: 0x0200,
  type: 0x0201,
} as const;

const HEADER_BYTES = 8;

/** A length-prefixed block: header (type, header size, whole size), more header, body. */
export interface Chunk {
  readonly type: number;
  readonly headerSize: number;
  /** The whole chunk, header included. */
  readonly bytes: Uint8Array;
}

/** The chunk at `offset`, held to what Android's validate_chunk demands: a header that fits, sizes in fours, nothing beyond the end. */
export function parseChunk(bytes: Uint8Array, offset: number): Chunk {
  const reader = new ByteReader(bytes, { littleEndian: true }).seek(offset);
  const [type, headerSize, size] = [reader.u16(), reader.u16(), reader.u32()];
  if (headerSize < HEADER_BYTES || size < headerSize || size > bytes.length - offset)
    throw broken(`android resources: the chunk at ${offset} has impossible sizes`);
  if (((headerSize | size) & 3) !== 0) throw broken(`android resources: the chunk at ${offset} is not aligned`);
  return { type, headerSize, bytes: bytes.subarray(offset, offset + size) };
}

/** The chunks inside another one, after its header. Less than a header at the end is padding, as on a device. */
export function* childChunks(parent: Chunk): Generator<Chunk, void, undefined> {
  let offset = parent.headerSize;
  while (offset + HEADER_BYTES <= parent.bytes.length) {
    const chunk = parseChunk(parent.bytes, offset);
    yield chunk;
    offset += chunk.bytes.length;
  }
}

export function chunkReader(chunk: Chunk, offset: number): ByteReader {
  return new ByteReader(chunk.bytes, { littleEndian: true }).seek(offset);
}
