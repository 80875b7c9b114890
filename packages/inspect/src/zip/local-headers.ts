import { type ByteSource, ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { byOffset, type ZipDirectory, type ZipEntry } from "./directory.ts";
import { resolveZip64 } from "./zip64-extra.ts";

const LOCAL = 0x04034b50;
const HEADER_BYTES = 30;
const HAS_DESCRIPTOR = 0x0008;
const NO_EXTRA = new Uint8Array();
/** Lengths a data descriptor can have: with and without signature, 32 and 64 bits. */
const DESCRIPTOR_BYTES: readonly number[] = [12, 16, 20, 24];
/** Headers at most this far apart are fetched in one read; the sum of what is fetched in vain stays below FILLER_BYTES. */
const MAX_BRIDGE_BYTES = 16 * 1024;
const FILLER_BYTES = 16 * 1024 * 1024;
const MAX_WINDOW_BYTES = 256 * 1024;

export interface LocalHeaderOptions {
  /**
   * Entries follow each other without holes. Apple's installer unpacks as a stream and would find an entry hidden in a hole; Android
   * reads the directory, and its build tools leave holes on purpose.
   */
  readonly contiguous: boolean;
}

/**
 * Where each entry's data begins. Every local header must say what the directory says: programs that read a zip from the front and
 * programs that read it from the back then see the same files. Costs one small read per entry, less where entries are close together.
 */
export async function checkLocalHeaders(
  source: ByteSource,
  directory: ZipDirectory,
  options: LocalHeaderOptions,
): Promise<ReadonlyMap<ZipEntry, number>> {
  const entries = byOffset(directory.entries);
  const bridge = Math.min(MAX_BRIDGE_BYTES, FILLER_BYTES / Math.max(1, entries.length));
  const starts = new Map<ZipEntry, number>();
  let first = 0;
  while (first < entries.length) {
    let last = first;
    const from = at(entries, first).headerOffset;
    const isClose = (next: ZipEntry, before: ZipEntry): boolean =>
      next.headerOffset - headerEnd(before) <= bridge && headerEnd(next) - from <= MAX_WINDOW_BYTES;
    while (last + 1 < entries.length && isClose(at(entries, last + 1), at(entries, last))) last += 1;
    const window = new ByteReader(await source.read(from, headerEnd(at(entries, last)) - from), { littleEndian: true });
    for (let index = first; index <= last; index += 1) {
      const entry = at(entries, index);
      const header = readLocalHeader(window.seek(entry.headerOffset - from), entry);
      const dataOffset = headerEnd(entry) + header.extraLength;
      const isZip64 = header.bytes === 0xffffffff || header.compressedBytes === 0xffffffff;
      checkSizes(entry, header, isZip64 ? await source.read(headerEnd(entry), header.extraLength) : NO_EXTRA);
      checkEnd(entry, dataOffset, entries[index + 1]?.headerOffset, directory.directoryOffset, options);
      starts.set(entry, dataOffset);
    }
    first = last + 1;
  }
  return starts;
}

interface LocalHeader {
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly extraLength: number;
}

function readLocalHeader(reader: ByteReader, entry: ZipEntry): LocalHeader {
  if (reader.u32() !== LOCAL) throw broken(`zip: there is no local header for ${JSON.stringify(entry.name)}`);
  reader.skip(2);
  const [flags, method] = [reader.u16(), reader.u16()];
  reader.skip(4);
  const [crc32, compressedBytes, bytes, nameLength, extraLength] = [reader.u32(), reader.u32(), reader.u32(), reader.u16(), reader.u16()];
  if (nameLength !== entry.nameBytes.length || Buffer.compare(reader.take(nameLength), entry.nameBytes) !== 0)
    throw disagree("name", entry);
  if (flags !== entry.flags) throw disagree("flags", entry);
  if (method !== entry.method) throw disagree("compression", entry);
  return { crc32, compressedBytes, bytes, extraLength };
}

/** A writer that did not know them yet wrote zeros, and a data descriptor behind the data. */
function checkSizes(entry: ZipEntry, header: LocalHeader, extra: Uint8Array): void {
  const [bytes, compressedBytes] = resolveZip64([header.bytes, header.compressedBytes, 0], extra, entry.name);
  const isLate = (entry.flags & HAS_DESCRIPTOR) !== 0;
  const agrees = (value: number, wanted: number): boolean => value === wanted || (isLate && value === 0);
  if (!agrees(header.crc32, entry.crc32)) throw disagree("checksum", entry);
  if (!agrees(bytes, entry.bytes) || !agrees(compressedBytes, entry.compressedBytes)) throw disagree("size", entry);
}

function disagree(what: string, entry: ZipEntry): Error {
  return broken(`zip: the local header and the directory disagree on the ${what} of ${JSON.stringify(entry.name)}`);
}

function checkEnd(
  entry: ZipEntry,
  dataOffset: number,
  next: number | undefined,
  directoryOffset: number,
  options: LocalHeaderOptions,
): void {
  const end = dataOffset + entry.compressedBytes;
  const hole = (next ?? directoryOffset) - end;
  if (hole < 0) throw broken(`zip: ${JSON.stringify(entry.name)} overlaps what follows it`);
  if (!options.contiguous || hole === 0) return;
  const isDescriptor = (entry.flags & HAS_DESCRIPTOR) !== 0 && DESCRIPTOR_BYTES.includes(hole);
  if (!isDescriptor) throw broken(`zip: ${hole} bytes of something else follow ${JSON.stringify(entry.name)}`);
}

function headerEnd(entry: ZipEntry): number {
  return entry.headerOffset + HEADER_BYTES + entry.nameBytes.length;
}

function at(entries: readonly ZipEntry[], index: number): ZipEntry {
  return entries[index] as ZipEntry;
}
