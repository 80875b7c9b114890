import type { ByteSource } from "@distd/core";
import { broken } from "../broken.ts";

/** Bytes from front to back. The length need not be known: a compressed file tells it only at its end. */
export interface ByteStream {
  /** Bytes taken and skipped so far. */
  readonly position: number;
  /** Exactly `length` bytes; fewer are damage. */
  take(length: number): Promise<Uint8Array>;
  /** `length` bytes, or what there is when the end comes first. */
  takeUpTo(length: number): Promise<Uint8Array>;
  skip(length: number): Promise<void>;
  /** Stops what produces the bytes. */
  close(): Promise<void>;
}

const WINDOW_BYTES = 64 * 1024;
/** After a step forward: the next step may be as large. */
const SMALL_WINDOW_BYTES = 4 * 1024;

/** A source read in order, some 64 KiB at a time. What is skipped is not read. */
export function streamOf(source: ByteSource): ByteStream {
  let position = 0;
  let windowStart = 0;
  let window: Uint8Array = new Uint8Array();
  const takeUpTo = async (length: number): Promise<Uint8Array> => {
    const wanted = Math.min(length, source.size - position);
    const windowEnd = windowStart + window.length;
    if (position + wanted > windowEnd) {
      // What is left of the window is kept, so that a source that only goes forward will do.
      const kept = window.subarray(Math.min(window.length, position - windowStart));
      const ahead = position > windowEnd && position > 0 ? SMALL_WINDOW_BYTES : WINDOW_BYTES;
      const from = position + kept.length;
      const next = await source.read(from, Math.min(Math.max(wanted - kept.length, ahead), source.size - from));
      window = kept.length === 0 ? next : new Uint8Array(Buffer.concat([kept, next]));
      windowStart = position;
    }
    const bytes = window.subarray(position - windowStart, position - windowStart + wanted);
    position += wanted;
    return bytes;
  };
  return {
    get position() {
      return position;
    },
    takeUpTo,
    async take(length) {
      if (length > source.size - position) throw shorter(position, length);
      return takeUpTo(length);
    },
    async skip(length) {
      if (length > source.size - position) throw shorter(position, length);
      position += length;
    },
    async close() {},
  };
}

/** The pieces a decompressor gives, as one stream. */
export function streamOfChunks(chunks: AsyncGenerator<Uint8Array, void, undefined>): ByteStream {
  let position = 0;
  let pending: Uint8Array = new Uint8Array();
  const more = async (): Promise<boolean> => {
    const next = await chunks.next();
    if (next.done === true) return false;
    pending = next.value;
    return true;
  };
  const takeUpTo = async (length: number): Promise<Uint8Array> => {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0 && (pending.length > 0 || (await more()))) {
      const part = pending.subarray(0, missing);
      parts.push(part);
      pending = pending.subarray(part.length);
      missing -= part.length;
    }
    position += length - missing;
    return parts.length === 1 ? (parts[0] as Uint8Array) : new Uint8Array(Buffer.concat(parts));
  };
  return {
    get position() {
      return position;
    },
    takeUpTo,
    async take(length) {
      const at = position;
      const bytes = await takeUpTo(length);
      if (bytes.length !== length) throw shorter(at, length);
      return bytes;
    },
    async skip(length) {
      const at = position;
      let missing = length;
      while (missing > 0) {
        if (pending.length === 0 && !(await more())) throw shorter(at, length);
        const step = Math.min(missing, pending.length);
        pending = pending.subarray(step);
        missing -= step;
        position += step;
      }
    },
    async close() {
      await chunks.return();
    },
  };
}

function shorter(at: number, length: number): Error {
  return broken(`the data ends early: ${length} bytes wanted at ${at}`);
}
