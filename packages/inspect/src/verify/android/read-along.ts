import { type ByteSource, checkRange } from "@distd/core";

/** Bytes of a file, and where they stand in it. */
export interface PlacedPiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface ReadAlong extends ByteSource {
  /** Lets the rest of the pieces come by. */
  finish(): Promise<void>;
}

/**
 * A file as its pieces come by, from front to back: whoever reads in that order is given them, and nothing is read a second time. What is asked
 * for out of order, or lies between the pieces, is read from the file.
 */
export function readAlong(file: ByteSource, pieces: AsyncIterator<PlacedPiece>): ReadAlong {
  let current: PlacedPiece = { offset: 0, bytes: new Uint8Array() };
  let last: Promise<unknown> = Promise.resolve();
  const advance = async (): Promise<boolean> => {
    const next = await pieces.next();
    if (next.done !== true) current = next.value;
    return next.done !== true;
  };
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    while (current.offset + current.bytes.length <= offset) if (!(await advance())) return file.read(offset, length);
    if (offset < current.offset) return file.read(offset, length);
    const first = current.bytes.subarray(offset - current.offset, offset - current.offset + length);
    if (first.length === length) return first;
    const whole = new Uint8Array(length);
    whole.set(first);
    for (let filled = first.length; filled < length; ) {
      if (!(await advance()) || current.offset !== offset + filled) return file.read(offset, length);
      const more = current.bytes.subarray(0, length - filled);
      whole.set(more, filled);
      filled += more.length;
    }
    return whole;
  };
  return {
    size: file.size,
    origin: file.origin ?? file,
    read(offset, length) {
      checkRange(file.size, offset, length);
      // One after the other: whoever reads ahead asks before he was answered.
      const reading = last.then(() => read(offset, length));
      last = reading.catch(() => {});
      return reading;
    },
    async finish() {
      await last;
      while (await advance());
    },
  };
}
