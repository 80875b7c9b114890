import type { ByteReader } from "@distd/core";

const FLAGS_AT = 68;
const MODE_AT = 80;
const FIELDS_AT = 92;
const STREAM_FIELD = 8;
const COMPRESSED = 0x20;
const REGULAR = 0x8000;
const KIND_MASK = 0xf000;
const ATTRIBUTE_IN_STREAM = 1;
const LENGTH_HIGH_MASK = 0x00ffffff;

export interface Inode {
  /** Whose pieces are its content. */
  readonly stream: number;
  readonly bytes: number;
  readonly isRegular: boolean;
  readonly isCompressed: boolean;
}

/** A piece of a stream: `address` is a block, 0 for a hole. */
export interface Extent {
  readonly start: number;
  readonly bytes: number;
  readonly address: number;
}

/** In the record, or in a stream of its own. */
export type AttributeValue = { readonly data: Uint8Array } | { readonly stream: number; readonly bytes: number };

export function parseInode(reader: ByteReader): Inode {
  const stream = reader.seek(8).u64();
  const isCompressed = (reader.seek(FLAGS_AT).u32() & COMPRESSED) !== 0;
  const isRegular = (reader.seek(MODE_AT).u16() & KIND_MASK) === REGULAR;
  return { stream, bytes: streamBytes(reader), isRegular, isCompressed };
}

/** Further fields: a table of kinds and lengths, then their values, each padded to 8 bytes. Without a stream a file is empty. */
function streamBytes(reader: ByteReader): number {
  if (reader.bytes.length <= FIELDS_AT) return 0;
  const count = reader.seek(FIELDS_AT).u16();
  const table = reader.skip(2).offset;
  let at = table + 4 * count;
  for (let index = 0; index < count; index += 1) {
    const kind = reader.seek(table + 4 * index).u8();
    const length = reader.skip(1).u16();
    if (kind === STREAM_FIELD) return reader.seek(at).u64();
    at += Math.ceil(length / 8) * 8;
  }
  return 0;
}

export function parseExtent(key: ByteReader, value: ByteReader): Extent {
  const start = key.u64();
  const low = value.u32();
  // The highest byte is flags.
  const bytes = (value.u32() & LENGTH_HIGH_MASK) * 2 ** 32 + low;
  return { start, bytes, address: value.u64() };
}

export function parseAttribute(reader: ByteReader): AttributeValue {
  const flags = reader.u16();
  const length = reader.u16();
  if ((flags & ATTRIBUTE_IN_STREAM) !== 0) return { stream: reader.u64(), bytes: reader.u64() };
  return { data: reader.take(length) };
}
