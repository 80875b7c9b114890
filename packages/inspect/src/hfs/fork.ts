import { type ByteReader, type ByteSource, checkRange } from "@distd/core";
import { broken } from "../broken.ts";

const EXTENTS = 8;

/** A file's content: its length, and the runs of blocks that hold it. */
export interface Fork {
  readonly bytes: number;
  readonly extents: readonly { readonly start: number; readonly count: number }[];
}

/** 80 bytes: length, clump size, blocks, and the first eight runs. */
export function parseFork(reader: ByteReader): Fork {
  const bytes = reader.u64();
  reader.skip(8);
  const extents = Array.from({ length: EXTENTS }, () => ({ start: reader.u32(), count: reader.u32() }));
  return { bytes, extents: extents.filter(({ count }) => count > 0) };
}

/** Further runs lie in another tree, which only files in very many pieces need; images for download have none. */
export function openFork(source: ByteSource, fork: Fork, blockBytes: number): ByteSource {
  const held = fork.extents.reduce((sum, { count }) => sum + count * blockBytes, 0);
  return {
    size: fork.bytes,
    async read(offset, length) {
      checkRange(fork.bytes, offset, length);
      if (offset + length > held) throw broken("hfs: a file in more than eight pieces");
      const parts: Uint8Array[] = [];
      let at = 0;
      for (const { start, count } of fork.extents) {
        const from = Math.max(offset, at);
        const until = Math.min(offset + length, at + count * blockBytes);
        if (until > from) parts.push(await source.read(start * blockBytes + from - at, until - from));
        at += count * blockBytes;
      }
      return parts.length === 1 ? (parts[0] as Uint8Array) : new Uint8Array(Buffer.concat(parts));
    },
  };
}
