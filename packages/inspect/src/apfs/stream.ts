import { type ByteSource, checkRange } from "@distd/core";
import { broken } from "../broken.ts";
import type { Blocks } from "./object.ts";
import type { Extent } from "./record-values.ts";

/** A stream's bytes from its pieces. What no piece covers is a hole of zeros; so is a piece without address. */
export function openStream({ source, blockBytes }: Blocks, bytes: number, extents: readonly Extent[]): ByteSource {
  const sorted = extents.toSorted((a, b) => a.start - b.start);
  return {
    size: bytes,
    async read(offset, length) {
      checkRange(bytes, offset, length);
      const result = new Uint8Array(length);
      for (const extent of sorted) {
        const from = Math.max(offset, extent.start);
        const until = Math.min(offset + length, extent.start + extent.bytes);
        if (until <= from || extent.address === 0) continue;
        const at = extent.address * blockBytes + from - extent.start;
        if (!Number.isSafeInteger(at)) throw broken("apfs: a piece of a file lies outside the container");
        result.set(await source.read(at, until - from), from - offset);
      }
      return result;
    },
  };
}
