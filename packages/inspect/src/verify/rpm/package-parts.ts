// The parts of a package as they are signed: the two headers byte for byte, and where the payload begins.
import { ByteReader, type ByteSource, memorySource } from "@distd/core";
import { broken } from "../../broken.ts";
import { readRpmHeader, type RpmHeader } from "../../rpm/read-header.ts";

const LEAD_BYTES = 96;
const LEAD_MAGIC = 0xedabeedb;
const SIGNATURE_TYPE_OFFSET = 78;
/** "A header of signatures": the only type there is since rpm 3. */
const HEADER_SIGNATURES = 5;
const START_BYTES = 16;
const ROW_BYTES = 16;
const MAX_SIGNATURES_BYTES = 8 * 1024 * 1024;
const MAX_HEADER_BYTES = 24 * 1024 * 1024;
const BINARY = 7;

export interface SignedHeader extends RpmHeader {
  readonly raw: Uint8Array;
  /** Of a tag of binary type; the first of two counts, as with rpm. */
  binary(tag: number): Uint8Array | undefined;
}

export interface PackageParts {
  readonly signatures: SignedHeader;
  readonly header: SignedHeader;
  readonly payloadOffset: number;
}

/** A package that cannot be read is `artifact/broken`. */
export async function readPackageParts(source: ByteSource): Promise<PackageParts> {
  if (source.size < LEAD_BYTES) throw broken("rpm: the file is cut short");
  const lead = new ByteReader(await source.read(0, LEAD_BYTES), { littleEndian: false });
  if (lead.u32() !== LEAD_MAGIC) throw broken("rpm: not an rpm package");
  if (lead.seek(SIGNATURE_TYPE_OFFSET).u16() !== HEADER_SIGNATURES) throw broken("rpm: its signatures are of another form");
  const signatures = await readHeader(source, LEAD_BYTES, MAX_SIGNATURES_BYTES);
  const offset = LEAD_BYTES + Math.ceil(signatures.bytes / 8) * 8;
  const header = await readHeader(source, offset, MAX_HEADER_BYTES);
  return { signatures, header, payloadOffset: offset + header.bytes };
}

async function readHeader(source: ByteSource, offset: number, maxBytes: number): Promise<SignedHeader> {
  if (offset + START_BYTES > source.size) throw broken("rpm: the file ends before its header");
  const start = new ByteReader(await source.read(offset, START_BYTES), { littleEndian: false }).skip(8);
  const tags = start.u32();
  const bytes = START_BYTES + tags * ROW_BYTES + start.u32();
  if (bytes > maxBytes) throw broken(`rpm: a header of ${bytes} bytes`);
  if (offset + bytes > source.size) throw broken("rpm: a header is cut short");
  const raw = await source.read(offset, bytes);
  const header = await readRpmHeader(memorySource(raw), 0);
  return { ...header, raw, binary: (tag) => binaryIn(raw, tags, tag) };
}

/** `readRpmHeader` has held all offsets against the store. */
function binaryIn(raw: Uint8Array, tags: number, wanted: number): Uint8Array | undefined {
  const reader = new ByteReader(raw, { littleEndian: false }).skip(START_BYTES);
  for (let row = 0; row < tags; row += 1) {
    const [tag, type, offset, count] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
    if (tag !== wanted) continue;
    if (type !== BINARY) throw broken(`rpm: tag ${tag} is of another type than it must be`);
    const start = START_BYTES + tags * ROW_BYTES + offset;
    return raw.subarray(start, start + count);
  }
  return undefined;
}
