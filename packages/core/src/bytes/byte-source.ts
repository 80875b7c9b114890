import { DistError } from "../errors/dist-error.ts";

/**
 * Random access to bytes that are somewhere else: a file, a blob, a range-capable server.
 *
 * An implementation MUST return exactly `length` bytes or reject; MUST reject with `artifact/broken` when the range does not lie within
 * `size`; MUST NOT hold more than it was asked for; MAY be read concurrently. Whoever opened it closes it.
 */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** The source whose bytes these are, all of them, when this one only counts or limits. */
  readonly origin?: ByteSource;
  read(offset: number, length: number): Promise<Uint8Array>;
}

export function checkRange(size: number, offset: number, length: number): void {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0 || offset + length > size) {
    throw new DistError("artifact/broken", `bytes ${offset}+${length} lie outside the ${size} bytes there are`);
  }
}

/** Bytes that are in memory already. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    async read(offset, length) {
      checkRange(bytes.length, offset, length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** A window of another source, with offsets of its own. */
export function sliceSource(source: ByteSource, start: number, size: number): ByteSource {
  checkRange(source.size, start, size);
  return {
    size,
    async read(offset, length) {
      checkRange(size, offset, length);
      return source.read(start + offset, length);
    },
  };
}

/** The same bytes, refusing to hand out more than `maxBytes` in all: the budget of one inspection. */
export function limitSource(source: ByteSource, maxBytes: number): ByteSource {
  let left = maxBytes;
  return {
    size: source.size,
    origin: source.origin ?? source,
    async read(offset, length) {
      checkRange(source.size, offset, length);
      left -= length;
      if (left < 0) throw new DistError("artifact/broken", `reading its metadata takes more than ${maxBytes} bytes`);
      return source.read(offset, length);
    },
  };
}
