import { type ByteSource, checkRange } from "@distd/core";

/** The same bytes and zeros behind them, `size` in all. */
export function padded(source: ByteSource, size: number): ByteSource {
  if (source.size >= size) return source;
  return {
    size,
    async read(offset, length) {
      checkRange(size, offset, length);
      const bytes = new Uint8Array(length);
      const there = Math.max(0, Math.min(length, source.size - offset));
      if (there > 0) bytes.set(await source.read(offset, there));
      return bytes;
    },
  };
}
