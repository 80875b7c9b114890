// HFS+ (Apple's Technical Note 1150): a volume header at byte 1024, files as extents of allocation blocks, and a catalogue, a B-tree whose
// leaves hold every file and folder by its parent's number and its name. Leaves are chained, so the tree itself is not walked.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { type CatalogRecord, parseLeaf } from "./catalog.ts";
import { type Fork, openFork, parseFork } from "./fork.ts";

const HEADER_AT = 1024;
const HEADER_BYTES = 512;
const SIGNATURES: readonly number[] = [0x482b, 0x4858];
const CATALOG_FORK = 272;
const ROOT_PARENT = 1;
const ROOT = 2;
const MAX_CATALOG_BYTES = 32 * 1024 * 1024;
const MAX_FOLDER_DEPTH = 64;

export interface HfsFile {
  readonly path: string;
  readonly fork: Fork;
}

export interface HfsVolume {
  readonly name?: string;
  readonly files: readonly HfsFile[];
  open(file: HfsFile): ByteSource;
}

export async function isHfs(source: ByteSource): Promise<boolean> {
  if (source.size < HEADER_AT + HEADER_BYTES) return false;
  return SIGNATURES.includes(new ByteReader(await source.read(HEADER_AT, 2), { littleEndian: false }).u16());
}

export async function openHfs(source: ByteSource, maxEntries: number): Promise<HfsVolume> {
  const header = new ByteReader(await source.read(HEADER_AT, HEADER_BYTES), { littleEndian: false });
  if (!SIGNATURES.includes(header.u16())) throw broken("hfs: not a volume");
  const blockBytes = header.seek(40).u32();
  if (blockBytes < 512 || blockBytes > 1024 * 1024 || (blockBytes & (blockBytes - 1)) !== 0)
    throw broken(`hfs: blocks of ${blockBytes} bytes`);
  const catalog = openFork(source, parseFork(header.seek(CATALOG_FORK)), blockBytes);
  const records: CatalogRecord[] = [];
  for await (const leaf of leavesOf(catalog)) {
    records.push(...parseLeaf(leaf));
    if (records.length > 2 * maxEntries) throw broken(`hfs: more than ${maxEntries} files`);
  }
  const folders = new Map(records.filter(({ kind }) => kind === "folder").map((record) => [record.id, record]));
  const name = folders.get(ROOT)?.name;
  return {
    ...(name === undefined ? {} : { name }),
    files: records.flatMap((record) => {
      const path = record.fork === undefined ? undefined : pathOf(record, folders);
      return path === undefined || record.fork === undefined ? [] : [{ path, fork: record.fork }];
    }),
    open: ({ fork }) => openFork(source, fork, blockBytes),
  };
}

/** The first node tells where the leaves begin; each leaf tells the next. */
async function* leavesOf(catalog: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  const head = new ByteReader(await catalog.read(0, Math.min(64, catalog.size)), { littleEndian: false });
  const first = head.seek(24).u32();
  const nodeBytes = head.seek(32).u16();
  if (nodeBytes < 512 || (nodeBytes & (nodeBytes - 1)) !== 0) throw broken(`hfs: nodes of ${nodeBytes} bytes`);
  // A chain that runs in a circle ends here.
  let left = Math.floor(Math.min(catalog.size, MAX_CATALOG_BYTES) / nodeBytes);
  for (let node = first; node !== 0; left -= 1) {
    if (left === 0) throw broken("hfs: the catalogue's leaves do not end");
    const bytes = await catalog.read(node * nodeBytes, nodeBytes);
    yield bytes;
    node = new ByteReader(bytes, { littleEndian: false }).u32();
  }
}

/** Undefined when its folders lead nowhere or in a circle. */
function pathOf(record: CatalogRecord, folders: ReadonlyMap<number, CatalogRecord>): string | undefined {
  const parts = [record.name];
  let parent = record.parent;
  while (parent !== ROOT && parent !== ROOT_PARENT) {
    const folder = folders.get(parent);
    if (folder === undefined || parts.length > MAX_FOLDER_DEPTH) return undefined;
    parts.unshift(folder.name);
    parent = folder.parent;
  }
  return parts.join("/");
}
