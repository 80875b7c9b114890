// Apple's binary property list, version 0 (CFBinaryPList.c): magic "bplist00", objects, a table of their offsets, and a trailer of 32
// bytes that gives the widths of offsets and references, the number of objects, the root and the table's place. An object is a marker
// (kind, length) and content; containers hold references. Cycles and containers shared until they explode are refused.
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { createBudget } from "../budget.ts";
import { decodeUtf16Be } from "./decode-utf16-be.ts";
import { MAX_PLIST_VALUES, type PlistValue, PlistUid } from "./plist-value.ts";

const TRAILER_BYTES = 32;
const HEADER_BYTES = 8;
/** Dates count seconds from 2001-01-01. */
const EPOCH_MS = Date.UTC(2001, 0, 1);

export function parseBinaryPlist(bytes: Uint8Array, maxDepth: number): PlistValue {
  if (bytes.length < HEADER_BYTES + TRAILER_BYTES + 2 || Buffer.from(bytes.subarray(0, 8)).toString("latin1") !== "bplist00")
    throw broken("plist: not a binary list of version 00");
  const trailer = new ByteReader(bytes, { littleEndian: false }).seek(bytes.length - TRAILER_BYTES + 6);
  const [offsetBytes, referenceBytes] = [trailer.u8(), trailer.u8()];
  const [count, root, tableOffset] = [trailer.u64(), trailer.u64(), trailer.u64()];
  if (offsetBytes < 1 || offsetBytes > 8 || referenceBytes < 1 || referenceBytes > 8) throw broken("plist: impossible widths");
  const end = bytes.length - TRAILER_BYTES;
  if (tableOffset < HEADER_BYTES || tableOffset > end || count * offsetBytes > end - tableOffset)
    throw broken("plist: the table of offsets lies outside");
  const table = bytes.subarray(tableOffset, tableOffset + count * offsetBytes);
  const objects = bytes.subarray(0, tableOffset);
  const budget = createBudget(MAX_PLIST_VALUES);

  const valueAt = (reference: number, depth: number): PlistValue => {
    if (depth > maxDepth) throw broken(`plist: nested deeper than ${maxDepth}, or in a circle`);
    if (reference >= count) throw broken(`plist: there is no object ${reference}`);
    budget.spend(1, "plist: expanding it");
    const offset = sized(new ByteReader(table, { littleEndian: false }).seek(reference * offsetBytes), offsetBytes);
    if (offset < HEADER_BYTES) throw broken("plist: an object lies in the header");
    const reader = new ByteReader(objects, { littleEndian: false }).seek(offset);
    const marker = reader.u8();
    const [kind, low] = [marker >> 4, marker & 0x0f];
    if (kind <= 0x3) return parseScalar(reader, marker);
    if (kind === 0x8) return new PlistUid(sized(reader, low + 1));
    const length = low === 0x0f ? extendedLength(reader) : low;
    if (kind === 0x4) return reader.take(length);
    if (kind === 0x5 || kind === 0x7) return reader.text(length);
    if (kind === 0x6) return decodeUtf16Be(reader.take(length * 2));
    if (kind !== 0xa && kind !== 0xc && kind !== 0xd) throw broken(`plist: unknown object ${marker}`);
    if (length > budget.left) throw broken(`plist: more than ${MAX_PLIST_VALUES} values`);
    const references = readReferences(reader, kind === 0xd ? length * 2 : length, referenceBytes);
    if (kind !== 0xd) return references.map((child) => valueAt(child, depth + 1));
    const dict: Record<string, PlistValue> = Object.create(null);
    for (let index = 0; index < length; index += 1) {
      const key = valueAt(references[index] as number, depth + 1);
      if (typeof key !== "string") throw broken("plist: a key is not text");
      if (!(key in dict)) dict[key] = valueAt(references[length + index] as number, depth + 1);
    }
    return dict;
  };
  return valueAt(root, 0);
}

/** Integers, booleans, reals and dates. */
function parseScalar(reader: ByteReader, marker: number): PlistValue {
  if (marker === 0x08) return false;
  if (marker === 0x09) return true;
  if (marker >> 4 === 0x1) return parseInteger(reader, 2 ** (marker & 0x0f));
  const view = (length: number): DataView => {
    const bytes = reader.take(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  };
  if (marker === 0x22) return view(4).getFloat32(0);
  if (marker === 0x23) return view(8).getFloat64(0);
  if (marker !== 0x33) throw broken(`plist: unknown object ${marker}`);
  const date = new Date(EPOCH_MS + view(8).getFloat64(0) * 1000);
  if (Number.isNaN(date.getTime())) throw broken("plist: a date is out of range");
  return date;
}

/** 1, 2 and 4 bytes are unsigned, 8 are signed, 16 hold an unsigned number of 64 bits. */
function parseInteger(reader: ByteReader, length: number): number | bigint {
  if (length > 16) throw broken("plist: an integer is too long");
  let value = 0n;
  for (const byte of reader.take(length)) value = (value << 8n) | BigInt(byte);
  if (length === 8) value = BigInt.asIntN(64, value);
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function extendedLength(reader: ByteReader): number {
  const marker = reader.u8();
  const length = marker >> 4 === 0x1 ? parseInteger(reader, 2 ** (marker & 0x0f)) : -1;
  if (typeof length !== "number" || length < 0) throw broken("plist: an impossible length");
  return length;
}

function readReferences(reader: ByteReader, count: number, referenceBytes: number): readonly number[] {
  const list = new ByteReader(reader.take(count * referenceBytes), { littleEndian: false });
  return Array.from({ length: count }, () => sized(list, referenceBytes));
}

function sized(reader: ByteReader, length: number): number {
  let value = 0;
  for (const byte of reader.take(length)) value = value * 256 + byte;
  if (!Number.isSafeInteger(value)) throw broken("plist: a number is out of range");
  return value;
}
