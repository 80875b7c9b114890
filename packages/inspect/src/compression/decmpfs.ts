// Files that macOS compresses behind the back of their readers: an attribute says how, with the content in it or in the resource fork, there
// in blocks of 64 KiB. Followed: what apfs-fuse, 7-Zip and afsctool agree on; Apple published none.
import { ByteReader, type ByteSource, checkRange, memorySource } from "@distd/core";
import { broken } from "../broken.ts";
import type { Budget } from "../budget.ts";
import { decompressBlock } from "./decompress-block.ts";

const MAGIC = 0x636d7066;
const HEADER_BYTES = 16;
const BLOCK_BYTES = 65_536;
const MAX_STORED_BYTES = 2 * BLOCK_BYTES;

type Codec = "gzip" | "lzvn" | "lzfse" | "plain";
const INLINE: Readonly<Record<number, Codec>> = { 3: "gzip", 7: "lzvn", 9: "plain", 11: "lzfse" };
const IN_FORK: Readonly<Record<number, Codec>> = { 4: "gzip", 8: "lzvn", 10: "plain", 12: "lzfse" };
const INLINE_WHOLE = 1;

export interface Compression {
  readonly kind: number;
  /** Of the file, decompressed. */
  readonly bytes: number;
  readonly inline: Uint8Array;
}

export function parseCompression(attribute: Uint8Array): Compression {
  const reader = new ByteReader(attribute, { littleEndian: true });
  if (reader.u32() !== MAGIC) throw broken("decmpfs: a compressed file's attribute is damaged");
  return { kind: reader.u32(), bytes: reader.u64(), inline: attribute.subarray(HEADER_BYTES) };
}

/** The file's bytes. What is decompressed counts against the budget when it is read. */
export function openCompressed({ kind, bytes, inline }: Compression, fork: ByteSource | undefined, budget: Budget): ByteSource {
  const codec = INLINE[kind] ?? IN_FORK[kind];
  if (kind === INLINE_WHOLE && inline.length === bytes) return memorySource(inline);
  if (codec === undefined) throw broken(`decmpfs: method ${kind}`);
  if (kind in INLINE) return inBlocks(bytes, Math.max(1, bytes), () => unpack(inline, codec, bytes, budget));
  if (fork === undefined) throw broken("decmpfs: there is no resource fork");
  const placeOf = codec === "gzip" ? resourcePlace : tablePlace;
  return inBlocks(bytes, BLOCK_BYTES, async (index) => {
    const { offset, length } = await placeOf(fork, index);
    if (length > MAX_STORED_BYTES) throw broken(`decmpfs: a block of ${length} bytes`);
    return unpack(await fork.read(offset, length), codec, Math.min(BLOCK_BYTES, bytes - index * BLOCK_BYTES), budget);
  });
}

function inBlocks(size: number, blockBytes: number, blockAt: (index: number) => Promise<Uint8Array>): ByteSource {
  let last: { readonly index: number; readonly content: Uint8Array } | undefined;
  return {
    size,
    async read(offset, length) {
      checkRange(size, offset, length);
      const parts: Uint8Array[] = [];
      for (let at = offset; at < offset + length; ) {
        const index = Math.floor(at / blockBytes);
        if (last?.index !== index) last = { index, content: await blockAt(index) };
        const part = last.content.subarray(at - index * blockBytes, offset + length - index * blockBytes);
        parts.push(part);
        at += part.length;
      }
      return parts.length === 1 ? (parts[0] as Uint8Array) : new Uint8Array(Buffer.concat(parts));
    },
  };
}

interface Place {
  readonly offset: number;
  readonly length: number;
}

/** With zlib the fork is one of resources: how far to the data, its length, then a count, and offset and length of each block. */
async function resourcePlace(fork: ByteSource, index: number): Promise<Place> {
  const data = new ByteReader(await fork.read(0, 4), { littleEndian: false }).u32();
  const base = data + 4;
  const count = new ByteReader(await fork.read(base, 4), { littleEndian: true }).u32();
  if (index >= count) throw broken("decmpfs: a file has too few blocks");
  const entry = new ByteReader(await fork.read(base + 4 + 8 * index, 8), { littleEndian: true });
  return { offset: base + entry.u32(), length: entry.u32() };
}

/** Else it is a table of offsets, one more than there are blocks. */
async function tablePlace(fork: ByteSource, index: number): Promise<Place> {
  const entry = new ByteReader(await fork.read(4 * index, 8), { littleEndian: true });
  const [offset, end] = [entry.u32(), entry.u32()];
  if (end < offset) throw broken("decmpfs: a block ends before it begins");
  return { offset, length: end - offset };
}

async function unpack(stored: Uint8Array, codec: Codec, bytes: number, budget: Budget): Promise<Uint8Array> {
  budget.spend(bytes, "a compressed file");
  const [mark = 0] = stored;
  const content = isPlain(mark, codec) ? stored.subarray(1) : await decompressBlock(stored, codec as Exclude<Codec, "plain">, bytes);
  if (content.length !== bytes) throw broken("decmpfs: a block is of another length than it says");
  return content;
}

/** What does not shrink is kept as it is, behind a byte no compressed data begins with. */
function isPlain(mark: number, codec: Codec): boolean {
  if (codec === "plain") return true;
  if (codec === "lzvn") return mark === 0x06;
  return codec === "gzip" ? (mark & 15) === 15 : mark === 0xff;
}
