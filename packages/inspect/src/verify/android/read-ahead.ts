import { type ByteSource, checkRange } from "@distd/core";

const WINDOW_BYTES = 256 * 1024;

/** The same bytes, fetched some 256 KiB at a time: small reads that follow each other cost one. */
export function readAhead(source: ByteSource): ByteSource {
  let start = 0;
  let window: Uint8Array = new Uint8Array();
  return {
    size: source.size,
    origin: source.origin ?? source,
    async read(offset, length) {
      checkRange(source.size, offset, length);
      if (offset >= start && offset + length <= start + window.length) return window.subarray(offset - start, offset - start + length);
      if (length >= WINDOW_BYTES) return source.read(offset, length);
      window = await source.read(offset, Math.min(WINDOW_BYTES, source.size - offset));
      start = offset;
      return window.subarray(0, length);
    },
  };
}
