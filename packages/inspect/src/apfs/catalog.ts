// The records of a volume's tree: each key begins with the number of the file or folder it is about and a kind. A folder has one for each
// name in it, a file one for its facts, one for each piece of its content and one for each attribute.
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import type { TreeEntry } from "./btree.ts";
import { type AttributeValue, type Extent, type Inode, parseAttribute, parseExtent, parseInode } from "./record-values.ts";

const KIND = { inode: 3, attribute: 4, extent: 8, name: 9 } as const;
const FOLDER = 4;
const FILE = 8;
const COMPRESSION_ATTRIBUTE = "com.apple.decmpfs";
const RESOURCE_FORK_ATTRIBUTE = "com.apple.ResourceFork";

export interface NameRecord {
  readonly parent: number;
  readonly name: string;
  readonly id: number;
}

export class ApfsCatalog {
  readonly folders = new Map<number, NameRecord>();
  readonly files: NameRecord[] = [];
  readonly inodes = new Map<number, Inode>();
  /** By the number of the stream, which is the file's own unless it was cloned. */
  readonly extents = new Map<number, Extent[]>();
  readonly compressions = new Map<number, AttributeValue>();
  readonly resourceForks = new Map<number, AttributeValue>();
  readonly #hashedNames: boolean;

  /** Volumes that do not tell cases apart keep a hash beside each name. */
  constructor(hashedNames: boolean) {
    this.#hashedNames = hashedNames;
  }

  add({ key, value }: TreeEntry): void {
    const keyReader = new ByteReader(key, { littleEndian: true });
    const low = keyReader.u32();
    const high = keyReader.u32();
    const kind = high >>> 28;
    if (kind !== KIND.inode && kind !== KIND.attribute && kind !== KIND.extent && kind !== KIND.name) return;
    const id = (high & 0x0fffffff) * 2 ** 32 + low;
    if (!Number.isSafeInteger(id)) throw broken("apfs: a number of a file is out of range");
    const valueReader = new ByteReader(value, { littleEndian: true });
    if (kind === KIND.inode) this.inodes.set(id, parseInode(valueReader));
    else if (kind === KIND.name) this.#addName(id, keyReader, valueReader);
    else if (kind === KIND.extent) this.#addExtent(id, parseExtent(keyReader, valueReader));
    else this.#addAttribute(id, keyReader, valueReader);
  }

  #addName(parent: number, key: ByteReader, value: ByteReader): void {
    const name = readText(key, this.#hashedNames ? key.u32() & 0x3ff : key.u16());
    if (name === "" || name.includes("/")) throw broken("apfs: a file's name is damaged");
    const record = { parent, name, id: value.u64() };
    const type = value.skip(8).u16() & 15;
    if (type === FOLDER) this.folders.set(record.id, record);
    else if (type === FILE) this.files.push(record);
  }

  #addExtent(stream: number, extent: Extent): void {
    const known = this.extents.get(stream);
    if (known === undefined) this.extents.set(stream, [extent]);
    else known.push(extent);
  }

  #addAttribute(id: number, key: ByteReader, value: ByteReader): void {
    const name = readText(key, key.u16());
    if (name === COMPRESSION_ATTRIBUTE) this.compressions.set(id, parseAttribute(value));
    else if (name === RESOURCE_FORK_ATTRIBUTE) this.resourceForks.set(id, parseAttribute(value));
  }
}

/** The length counts a zero at the end. */
function readText(reader: ByteReader, length: number): string {
  if (length === 0) throw broken("apfs: a name without end");
  const text = reader.text(length - 1);
  if (reader.u8() !== 0) throw broken("apfs: a name without end");
  return text;
}
