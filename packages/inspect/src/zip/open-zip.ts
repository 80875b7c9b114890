import { crc32, inflateRawSync } from "node:zlib";
import type { ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { createBudget } from "../budget.ts";
import type { InspectLimits } from "../limits.ts";
import { DEFLATED, readZipDirectory, STORED, type ZipEntry } from "./directory.ts";
import { type ForwardSource, openForward } from "./forward-source.ts";
import { checkLocalHeaders, type LocalHeaderOptions } from "./local-headers.ts";

/**
 * A zip of which only the needed entries are read. Its reader is this project's own (docs/decisions/0010): there is one way to read the
 * file or it is refused, so what is shown is what the device unpacks.
 */
export interface Zip {
  readonly entries: readonly ZipEntry[];
  /** Where the last entry's data, and what signers put behind it, ends. */
  readonly directoryOffset: number;
  find(name: string): ZipEntry | undefined;
  /** The whole content, its length and checksum verified. */
  read(entry: ZipEntry): Promise<Uint8Array>;
  /** The content from front to back, as far as needed. */
  forward(entry: ZipEntry): ForwardSource;
  /** Bytes that may still be inflated. */
  readonly inflatableBytes: number;
}

export interface ZipOptions extends LocalHeaderOptions {
  /** Encrypted entries, and compression we do not read, are listed; else they refuse the archive. */
  readonly mayHoldUnread?: boolean;
}

export async function openZip(source: ByteSource, limits: InspectLimits, options: ZipOptions): Promise<Zip> {
  const directory = await readZipDirectory(source, limits);
  const unread = options.mayHoldUnread ? undefined : directory.entries.find((entry) => entry.unread !== undefined);
  if (unread?.unread === "encrypted") throw broken(`zip: ${JSON.stringify(unread.name)} is encrypted`);
  if (unread) throw broken(`zip: ${JSON.stringify(unread.name)} is compressed with method ${unread.method}; only 0 and 8 are read`);
  const starts = await checkLocalHeaders(source, directory, options);
  const byName = new Map(directory.entries.map((entry) => [entry.name, entry]));
  const budget = createBudget(limits.maxInflatedBytes);
  const dataOffset = (entry: ZipEntry): number => starts.get(entry) as number;
  return {
    entries: directory.entries,
    directoryOffset: directory.directoryOffset,
    find: (name) => byName.get(name),
    async read(entry) {
      if (entry.unread !== undefined) throw broken(`zip: ${JSON.stringify(entry.name)} cannot be read`);
      if (entry.method === DEFLATED) budget.spend(entry.bytes, JSON.stringify(entry.name));
      const data = await source.read(dataOffset(entry), entry.compressedBytes);
      const content = entry.method === STORED ? data : inflate(data, entry);
      if (content.length !== entry.bytes) throw broken(`zip: ${JSON.stringify(entry.name)} is not ${entry.bytes} bytes`);
      if (crc32(content) !== entry.crc32) throw broken(`zip: the checksum of ${JSON.stringify(entry.name)} is wrong`);
      return content;
    },
    forward: (entry) => openForward(source, entry, dataOffset(entry), budget),
    get inflatableBytes() {
      return budget.left;
    },
  };
}

function inflate(data: Uint8Array, entry: ZipEntry): Uint8Array {
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, entry.bytes) });
  } catch (cause) {
    throw broken(`zip: ${JSON.stringify(entry.name)} does not inflate to ${entry.bytes} bytes`, cause);
  }
}
