import { type ByteSource, checkRange } from "@distd/core";
import type { Zip } from "../zip/open-zip.ts";

const HUGE_NAME = Buffer.from("Payload/huge.bin");

/**
 * An archive with the same entries and, behind them, one stored entry of `hugeBytes` zeros that exist only as a number. Zip64, as a real
 * one of that size has to be.
 */
export async function withHugeEntry(zip: Zip, hugeBytes: number): Promise<ByteSource> {
  const front: Buffer[] = [];
  const records: Buffer[] = [];
  let offset = 0;
  for (const entry of zip.entries) {
    const data = Buffer.from(await zip.read(entry));
    const sizes = { crc: entry.crc32, bytes: data.length };
    records.push(record(Buffer.from(entry.nameBytes), sizes, offset));
    const local = localHeader(Buffer.from(entry.nameBytes), sizes);
    front.push(local, data);
    offset += local.length + data.length;
  }
  const hugeSizes = { crc: 0, bytes: hugeBytes };
  records.push(record(HUGE_NAME, hugeSizes, offset));
  front.push(localHeader(HUGE_NAME, hugeSizes));
  const head = Buffer.concat(front);
  const tail = Buffer.concat([...records, endRecords(Buffer.concat(records).length, records.length, head.length + hugeBytes)]);
  return sparseSource(head, hugeBytes, tail);
}

interface Sizes {
  readonly crc: number;
  readonly bytes: number;
}

/** Both sizes in the zip64 field, always; entries below 4 GiB may do that too. */
function zip64Field(bytes: number): Buffer {
  const field = Buffer.alloc(20);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(16, 2);
  field.writeBigUInt64LE(BigInt(bytes), 4);
  field.writeBigUInt64LE(BigInt(bytes), 12);
  return field;
}

function localHeader(name: Buffer, { crc, bytes }: Sizes): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt32LE(crc, 14);
  header.fill(0xff, 18, 26);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(20, 28);
  return Buffer.concat([header, name, zip64Field(bytes)]);
}

function record(name: Buffer, { crc, bytes }: Sizes, offset: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt32LE(crc, 16);
  header.fill(0xff, 20, 28);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(20, 30);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, name, zip64Field(bytes)]);
}

function endRecords(directoryBytes: number, count: number, directoryOffset: number): Buffer {
  const bytes = Buffer.alloc(98);
  bytes.writeUInt32LE(0x06064b50, 0);
  bytes.writeBigUInt64LE(44n, 4);
  bytes.writeBigUInt64LE(BigInt(count), 24);
  bytes.writeBigUInt64LE(BigInt(count), 32);
  bytes.writeBigUInt64LE(BigInt(directoryBytes), 40);
  bytes.writeBigUInt64LE(BigInt(directoryOffset), 48);
  bytes.writeUInt32LE(0x07064b50, 56);
  bytes.writeBigUInt64LE(BigInt(directoryOffset + directoryBytes), 64);
  bytes.writeUInt32LE(1, 72);
  bytes.writeUInt32LE(0x06054b50, 76);
  bytes.fill(0xff, 84, 96);
  return bytes;
}

/** `head`, that many zeros that exist only as a number, `tail`. */
export function sparseSource(head: Buffer, zeros: number, tail: Buffer): ByteSource {
  const size = head.length + zeros + tail.length;
  return {
    size,
    async read(offset, length) {
      checkRange(size, offset, length);
      const bytes = Buffer.alloc(length);
      head.copy(bytes, 0, Math.min(offset, head.length), Math.min(offset + length, head.length));
      const tailAt = head.length + zeros;
      if (offset + length > tailAt) tail.copy(bytes, Math.max(0, tailAt - offset), Math.max(0, offset - tailAt), offset + length - tailAt);
      return new Uint8Array(bytes);
    },
  };
}
