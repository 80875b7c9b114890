import { type ByteSource, ByteReader } from "@distd/core";
import { broken } from "../broken.ts";

// PKWARE APPNOTE 6.3.10, sections 4.3.14 to 4.3.16. The end record is found from the end of the file; everything else hangs on it.
const END_BYTES = 22;
const END64 = 0x06064b50;
const END64_BYTES = 56;
const LOCATOR64 = 0x07064b50;
const LOCATOR64_BYTES = 20;
const MAX_COMMENT_BYTES = 0xffff;

export interface EndRecord {
  readonly entryCount: number;
  readonly directoryOffset: number;
  readonly directoryBytes: number;
}

/**
 * Where the central directory is. There must be exactly one answer: the record nearest to the end has a comment that ends the file, the
 * directory ends where the record begins, and a zip64 record repeats whatever the small one says itself.
 */
export async function readEndRecord(source: ByteSource): Promise<EndRecord> {
  const tailBytes = Math.min(source.size, END_BYTES + MAX_COMMENT_BYTES);
  const tail = await source.read(source.size - tailBytes, tailBytes);
  const at = lastSignature(tail);
  if (at === undefined) throw broken("zip: there is no end record; the file is cut short or not a zip");
  const reader = new ByteReader(tail, { littleEndian: true }).seek(at + 4);
  const disks = [reader.u16(), reader.u16()];
  const counts = [reader.u16(), reader.u16()];
  const small = { entryCount: counts[1] as number, directoryBytes: reader.u32(), directoryOffset: reader.u32() };
  if (at + END_BYTES + reader.u16() !== tail.length) throw broken("zip: the end record's comment does not end the file");
  if (counts[0] !== counts[1] || disks[0] !== disks[1]) throw broken("zip: the archive is split over several files");
  const offset = source.size - tailBytes + at;
  const large = await readEnd64(source, offset);
  const end = large?.record ?? small;
  if (
    large === undefined &&
    (disks[0] !== 0 || small.entryCount === 0xffff || small.directoryOffset === 0xffffffff || small.directoryBytes === 0xffffffff)
  ) {
    throw broken("zip: the end record points to a zip64 record that is not there");
  }
  if (large !== undefined && !repeats(small, large.record)) throw broken("zip: the zip64 end record contradicts the end record");
  if (end.directoryOffset + end.directoryBytes !== (large?.offset ?? offset))
    throw broken("zip: the central directory does not end where the end record begins");
  return end;
}

function lastSignature(tail: Uint8Array): number | undefined {
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail[at] === 0x50 && tail[at + 1] === 0x4b && tail[at + 2] === 5 && tail[at + 3] === 6) return at;
  }
  return undefined;
}

async function readEnd64(
  source: ByteSource,
  endOffset: number,
): Promise<{ readonly record: EndRecord; readonly offset: number } | undefined> {
  if (endOffset < LOCATOR64_BYTES + END64_BYTES) return undefined;
  const locatorOffset = endOffset - LOCATOR64_BYTES;
  const locator = new ByteReader(await source.read(locatorOffset, LOCATOR64_BYTES), { littleEndian: true });
  if (locator.u32() !== LOCATOR64) return undefined;
  const locatorDisk = locator.u32();
  const offset = locator.u64();
  if (locatorDisk !== 0 || locator.u32() > 1) throw broken("zip: the archive is split over several files");
  if (offset > locatorOffset - END64_BYTES) throw broken("zip: the zip64 end record lies outside the file");
  const reader = new ByteReader(await source.read(offset, END64_BYTES), { littleEndian: true });
  if (reader.u32() !== END64) throw broken("zip: there is no zip64 end record where its locator says");
  if (offset + 12 + reader.u64() !== locatorOffset) throw broken("zip: the zip64 end record does not end where its locator begins");
  reader.skip(4);
  const disks = [reader.u32(), reader.u32()];
  const counts = [reader.u64(), reader.u64()];
  if (disks[0] !== 0 || disks[1] !== 0 || counts[0] !== counts[1]) throw broken("zip: the archive is split over several files");
  return { record: { entryCount: counts[1] as number, directoryBytes: reader.u64(), directoryOffset: reader.u64() }, offset };
}

/** A field of the small record is either all ones, meaning "see zip64", or the same. */
function repeats(small: EndRecord, large: EndRecord): boolean {
  return (
    (small.entryCount === 0xffff || small.entryCount === large.entryCount) &&
    (small.directoryBytes === 0xffffffff || small.directoryBytes === large.directoryBytes) &&
    (small.directoryOffset === 0xffffffff || small.directoryOffset === large.directoryOffset)
  );
}
