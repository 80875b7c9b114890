// HFS+ (Apple's Technical Note 1150): a volume header at byte 1024, files as extents of allocation blocks, and a catalogue, a B-tree whose
// leaves hold every file and folder by its parent's number and its name. Leaves are chained, so the tree itself is not walked.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import type { Budget } from "../budget.ts";
import { type Compression, openCompressed, parseCompression } from "../compression/decmpfs.ts";
import { readCompressions } from "./attributes.ts";
import { leavesOf } from "./btree.ts";
import { type CatalogRecord, type FileForks, parseLeaf } from "./catalog.ts";
import { openFork, parseFork } from "./fork.ts";

const HEADER_AT = 1024;
const HEADER_BYTES = 512;
const SIGNATURES: readonly number[] = [0x482b, 0x4858];
const CATALOG_FORK = 272;
const ATTRIBUTES_FORK = 352;
const ROOT_PARENT = 1;
const ROOT = 2;
const MAX_FOLDER_DEPTH = 64;

export interface HfsFile {
  readonly path: string;
  readonly bytes: number;
  readonly forks: FileForks;
  /** Of a compressed file. */
  readonly compression?: Compression;
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

export async function openHfs(source: ByteSource, maxEntries: number, budget: Budget): Promise<HfsVolume> {
  const header = new ByteReader(await source.read(HEADER_AT, HEADER_BYTES), { littleEndian: false });
  if (!SIGNATURES.includes(header.u16())) throw broken("hfs: not a volume");
  const blockBytes = header.seek(40).u32();
  if (blockBytes < 512 || blockBytes > 1024 * 1024 || (blockBytes & (blockBytes - 1)) !== 0)
    throw broken(`hfs: blocks of ${blockBytes} bytes`);
  const treeAt = (at: number): ByteSource => openFork(source, parseFork(header.seek(at)), blockBytes);
  const records: CatalogRecord[] = [];
  for await (const leaf of leavesOf(treeAt(CATALOG_FORK))) {
    records.push(...parseLeaf(leaf));
    if (records.length > 2 * maxEntries) throw broken(`hfs: more than ${maxEntries} files`);
  }
  const isCompressed = records.some(({ content }) => content?.isCompressed === true);
  const compressions = isCompressed ? await readCompressions(treeAt(ATTRIBUTES_FORK)) : new Map<number, Uint8Array>();
  const folders = new Map(records.filter(({ kind }) => kind === "folder").map((record) => [record.id, record]));
  const name = folders.get(ROOT)?.name;
  return {
    ...(name === undefined ? {} : { name }),
    files: records.flatMap((record) => describeFile(record, pathOf(record, folders), compressions) ?? []),
    open({ forks, compression }) {
      if (compression === undefined) return openFork(source, forks.data, blockBytes);
      return openCompressed(compression, openFork(source, forks.resource, blockBytes), budget);
    },
  };
}

function describeFile(
  { id, content }: CatalogRecord,
  path: string | undefined,
  compressions: ReadonlyMap<number, Uint8Array>,
): HfsFile | undefined {
  if (content === undefined || path === undefined) return undefined;
  const attribute = content.isCompressed ? compressions.get(id) : undefined;
  if (attribute === undefined) return { path, bytes: content.data.bytes, forks: content };
  const compression = parseCompression(attribute);
  return { path, bytes: compression.bytes, forks: content, compression };
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
