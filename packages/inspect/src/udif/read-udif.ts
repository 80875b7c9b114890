// UDIF, Apple's disk image: chunks of compressed disk, and in the last 512 bytes a big-endian trailer ("koly") that points to a property
// list. Its `blkx` entries are tables ("mish"), one per partition: which sectors each chunk holds, and how. Followed: the layouts that
// 7-Zip, dmg2img and hdiutil agree on; Apple published none.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import type { Budget } from "../budget.ts";
import { MAX_PLIST_BYTES, parsePlist } from "../plist/parse-plist.ts";
import { dictAt, isDict, listAt, type PlistDict, stringAt } from "../plist/plist-value.ts";
import { type Chunk, openPartition } from "./partition.ts";

const TRAILER_BYTES = 512;
const KOLY = 0x6b6f6c79;
const MISH = 0x6d697368;
const MAX_PARTITIONS = 128;
const MAX_CHUNKS = 500_000;
const CHUNK_BYTES = 40;
const CHUNKS_OFFSET = 204;
const MAX_SIGNATURE_BYTES = 8 * 1024 * 1024;

export interface UdifPartition {
  /** `disk image (Apple_HFS : 4)`. */
  readonly name: string;
  readonly content: ByteSource;
}

export interface Udif {
  readonly partitions: readonly UdifPartition[];
  /** Bytes of the image's own code signature. */
  readonly signature?: Uint8Array;
  /** It shows a licence before it opens. */
  readonly hasLicense: boolean;
}

export async function readUdif(source: ByteSource, budget: Budget, maxDepth: number): Promise<Udif> {
  if (source.size < TRAILER_BYTES) throw broken("dmg: cut short");
  const trailer = new ByteReader(await source.read(source.size - TRAILER_BYTES, TRAILER_BYTES), { littleEndian: false });
  if (trailer.u32() !== KOLY) throw broken("dmg: there is no trailer; the file is cut short, or an image for writing");
  if (trailer.skip(4).u32() !== TRAILER_BYTES) throw broken("dmg: a trailer of another size");
  const dataOffset = trailer.seek(24).u64();
  const dataBytes = trailer.u64();
  const [segment, segments] = [trailer.seek(56).u32(), trailer.u32()];
  if (segments > 1 || segment > 1) throw broken("dmg: a part of an image in several files");
  const [listOffset, listBytes] = [trailer.seek(216).u64(), trailer.u64()];
  const [signatureOffset, signatureBytes] = [trailer.seek(296).u64(), trailer.u64()];
  const end = source.size - TRAILER_BYTES;
  for (const [offset, bytes] of [
    [dataOffset, dataBytes],
    [listOffset, listBytes],
    [signatureOffset, signatureBytes],
  ] as const)
    if (offset + bytes > end) throw broken("dmg: the trailer points beyond the file");
  if (listBytes > MAX_PLIST_BYTES) throw broken(`dmg: a property list of ${listBytes} bytes`);
  if (signatureBytes > MAX_SIGNATURE_BYTES) throw broken(`dmg: a code signature of ${signatureBytes} bytes`);
  const list = await parsePlist(await source.read(listOffset, listBytes), maxDepth, "the image's property list");
  const resources = dictAt(list, "resource-fork") ?? {};
  const tables = listAt(resources, "blkx").filter(isDict);
  if (tables.length === 0 || tables.length > MAX_PARTITIONS) throw broken(`dmg: ${tables.length} partitions`);
  return {
    partitions: tables.map((table) => ({
      name: nameOf(table),
      content: openPartition(source, parseTable(table, dataOffset, end), budget),
    })),
    hasLicense: listAt(resources, "LPic").length > 0,
    ...(signatureBytes === 0 ? {} : { signature: await source.read(signatureOffset, signatureBytes) }),
  };
}

function nameOf(table: PlistDict): string {
  return stringAt(table, "Name") ?? stringAt(table, "CFName") ?? "";
}

function parseTable(table: PlistDict, dataOffset: number, end: number): readonly Chunk[] {
  const data = table["Data"];
  if (!(data instanceof Uint8Array)) throw broken("dmg: a partition without table");
  const reader = new ByteReader(data, { littleEndian: false });
  if (reader.u32() !== MISH) throw broken("dmg: a partition's table is damaged");
  const base = reader.seek(24).u64();
  const count = reader.seek(CHUNKS_OFFSET - 4).u32();
  if (count > MAX_CHUNKS || count * CHUNK_BYTES > reader.left) throw broken(`dmg: ${count} chunks in a partition`);
  const chunks: Chunk[] = [];
  let free = 0;
  for (let index = 0; index < count; index += 1) {
    const kind = reader.u32();
    const [sector, sectors] = [reader.skip(4).u64(), reader.u64()];
    const [offset, storedBytes] = [reader.u64(), reader.u64()];
    // Comments, and the mark of the end.
    if (kind === 0x7ffffffe || kind === 0xffffffff) continue;
    const chunk = { kind, start: sector * 512, bytes: sectors * 512, offset: dataOffset + base + offset, storedBytes };
    if (chunk.start < free) throw broken("dmg: chunks overlap");
    free = chunk.start + chunk.bytes;
    if (!Number.isSafeInteger(free) || chunk.offset + storedBytes > end) throw broken("dmg: a chunk lies outside the file");
    chunks.push(chunk);
  }
  return chunks;
}
