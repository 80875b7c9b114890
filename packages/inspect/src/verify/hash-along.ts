import type { Hash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import { updateHashes } from "./hash-pieces.ts";

/** Headers that whoever verifies the inside knows already, or leaves out. */
const MAX_GAP_BYTES = 1024;

export interface HashedAlong {
  /** The same bytes. What is read of them from front to back goes into the hashes on the way. */
  readonly source: ByteSource;
  /** Reads what nobody came by. */
  finish(): Promise<void>;
}

/** A file that is read for one reason is hashed for another on the way. */
export function hashAlong(source: ByteSource, hashes: readonly Hash[]): HashedAlong {
  if (hashes.length === 0) return { source, async finish() {} };
  /** Bytes from the front that are in the hashes, or will be when their reading has come. */
  let taken = 0;
  let last = Promise.resolve();
  return {
    source: {
      size: source.size,
      origin: source.origin ?? source,
      read(offset, length) {
        const from = taken;
        const reading = source.read(offset, length);
        if (offset > from + MAX_GAP_BYTES || offset + length <= from) return reading;
        taken = offset + length;
        const skipped = offset > from ? source.read(from, offset - from) : new Uint8Array();
        last = Promise.all([reading, skipped, last]).then(([bytes, gap]) => {
          for (const hash of hashes) hash.update(gap).update(bytes.subarray(Math.max(0, from - offset)));
        });
        // Whoever finishes hears of a failure; so does the reader.
        last.catch(() => {});
        return reading;
      },
    },
    async finish() {
      await last;
      await updateHashes(source, [{ offset: taken, bytes: source.size - taken }], hashes);
    },
  };
}
