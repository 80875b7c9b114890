import type { ByteReader } from "@distd/core";
import { createBudget } from "../budget.ts";
import { type Chunk, chunkReader } from "./chunk.ts";
import { decodeModifiedUtf8, decodeUtf16 } from "./modified-utf8.ts";

const UTF8_FLAG = 0x100;
/** Strings may share bytes, so what they decode to has a limit of its own. */
const MAX_DECODED_BYTES = 32 * 1024 * 1024;

/** Strings by index, decoded when asked for. An index outside the pool, or a string that is damaged, is undefined, as on a device. */
export type StringPool = (index: number) => string | undefined;

// ResStringPool_header: string count, style count, flags, start of strings, start of styles; then one 32-bit offset per string.
export function parseStringPool(chunk: Chunk): StringPool {
  const header = chunkReader(chunk, 8);
  const count = header.u32();
  header.skip(4);
  const isUtf8 = (header.u32() & UTF8_FLAG) !== 0;
  const stringsStart = header.u32();
  const offsets = chunkReader(chunk, chunk.headerSize).take(count * 4);
  const offsetView = new DataView(offsets.buffer, offsets.byteOffset, offsets.byteLength);
  const decoded = new Map<number, string | undefined>();
  const budget = createBudget(MAX_DECODED_BYTES);
  const decode = (index: number): string | undefined => {
    const start = stringsStart + offsetView.getUint32(index * 4, true);
    if (start >= chunk.bytes.length) return undefined;
    const text = isUtf8 ? utf8At(chunkReader(chunk, start)) : utf16At(chunkReader(chunk, start));
    budget.spend((text?.length ?? 0) * 2, "the string pool");
    return text;
  };
  return (index) => {
    if (index < 0 || index >= count) return undefined;
    if (!decoded.has(index)) decoded.set(index, decode(index));
    return decoded.get(index);
  };
}

/** Two lengths, in characters and in bytes, each in one byte or, with the high bit set, in two. */
function utf8At(reader: ByteReader): string | undefined {
  const length = (): number | undefined => {
    if (reader.left < 2) return undefined;
    const first = reader.u8();
    return (first & 0x80) === 0 ? first : ((first & 0x7f) << 8) | reader.u8();
  };
  length();
  const bytes = length();
  return bytes === undefined || bytes > reader.left ? undefined : decodeModifiedUtf8(reader.take(bytes));
}

/** A length in characters, in two bytes or, with the high bit set, in four. */
function utf16At(reader: ByteReader): string | undefined {
  if (reader.left < 4) return undefined;
  const first = reader.u16();
  const length = (first & 0x8000) === 0 ? first : (first & 0x7fff) * 0x10000 + reader.u16();
  return length * 2 > reader.left ? undefined : decodeUtf16(reader.take(length * 2));
}
