import { Readable, pipeline } from "node:stream";
import { createInflateRaw } from "node:zlib";
import { type ByteSource, checkRange, sliceSource } from "@distd/core";
import { broken } from "../broken.ts";
import type { Budget } from "../budget.ts";
import { STORED, type ZipEntry } from "./directory.ts";

const CHUNK_BYTES = 64 * 1024;

/**
 * An entry's content that is read from front to back, with steps forward: `read` MUST be called with offsets that only rise. What is
 * stepped over is inflated and dropped, and counts. `close` stops inflating. The checksum is not checked, because the end may never be
 * reached.
 */
export interface ForwardSource extends ByteSource {
  close(): Promise<void>;
}

export function openForward(source: ByteSource, entry: ZipEntry, dataOffset: number, budget: Budget): ForwardSource {
  const data = sliceSource(source, dataOffset, entry.compressedBytes);
  return entry.method === STORED ? { size: data.size, read: data.read, async close() {} } : inflateForward(data, entry, budget);
}

function inflateForward(data: ByteSource, entry: ZipEntry, budget: Budget): ForwardSource {
  const chunks = inflated(data);
  let position = 0;
  let pending: Uint8Array = new Uint8Array();
  const more = async (): Promise<void> => {
    const next = await chunks.next().catch((cause: unknown) => {
      throw broken(`zip: ${JSON.stringify(entry.name)} does not inflate`, cause);
    });
    if (next.done === true) throw broken(`zip: ${JSON.stringify(entry.name)} is shorter than ${entry.bytes} bytes`);
    pending = next.value;
  };
  return {
    size: entry.bytes,
    async read(offset, length) {
      checkRange(entry.bytes, offset, length);
      if (offset < position) throw broken(`zip: ${JSON.stringify(entry.name)} refers backwards from ${position} to ${offset}`);
      const result = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        if (pending.length === 0) await more();
        const skipped = Math.min(pending.length, Math.max(0, offset - position));
        const taken = pending.subarray(skipped, skipped + length - filled);
        result.set(taken, filled);
        filled += taken.length;
        position += skipped + taken.length;
        budget.spend(skipped + taken.length, JSON.stringify(entry.name));
        pending = pending.subarray(skipped + taken.length);
      }
      return result;
    },
    async close() {
      await chunks.return(undefined);
    },
  };
}

async function* inflated(data: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  const input = Readable.from(pieces(data));
  // Errors reach the reader through the iteration below; the callback only keeps them from being unhandled.
  pipeline(input, inflate, () => {});
  try {
    for await (const chunk of inflate) yield chunk as Uint8Array;
  } finally {
    inflate.destroy();
    input.destroy();
  }
}

async function* pieces(data: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  for (let offset = 0; offset < data.size; offset += CHUNK_BYTES) yield data.read(offset, Math.min(CHUNK_BYTES, data.size - offset));
}
