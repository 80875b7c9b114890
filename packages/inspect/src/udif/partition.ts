import { type ByteSource, checkRange } from "@distd/core";
import { broken } from "../broken.ts";
import type { Budget } from "../budget.ts";
import { type BlockCodec, decompressBlock } from "../compression/decompress-block.ts";

export interface Chunk {
  readonly kind: number;
  /** Bytes of the partition. */
  readonly start: number;
  readonly bytes: number;
  /** In the file. */
  readonly offset: number;
  readonly storedBytes: number;
}

const KIND = { zero: 0, raw: 1, ignored: 2 } as const;
/** What is called LZMA is xz. */
const CODECS: Readonly<Record<number, BlockCodec>> = {
  0x80000004: "adc",
  0x80000005: "gzip",
  0x80000006: "bzip2",
  0x80000007: "lzfse",
  0x80000008: "xz",
};
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;
/** What does not shrink is kept plain; a compressed chunk is at most a little longer than its sectors. */
const MAX_GROWTH = 2;
const MAX_GROWTH_BYTES = 4096;
const CACHED_CHUNKS = 4;

/** A partition's bytes, its chunks decompressed when needed. Chunks that are not there read as zeros, as on a disk nobody wrote to. */
export function openPartition(source: ByteSource, chunks: readonly Chunk[], budget: Budget): ByteSource {
  const last = chunks.at(-1);
  const size = last === undefined ? 0 : last.start + last.bytes;
  const cache = new Map<Chunk, Uint8Array>();
  const contentOf = async (chunk: Chunk): Promise<Uint8Array> => {
    const known = cache.get(chunk);
    if (known !== undefined) return known;
    const content = await readChunk(source, chunk, budget);
    const [oldest] = cache.keys();
    if (cache.size >= CACHED_CHUNKS && oldest !== undefined) cache.delete(oldest);
    cache.set(chunk, content);
    return content;
  };
  return {
    size,
    async read(offset, length) {
      checkRange(size, offset, length);
      const result = new Uint8Array(length);
      for (let index = firstReaching(chunks, offset); index < chunks.length; index += 1) {
        const chunk = chunks[index] as Chunk;
        if (chunk.start >= offset + length) break;
        const from = Math.max(offset, chunk.start);
        const until = Math.min(offset + length, chunk.start + chunk.bytes);
        if (chunk.kind === KIND.zero || chunk.kind === KIND.ignored || until <= from) continue;
        const part =
          chunk.kind === KIND.raw
            ? await readRaw(source, chunk, from - chunk.start, until - from)
            : (await contentOf(chunk)).subarray(from - chunk.start, until - chunk.start);
        result.set(part, from - offset);
      }
      return result;
    },
  };
}

/** The first chunk that ends behind `offset`. */
function firstReaching(chunks: readonly Chunk[], offset: number): number {
  let [low, high] = [0, chunks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const chunk = chunks[middle] as Chunk;
    if (chunk.start + chunk.bytes <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function readRaw(source: ByteSource, chunk: Chunk, offset: number, length: number): Promise<Uint8Array> {
  if (offset + length > chunk.storedBytes) throw broken("dmg: a chunk is shorter than its sectors");
  return source.read(chunk.offset + offset, length);
}

async function readChunk(source: ByteSource, { kind, offset, bytes, storedBytes }: Chunk, budget: Budget): Promise<Uint8Array> {
  if (bytes > MAX_CHUNK_BYTES || storedBytes > MAX_CHUNK_BYTES) throw broken(`dmg: a chunk of ${bytes} bytes`);
  if (storedBytes > MAX_GROWTH * bytes + MAX_GROWTH_BYTES) throw broken("dmg: a compressed chunk is much longer than its sectors");
  const codec = CODECS[kind];
  if (codec === undefined) throw broken(`dmg: chunks are compressed with method ${kind}`);
  const stored = await source.read(offset, storedBytes);
  budget.spend(bytes, "a chunk of the disk image");
  const content = await decompressBlock(stored, codec, bytes);
  if (content.length !== bytes) throw broken("dmg: a chunk is shorter than its sectors");
  return content;
}
