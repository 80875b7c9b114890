// A zip as signers see it: entries with all that lies until the next one, records of the directory as they stand, and what follows them.
// A signature is over the zip as it was before the signature's own entry came in.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import type { InspectLimits } from "../../limits.ts";
import { byOffset, readZipDirectory, type ZipEntry } from "../../zip/directory.ts";
import { readEndRecord } from "../../zip/end-record.ts";
import type { Range } from "../hash-pieces.ts";

const RECORD_BYTES = 46;
const OFFSET_AT = 42;
const END_BYTES = 22;
const END64 = 0x06064b50;

export interface LaidEntry {
  readonly entry: ZipEntry;
  /** From its local header to the next one, or the directory. */
  readonly place: Range;
}

export interface ZipLayout {
  /** In the order of the file. */
  readonly entries: readonly LaidEntry[];
  /** In the order of the directory. */
  readonly records: readonly { readonly entry: ZipEntry; readonly bytes: Uint8Array }[];
  readonly directoryOffset: number;
  readonly directoryBytes: number;
  /** zip64 end record and locator, where they are. */
  readonly end64: Uint8Array;
  readonly end: Uint8Array;
}

export async function readZipLayout(source: ByteSource, limits: InspectLimits): Promise<ZipLayout> {
  const directory = await readZipDirectory(source, limits);
  const { directoryOffset, directoryBytes } = await readEndRecord(source);
  const ordered = byOffset(directory.entries);
  const entries = ordered.map((entry, index) => ({
    entry,
    place: { offset: entry.headerOffset, bytes: (ordered[index + 1]?.headerOffset ?? directoryOffset) - entry.headerOffset },
  }));
  const raw = await source.read(directoryOffset, directoryBytes);
  let at = 0;
  const records = directory.entries.map((entry) => {
    const lengths = new ByteReader(raw, { littleEndian: true }).seek(at + 28);
    const bytes = raw.subarray(at, at + RECORD_BYTES + lengths.u16() + lengths.u16() + lengths.u16());
    at += bytes.length;
    return { entry, bytes };
  });
  const tail = await source.read(directoryOffset + directoryBytes, source.size - directoryOffset - directoryBytes);
  const endAt = end64Bytes(tail);
  return { entries, records, directoryOffset, directoryBytes, end64: tail.subarray(0, endAt), end: tail.subarray(endAt) };
}

function end64Bytes(tail: Uint8Array): number {
  const reader = new ByteReader(tail, { littleEndian: true });
  if (tail.length < END_BYTES) throw broken("zip: there is no end record");
  if (reader.u32() !== END64) return 0;
  return 12 + reader.u64() + 20;
}

/** A record with its local header so many bytes further in front. */
export function shiftRecord(record: Uint8Array, by: number): Uint8Array {
  if (by === 0) return record;
  const bytes = Buffer.from(record);
  bytes.writeUInt32LE((bytes.readUInt32LE(OFFSET_AT) - by) >>> 0, OFFSET_AT);
  return bytes;
}

export interface EndChange {
  readonly count: number;
  readonly directoryBytes: number;
  readonly directoryOffset: number;
}

/** The end record with other figures; those that point to the zip64 record stay. */
export function rewriteEnd(end: Uint8Array, change: EndChange): Uint8Array {
  const bytes = Buffer.from(end);
  for (const at of [8, 10]) if (bytes.readUInt16LE(at) !== 0xffff) bytes.writeUInt16LE(change.count, at);
  for (const [at, value] of [
    [12, change.directoryBytes],
    [16, change.directoryOffset],
  ] as const)
    if (bytes.readUInt32LE(at) !== 0xffffffff) bytes.writeUInt32LE(value >>> 0, at);
  return bytes;
}

/** The same in the zip64 end record and its locator. */
export function rewriteEnd64(end64: Uint8Array, change: EndChange): Uint8Array {
  if (end64.length === 0) return end64;
  const bytes = Buffer.from(end64);
  for (const [at, value] of [
    [24, change.count],
    [32, change.count],
    [40, change.directoryBytes],
    [48, change.directoryOffset],
    [bytes.length - 12, change.directoryOffset + change.directoryBytes],
  ] as const)
    bytes.writeBigUInt64LE(BigInt(value), at);
  return bytes;
}
