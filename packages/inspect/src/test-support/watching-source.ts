import assert from "node:assert/strict";
import type { ByteSource } from "@distd/core";

export interface WatchedSource extends ByteSource {
  readonly reads: number;
  readonly bytesRead: number;
}

/** The same bytes; counts what is read and fails on a range that is not there. */
export function watch(source: ByteSource): WatchedSource {
  let reads = 0;
  let bytesRead = 0;
  return {
    size: source.size,
    get reads() {
      return reads;
    },
    get bytesRead() {
      return bytesRead;
    },
    async read(offset, length) {
      assert.ok(Number.isSafeInteger(offset) && Number.isSafeInteger(length), `read(${offset}, ${length})`);
      assert.ok(offset >= 0 && length >= 0 && offset + length <= source.size, `read(${offset}, ${length}) of ${source.size}`);
      reads += 1;
      bytesRead += length;
      return source.read(offset, length);
    },
  };
}
