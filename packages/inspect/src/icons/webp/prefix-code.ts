// Prefix codes of lossless WebP (RFC 9649 §3.7.2): canonical, up to 15 bits long, the code's highest bit first.
import { broken } from "../../broken.ts";
import type { LowBitReader } from "./bit-reader.ts";

const MAX_BITS = 15;
/** Codes up to this long are looked up; longer ones, which are rare, are followed bit by bit. */
const TABLE_BITS = 8;
const LENGTH_ORDER: readonly number[] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/** Codes 16, 17 and 18 repeat a length: how many bits say how often, and what is added to them. */
const REPEATS: readonly (readonly [bits: number, least: number])[] = [
  [2, 3],
  [3, 3],
  [7, 11],
];

export interface PrefixCode {
  read(reader: LowBitReader): number;
}

/** A code as it is described in the stream: of one or two symbols, or by the length of each symbol's code. */
export function readPrefixCode(reader: LowBitReader, alphabet: number): PrefixCode {
  const lengths = new Uint8Array(alphabet);
  if (reader.read(1) === 0) {
    readLengths(reader, lengths);
    return makePrefixCode(lengths);
  }
  const count = reader.read(1) + 1;
  const first = reader.read(reader.read(1) === 0 ? 1 : 8);
  const symbols = count === 2 ? [first, reader.read(8)] : [first];
  for (const symbol of symbols) {
    if (symbol >= alphabet) throw broken("the icon has a code for a symbol that does not exist");
    lengths[symbol] = 1;
  }
  return makePrefixCode(lengths);
}

function readLengths(reader: LowBitReader, lengths: Uint8Array): void {
  const own = new Uint8Array(LENGTH_ORDER.length);
  const count = reader.read(4) + 4;
  for (const symbol of LENGTH_ORDER.slice(0, count)) own[symbol] = reader.read(3);
  const code = makePrefixCode(own);
  let left = reader.read(1) === 0 ? lengths.length : 2 + reader.read(2 + 2 * reader.read(3));
  if (left > lengths.length) throw broken("the icon has more code lengths than symbols");
  let previous = 8;
  for (let symbol = 0; symbol < lengths.length && left > 0; left--) {
    const length = code.read(reader);
    if (length <= MAX_BITS) {
      lengths[symbol] = length;
      if (length !== 0) previous = length;
      symbol += 1;
      continue;
    }
    const [bits, least] = REPEATS[length - 16] ?? [0, 0];
    const end = symbol + reader.read(bits) + least;
    if (end > lengths.length) throw broken("the icon has more code lengths than symbols");
    lengths.fill(length === 16 ? previous : 0, symbol, end);
    symbol = end;
  }
}

function makePrefixCode(lengths: Uint8Array): PrefixCode {
  const counts = new Uint16Array(MAX_BITS + 1);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  const used = lengths.length - (counts[0] ?? 0);
  if (used === 0) throw broken("the icon has a code without symbols");
  if (used === 1) {
    const only = lengths.findIndex((length) => length !== 0);
    return { read: () => only };
  }
  counts[0] = 0;
  const offsets = new Uint16Array(MAX_BITS + 2);
  let free = 1;
  for (let bits = 1; bits <= MAX_BITS; bits++) {
    free = free * 2 - (counts[bits] ?? 0);
    if (free < 0) throw broken("the icon has more codes than there are");
    offsets[bits + 1] = (offsets[bits] ?? 0) + (counts[bits] ?? 0);
  }
  if (free !== 0) throw broken("the icon has fewer codes than there are");
  const symbols = new Uint16Array(used);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    symbols[offsets[length] ?? 0] = symbol;
    offsets[length] = (offsets[length] ?? 0) + 1;
  }
  return { read: tableReader(counts, symbols) };
}

function tableReader(counts: Uint16Array, symbols: Uint16Array): PrefixCode["read"] {
  /** Symbol and length of the code that the next bits begin with; 0 where it is longer. */
  const table = new Uint16Array(1 << TABLE_BITS);
  let code = 0;
  let index = 0;
  for (let bits = 1; bits <= TABLE_BITS; bits++) {
    for (let each = counts[bits] ?? 0; each > 0; each--) {
      for (let at = reversed(code, bits); at < table.length; at += 1 << bits) table[at] = ((symbols[index] ?? 0) << 4) | bits;
      code += 1;
      index += 1;
    }
    code <<= 1;
  }
  return (reader) => {
    const found = table[reader.peek(TABLE_BITS)] ?? 0;
    if (found === 0) return follow(reader, counts, symbols);
    reader.skip(found & 15);
    return found >> 4;
  };
}

function follow(reader: LowBitReader, counts: Uint16Array, symbols: Uint16Array): number {
  let [code, first, index] = [0, 0, 0];
  for (let bits = 1; bits <= MAX_BITS; bits++) {
    code = (code << 1) | reader.read(1);
    const count = counts[bits] ?? 0;
    if (code - first < count) return symbols[index + code - first] ?? 0;
    index += count;
    first = (first + count) << 1;
  }
  throw broken("the icon has a code that does not exist");
}

function reversed(code: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result |= ((code >> bit) & 1) << (bits - 1 - bit);
  return result;
}
