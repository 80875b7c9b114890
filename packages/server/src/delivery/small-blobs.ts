import type { Sha256 } from "@distd/core";
import type { BlobStore } from "../blobs/blob-store.ts";

/** Bytes of blobs small enough to keep: opening a file costs more than sending it. */
const MAX_BLOB_BYTES = 256 * 1024;
const MAX_CACHE_BYTES = 16 * 1024 * 1024;

export interface SmallBlobs {
  /** The bytes, when the blob is small; undefined when it is served from its file. */
  get(digest: Sha256, size: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** A blob's bytes never change under its digest, so nothing here is ever out of date; the least recently used goes first. */
export function createSmallBlobs(blobs: BlobStore): SmallBlobs {
  const kept = new Map<Sha256, Uint8Array<ArrayBuffer>>();
  let bytes = 0;
  return {
    async get(digest, size) {
      if (size > MAX_BLOB_BYTES) return undefined;
      const known = kept.get(digest);
      if (known) {
        kept.delete(digest);
        kept.set(digest, known);
        return known;
      }
      const read = new Uint8Array(await blobs.body(digest, 0, size).arrayBuffer());
      if (kept.has(digest)) return read;
      kept.set(digest, read);
      bytes += read.length;
      for (const [oldest, content] of kept) {
        if (bytes <= MAX_CACHE_BYTES) break;
        kept.delete(oldest);
        bytes -= content.length;
      }
      return read;
    },
  };
}
