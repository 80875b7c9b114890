import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { decodeName, recordsOf } from "./btree.ts";
import { type Fork, parseFork } from "./fork.ts";

const FOLDER = 1;
const FILE = 2;
const KEY_BYTES = 6;
const REGULAR = 0x8000;
const KIND_MASK = 0xf000;
const COMPRESSED = 0x20;

export interface CatalogRecord {
  readonly kind: "folder" | "file";
  readonly id: number;
  readonly parent: number;
  readonly name: string;
  /** Of regular files. */
  readonly content?: FileForks;
}

export interface FileForks {
  readonly data: Fork;
  readonly resource: Fork;
  /** Then an attribute says how, and the data fork is empty. */
  readonly isCompressed: boolean;
}

export function parseLeaf(leaf: Uint8Array): readonly CatalogRecord[] {
  const reader = new ByteReader(leaf, { littleEndian: false });
  return recordsOf(leaf).flatMap((offset) => parseRecord(reader.seek(offset), offset) ?? []);
}

function parseRecord(reader: ByteReader, start: number): CatalogRecord | undefined {
  const keyBytes = reader.u16();
  const parent = reader.u32();
  const letters = reader.u16();
  if (KEY_BYTES + 2 * letters > keyBytes) throw broken("hfs: a name is longer than its key");
  const name = decodeName(reader.take(2 * letters));
  const at = start + 2 + keyBytes;
  const type = reader.seek(at).u16();
  if (type !== FOLDER && type !== FILE) return undefined;
  const id = reader.seek(at + 8).u32();
  // What macOS shows as a colon is a slash on disk.
  const base = { id, parent, name: name.replaceAll("/", ":") };
  if (type === FOLDER) return { kind: "folder", ...base };
  const isCompressed = (reader.seek(at + 41).u8() & COMPRESSED) !== 0;
  const mode = reader.u16();
  const isRegular = (mode & KIND_MASK) === REGULAR || (mode & KIND_MASK) === 0;
  if (!isRegular) return { kind: "file", ...base };
  const data = parseFork(reader.seek(at + 88));
  return { kind: "file", ...base, content: { data, resource: parseFork(reader), isCompressed } };
}
