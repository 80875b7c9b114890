import { ByteReader, type ByteSource } from "@distd/core";
import type { Budget } from "../budget.ts";
import { broken } from "../broken.ts";
import { type BlockCodec, decompressBlock } from "../compression/decompress-block.ts";

/** What a metadata block decompresses to, at most. */
const METADATA_BYTES = 8192;
const STORED = 0x8000;

/** Reads on through a table's blocks, each compressed on its own and preceded by its length. */
export interface MetadataCursor {
  take(length: number): Promise<ByteReader>;
}

export interface MetadataTables {
  /** `block` is absolute. */
  cursor(block: number, offset: number): MetadataCursor;
}

export function openMetadata(source: ByteSource, codec: BlockCodec, budget: Budget): MetadataTables {
  const cache = new Map<number, { readonly bytes: Uint8Array; readonly next: number }>();
  const load = async (block: number): Promise<{ readonly bytes: Uint8Array; readonly next: number }> => {
    const cached = cache.get(block);
    if (cached !== undefined) return cached;
    const header = new ByteReader(await source.read(block, 2), { littleEndian: true }).u16();
    const stored = header & ~STORED;
    if (stored === 0 || stored > METADATA_BYTES) throw broken("squashfs: a metadata block is damaged");
    const data = await source.read(block + 2, stored);
    const bytes = (header & STORED) === 0 ? await decompressBlock(data, codec, METADATA_BYTES) : data;
    budget.spend(bytes.length, "the file system's tables");
    if (bytes.length === 0) throw broken("squashfs: an empty metadata block");
    const loaded = { bytes, next: block + 2 + stored };
    cache.set(block, loaded);
    return loaded;
  };
  return {
    cursor(start, first) {
      let block = start;
      let offset = first;
      return {
        async take(length) {
          const parts: Uint8Array[] = [];
          let missing = length;
          while (missing > 0) {
            const { bytes, next } = await load(block);
            if (offset > bytes.length) throw broken("squashfs: a reference points outside its block");
            const part = bytes.subarray(offset, offset + missing);
            parts.push(part);
            missing -= part.length;
            offset += part.length;
            if (missing > 0) {
              block = next;
              offset = 0;
            }
          }
          return new ByteReader(new Uint8Array(Buffer.concat(parts)), { littleEndian: true });
        },
      };
    },
  };
}
