// bzip2: blocks of at most 900 kB, each run-length coded, sorted (Burrows-Wheeler), moved to front, run-length coded again and Huffman
// coded. There is no standard; followed is the "BZIP2 Format Specification" by J. Tsai. Checksums of blocks are not verified: what is
// read here is metadata, and a file is identified by its SHA-256.
import { broken } from "../broken.ts";
import { BitReader } from "./bit-reader.ts";
import { type HuffmanTable, buildTable, decodeSymbol } from "./bzip2-huffman.ts";

const BLOCK = 0x314159;
const BLOCK_REST = 0x265359;
const END = 0x177245;
const END_REST = 0x385090;
/** A block cannot take more: 900,000 symbols of at most 20 bits. */
const MAX_BLOCK_BYTES = 2_300_000;
const GROUP = 50;
const OUTPUT_BYTES = 64 * 1024;

export async function* bunzip2(pieces: AsyncGenerator<Uint8Array, void, undefined>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new BitReader(pieces);
  await reader.want(4);
  let level = readLevel(reader);
  if (level === undefined) throw broken("bzip2: not bzip2 data");
  for (;;) {
    await reader.want(MAX_BLOCK_BYTES);
    const [first, second] = [reader.bits(24), reader.bits(24)];
    reader.bits(16);
    reader.bits(16);
    if (first === BLOCK && second === BLOCK_REST) yield* expandRuns(readBlock(reader, level * 100_000));
    else if (first !== END || second !== END_REST) throw broken("bzip2: a block does not begin as one");
    else {
      // Parallel compressors write one stream after the other. Anything else behind a stream is padding, as for bzip2 itself.
      reader.alignToByte();
      const next = readLevel(reader);
      if (next === undefined) return;
      level = next;
    }
  }
}

/** The size of blocks in 100 kB; undefined where no stream begins. */
function readLevel(reader: BitReader): number | undefined {
  if (!reader.has(4) || reader.bits(24) !== 0x425a68) return undefined;
  const level = reader.bits(8) - 0x30;
  return level >= 1 && level <= 9 ? level : undefined;
}

/** The block's bytes in their original order, first run-length coding still in place. */
function readBlock(reader: BitReader, maxBytes: number): Uint8Array {
  if (reader.bits(1) !== 0) throw broken("bzip2: a randomized block");
  const origin = reader.bits(24);
  const alphabet = readAlphabet(reader);
  const { tables, selectors } = readTables(reader, alphabet.length + 2);
  const { sorted, length, counts } = unmove(reader, { alphabet, tables, selectors, maxBytes });
  if (origin >= length) throw broken("bzip2: a block begins outside itself");
  return unsort(sorted, length, counts, origin);
}

function readAlphabet(reader: BitReader): Uint8Array {
  const groups = reader.bits(16);
  const used: number[] = [];
  for (let high = 0; high < 16; high += 1) {
    if ((groups & (0x8000 >> high)) === 0) continue;
    const members = reader.bits(16);
    for (let low = 0; low < 16; low += 1) if ((members & (0x8000 >> low)) !== 0) used.push(high * 16 + low);
  }
  if (used.length === 0) throw broken("bzip2: a block of no bytes");
  return Uint8Array.from(used);
}

function readTables(reader: BitReader, symbols: number): { readonly tables: readonly HuffmanTable[]; readonly selectors: Uint8Array } {
  const count = reader.bits(3);
  const selectorCount = reader.bits(15);
  if (count < 2 || count > 6 || selectorCount === 0) throw broken("bzip2: a block's tables are damaged");
  const order = Array.from({ length: count }, (_, index) => index);
  const selectors = new Uint8Array(selectorCount);
  for (let index = 0; index < selectorCount; index += 1) {
    let place = 0;
    while (reader.bits(1) === 1) {
      place += 1;
      if (place >= count) throw broken("bzip2: a block's tables are damaged");
    }
    const [table] = order.splice(place, 1) as [number];
    order.unshift(table);
    selectors[index] = table;
  }
  return { tables: Array.from({ length: count }, () => readTable(reader, symbols)), selectors };
}

