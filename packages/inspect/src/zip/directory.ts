import { type ByteSource, ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import type { InspectLimits } from "../limits.ts";
import { readEndRecord } from "./end-record.ts";
import { checkUnicodeName, parseEntryName } from "./entry-name.ts";
import { resolveZip64 } from "./zip64-extra.ts";

// APPNOTE 4.3.12: one record per entry, 46 bytes and then name, extra field and comment.
const RECORD = 0x02014b50;
const ENCRYPTED = 0x0001 | 0x0040;
const DIRECTORY_ENCRYPTED = 0x2000;
/** Deflate cannot do better than 1032:1; what claims more is lying about its size. */
const MAX_RATIO = 1032;
const RATIO_SLACK_BYTES = 4096;

export const STORED = 0;
export const DEFLATED = 8;

export interface ZipEntry {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly flags: number;
  /** As the file numbers it: 0 is stored, 8 deflated. */
  readonly method: number;
  /** Why its content cannot be read; only archives whose content does not matter may have such entries. */
  readonly unread: "encrypted" | "compression" | undefined;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  /** Of the local header. */
  readonly headerOffset: number;
}

export interface ZipDirectory {
  /** In the order of the directory. */
  readonly entries: readonly ZipEntry[];
  readonly directoryOffset: number;
}

/** Directories that were read: telling what a file is takes the same one as reading it. */
const known = new WeakMap<ByteSource, ZipDirectory>();

/** The central directory of a source, read once. */
export async function readZipDirectory(source: ByteSource, limits: InspectLimits): Promise<ZipDirectory> {
  const origin = source.origin ?? source;
  const directory = known.get(origin) ?? (await parseZipDirectory(source, limits));
  if (directory.entries.length > limits.maxEntries) throw tooMany(directory.entries.length, limits);
  known.set(origin, directory);
  return directory;
}

function tooMany(count: number, { maxEntries }: InspectLimits): Error {
  return broken(`zip: ${count} entries, at most ${maxEntries} are read`);
}

/** The central directory, checked against itself: names are sound and each once, the first entry begins the file, none overlaps. */
async function parseZipDirectory(source: ByteSource, limits: InspectLimits): Promise<ZipDirectory> {
  const end = await readEndRecord(source);
  if (end.entryCount > limits.maxEntries) throw tooMany(end.entryCount, limits);
  const reader = new ByteReader(await source.read(end.directoryOffset, end.directoryBytes), { littleEndian: true });
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  for (let index = 0; index < end.entryCount; index += 1) {
    const entry = parseRecord(reader);
    if (names.has(entry.name)) throw broken(`zip: two entries are called ${JSON.stringify(entry.name)}`);
    names.add(entry.name);
    entries.push(entry);
  }
  if (reader.left !== 0) throw broken("zip: the central directory holds more than its entries");
  checkPlaces(entries, end.directoryOffset);
  return { entries, directoryOffset: end.directoryOffset };
}

/** Entries in the order of the file. */
export function byOffset(entries: readonly ZipEntry[]): readonly ZipEntry[] {
  return [...entries].sort((a, b) => a.headerOffset - b.headerOffset);
}

function parseRecord(reader: ByteReader): ZipEntry {
  if (reader.u32() !== RECORD) throw broken("zip: the central directory is damaged");
  reader.skip(4);
  const flags = reader.u16();
  const method = reader.u16();
  reader.skip(4);
  const crc32 = reader.u32();
  const compressed = reader.u32();
  const plain = reader.u32();
  const [nameLength, extraLength, commentLength] = [reader.u16(), reader.u16(), reader.u16()];
  const disk = reader.u16();
  reader.skip(6);
  const offset = reader.u32();
  const nameBytes = reader.take(nameLength);
  const name = parseEntryName(nameBytes);
  const extra = reader.take(extraLength);
  checkUnicodeName(extra, nameBytes);
  const [bytes, compressedBytes, headerOffset] = resolveZip64([plain, compressed, offset], extra, name);
  reader.skip(commentLength);
  if (disk !== 0) throw broken("zip: the archive is split over several files");
  if ((flags & DIRECTORY_ENCRYPTED) !== 0) throw broken("zip: the central directory is encrypted");
  const unread = (flags & ENCRYPTED) !== 0 ? "encrypted" : method !== STORED && method !== DEFLATED ? "compression" : undefined;
  if (unread === undefined && method === STORED && bytes !== compressedBytes)
    throw broken(`zip: ${JSON.stringify(name)} is stored, but has two sizes`);
  if (unread === undefined && bytes > compressedBytes * MAX_RATIO + RATIO_SLACK_BYTES)
    throw broken(`zip: ${JSON.stringify(name)} claims to grow from ${compressedBytes} to ${bytes} bytes`);
  return { name, nameBytes, flags, method, unread, crc32, compressedBytes, bytes, headerOffset };
}

// A file that begins with something else is two files at once: a dex or an executable to one program, a zip to another (Janus).
function checkPlaces(entries: readonly ZipEntry[], directoryOffset: number): void {
  let freeFrom = 0;
  for (const [index, entry] of byOffset(entries).entries()) {
    if (index === 0 && entry.headerOffset !== 0)
      throw broken(`zip: ${entry.headerOffset} bytes of something else come before the first entry`);
    if (entry.headerOffset < freeFrom) throw broken(`zip: ${JSON.stringify(entry.name)} overlaps the entry before it`);
    freeFrom = entry.headerOffset + 30 + entry.nameBytes.length + entry.compressedBytes;
  }
  if (freeFrom > directoryOffset) throw broken("zip: the last entry overlaps the central directory");
  if (entries.length === 0 && directoryOffset !== 0)
    throw broken(`zip: ${directoryOffset} bytes of something else come before an empty directory`);
}
