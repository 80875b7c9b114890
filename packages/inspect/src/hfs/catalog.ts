import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { type Fork, parseFork } from "./fork.ts";

const LEAF = 0xff;
const FOLDER = 1;
const FILE = 2;
const KEY_BYTES = 6;
const REGULAR = 0x8000;
const KIND_MASK = 0xf000;

export interface CatalogRecord {
  readonly kind: "folder" | "file";
  readonly id: number;
  readonly parent: number;
  readonly name: string;
  /** Of regular files. */
  readonly fork?: Fork;
}

/** A node of the catalogue: records from the front, and from the back a table of where each begins. */
export function parseLeaf(node: Uint8Array): readonly CatalogRecord[] {
  const reader = new ByteReader(node, { littleEndian: false }).seek(8);
  if (reader.u8() !== LEAF) throw broken("hfs: a node of the catalogue is no leaf");
  const count = reader.skip(1).u16();
  if (count * 2 > node.length) throw broken(`hfs: ${count} records in a node`);
  const records: CatalogRecord[] = [];
  for (let index = 0; index < count; index += 1) {
    const offset = reader.seek(node.length - 2 * (index + 1)).u16();
    const record = parseRecord(reader.seek(offset), offset);
    if (record !== undefined) records.push(record);
  }
  return records;
}

function parseRecord(reader: ByteReader, start: number): CatalogRecord | undefined {
  const keyBytes = reader.u16();
  const parent = reader.u32();
  const letters = reader.u16();
  if (KEY_BYTES + 2 * letters > keyBytes) throw broken("hfs: a name is longer than its key");
  const name = Buffer.from(reader.take(2 * letters))
    .swap16()
    .toString("utf16le")
    .toWellFormed();
  const at = start + 2 + keyBytes;
  const type = reader.seek(at).u16();
  if (type !== FOLDER && type !== FILE) return undefined;
  const id = reader.seek(at + 8).u32();
  // What macOS shows as a colon is a slash on disk.
  const base = { id, parent, name: name.replaceAll("/", ":") };
  if (type === FOLDER) return { kind: "folder", ...base };
  const mode = reader.seek(at + 42).u16();
  const isRegular = (mode & KIND_MASK) === REGULAR || (mode & KIND_MASK) === 0;
  return { kind: "file", ...base, ...(isRegular ? { fork: parseFork(reader.seek(at + 88)) } : {}) };
}
