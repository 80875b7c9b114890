import type { ByteSource, DistError } from "@distd/core";
import { attempt, broken } from "../../broken.ts";
import { findSigningBlock, type SigningBlock } from "../../formats/apk/signing-block.ts";
import type { InspectLimits } from "../../limits.ts";
import { readEndRecord } from "../../zip/end-record.ts";
import { openZip, type Zip } from "../../zip/open-zip.ts";
import { readAhead } from "./read-ahead.ts";

/** Entries are hashed as they come, none is held: what is allowed to be inflated bounds time, not memory. */
export const VERIFY_LIMITS: InspectLimits = {
  maxReadBytes: Number.MAX_SAFE_INTEGER,
  maxInflatedBytes: 8 * 1024 * 1024 * 1024,
  maxEntries: 100_000,
  maxDepth: 64,
};
const END_SIGNATURE = 0x06054b50;

/** An APK, cut where its signatures cut it: entries, signing block, directory, end record. */
export interface ApkFile {
  readonly source: ByteSource;
  readonly zip: Zip;
  /** The entries end here: at the signing block, or at the directory where there is none. */
  readonly entriesEnd: number;
  readonly directoryOffset: number;
  readonly endOffset: number;
  /** The end record with its comment. */
  readonly end: Uint8Array;
  /** Empty when there is no block. */
  readonly block: SigningBlock;
  /** Why the block, or the rest of it, cannot be read. Phones then go on as if it were not there. */
  readonly blockDamage: DistError | undefined;
}

/** A file that is no zip, or one that two programs would read as two, is `artifact/broken`. */
export async function openApkFile(file: ByteSource): Promise<ApkFile> {
  const source = readAhead(file);
  const zip = await openZip(source, VERIFY_LIMITS, { contiguous: false, mayHoldUnread: true });
  const { directoryOffset, directoryBytes } = await readEndRecord(source);
  const endOffset = directoryOffset + directoryBytes;
  const end = await source.read(endOffset, source.size - endOffset);
  if (Buffer.from(end).readUInt32LE(0) !== END_SIGNATURE) throw broken("zip: zip64 is not read in signed packages: phones do not read it");
  const found = await attempt(() => findSigningBlock(source, directoryOffset));
  const block = "value" in found ? found.value : undefined;
  return {
    source,
    zip,
    entriesEnd: block?.offset ?? directoryOffset,
    directoryOffset,
    endOffset,
    end,
    block: block?.pairs ?? new Map(),
    blockDamage: "error" in found ? found.error : block?.damage,
  };
}
