import type { ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { createBudget } from "../budget.ts";
import type { Codec } from "../compression/codec.ts";
import { openStream } from "../compression/decompress.ts";
import type { InspectLimits } from "../limits.ts";
import { readTar, type TarEntry } from "./read-tar.ts";

/** What is decompressed of an archive to list it; bzip2 is several times slower than the others. */
const MAX_SCANNED_BYTES = 32 * 1024 * 1024;
const MAX_PADDING_BYTES = 64 * 1024;
const MAX_SCANNED_BZIP2_BYTES = 8 * 1024 * 1024;

export interface TarScan {
  /** False when the archive goes on beyond what is decompressed. */
  readonly complete: boolean;
  readonly codec: Codec | undefined;
}

export interface TarVisitor {
  /** How many bytes of this file are wanted: 0 for none. */
  want(entry: TarEntry): number;
  visit(entry: TarEntry, head: Uint8Array): void;
}

/** The entries of a tar, compressed or not, from front to back, with the first bytes of those the visitor wants. */
export async function scanTar(source: ByteSource, limits: InspectLimits, visitor: TarVisitor): Promise<TarScan> {
  const stream = await openStream(source, createBudget(limits.maxInflatedBytes));
  const scannable = stream.codec === "bzip2" ? MAX_SCANNED_BZIP2_BYTES : MAX_SCANNED_BYTES;
  const maxPosition = stream.codec === undefined ? Number.POSITIVE_INFINITY : scannable;
  let found = 0;
  try {
    for await (const entry of readTar(stream, limits.maxEntries)) {
      found += 1;
      if (found > limits.maxEntries) throw broken(`tar: more than ${limits.maxEntries} entries`);
      const wanted = Math.min(visitor.want(entry), entry.bytes);
      visitor.visit(entry, wanted === 0 ? new Uint8Array() : await stream.take(wanted));
      if (entry.offset + entry.bytes > maxPosition) return { complete: false, codec: stream.codec };
    }
    // Behind the archive lies padding, and then what tells whether the compressed data is whole.
    if (stream.codec !== undefined) await stream.takeUpTo(MAX_PADDING_BYTES);
  } finally {
    await stream.close();
  }
  return { complete: true, codec: stream.codec };
}