function readTable(reader: BitReader, symbols: number): HuffmanTable {
  const lengths = new Uint8Array(symbols);
  let length = reader.bits(5);
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    for (;;) {
      if (length < 1 || length > 20) throw broken("bzip2: a code's length is out of range");
      if (reader.bits(1) === 0) break;
      length += reader.bits(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return buildTable(lengths);
}

interface Coding {
  readonly alphabet: Uint8Array;
  readonly tables: readonly HuffmanTable[];
  readonly selectors: Uint8Array;
  readonly maxBytes: number;
}

/** Huffman symbols to the sorted bytes: runs of the front byte, or a place in the list of recently used bytes. */
function unmove(reader: BitReader, { alphabet, tables, selectors, maxBytes }: Coding) {
  const sorted = new Uint32Array(maxBytes);
  const counts = new Uint32Array(256);
  const recent = alphabet.slice();
  const end = alphabet.length + 1;
  let length = 0;
  let run = 0;
  let weight = 1;
  const flush = (): void => {
    if (run === 0) return;
    if (length + run > maxBytes) throw broken("bzip2: a block is longer than it may be");
    const byte = recent[0] as number;
    sorted.fill(byte, length, length + run);
    counts[byte] = (counts[byte] as number) + run;
    length += run;
    run = 0;
    weight = 1;
  };
  for (let index = 0; ; index += 1) {
    const table = tables[selectors[Math.floor(index / GROUP)] ?? -1];
    if (table === undefined) throw broken("bzip2: a block has too few tables");
    const symbol = decodeSymbol(table, reader);
    if (symbol <= 1) {
      run += weight << symbol;
      weight *= 2;
      if (run > maxBytes) throw broken("bzip2: a block is longer than it may be");
      continue;
    }
    flush();
    if (symbol === end) break;
    const byte = recent[symbol - 1] as number;
    recent.copyWithin(1, 0, symbol - 1);
    recent[0] = byte;
    if (length >= maxBytes) throw broken("bzip2: a block is longer than it may be");
    sorted[length] = byte;
    counts[byte] = (counts[byte] as number) + 1;
    length += 1;
  }
  return { sorted, length, counts };
}

function unsort(sorted: Uint32Array, length: number, counts: Uint32Array, origin: number): Uint8Array {
  const starts = new Uint32Array(256);
  for (let byte = 1; byte < 256; byte += 1) starts[byte] = (starts[byte - 1] as number) + (counts[byte - 1] as number);
  // Upper 24 bits: where the byte before this one is found.
  for (let index = 0; index < length; index += 1) {
    const byte = (sorted[index] as number) & 0xff;
    const at = starts[byte] as number;
    starts[byte] = at + 1;
    sorted[at] = ((sorted[at] as number) | (index << 8)) >>> 0;
  }
  const bytes = new Uint8Array(length);
  let place = (sorted[origin] as number) >>> 8;
  for (let index = 0; index < length; index += 1) {
    const value = sorted[place] as number;
    bytes[index] = value & 0xff;
    place = value >>> 8;
  }
  return bytes;
}

/** Four equal bytes are followed by how many more there are. */
function* expandRuns(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  let output = new Uint8Array(OUTPUT_BYTES + 255);
  let filled = 0;
  let repeated = 0;
  let last = -1;
  for (const byte of bytes) {
    if (repeated === 4) {
      output.fill(last, filled, filled + byte);
      filled += byte;
      repeated = 0;
      last = -1;
    } else {
      repeated = byte === last ? repeated + 1 : 1;
      last = byte;
      output[filled] = byte;
      filled += 1;
    }
    if (filled >= OUTPUT_BYTES) {
      yield output.subarray(0, filled);
      output = new Uint8Array(OUTPUT_BYTES + 255);
      filled = 0;
    }
  }
  if (filled > 0) yield output.subarray(0, filled);
}
