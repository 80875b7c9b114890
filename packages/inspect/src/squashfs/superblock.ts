import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";

export const SUPERBLOCK_BYTES = 96;
const MAGIC = 0x73717368;
const MAX_BLOCK_BYTES = 1024 * 1024;
const COMPRESSORS = ["", "gzip", "lzma", "lzo", "xz", "lz4", "zstd"] as const;
export type SquashfsCompressor = (typeof COMPRESSORS)[number];

export interface Superblock {
  readonly blockBytes: number;
  readonly compressor: SquashfsCompressor;
  /** Where the root folder's inode is: block and offset as one number, see `InodeReference`. */
  readonly root: InodeReference;
  readonly inodeTable: number;
  readonly folderTable: number;
  readonly fragmentTable: number;
  readonly fragments: number;
}

/** A block's place in its table, and an offset in what it decompresses to. */
export interface InodeReference {
  readonly block: number;
  readonly offset: number;
}

export function isSquashfs(head: Uint8Array): boolean {
  return head.length >= 4 && new ByteReader(head, { littleEndian: true }).u32() === MAGIC;
}

export async function readSuperblock(source: ByteSource): Promise<Superblock> {
  if (source.size < SUPERBLOCK_BYTES) throw broken("squashfs: cut short");
  const reader = new ByteReader(await source.read(0, SUPERBLOCK_BYTES), { littleEndian: true });
  if (reader.u32() !== MAGIC) throw broken("squashfs: not a file system");
  const blockBytes = reader.skip(8).u32();
  const fragments = reader.u32();
  const compressor = COMPRESSORS[reader.u16()];
  const major = reader.skip(6).u16();
  const rootOffset = reader.skip(2).u16();
  const rootBlock = reader.u32();
  reader.skip(2);
  const usedBytes = reader.u64();
  const [inodeTable, folderTable, fragmentTable] = [reader.skip(16).u64(), reader.u64(), reader.u64()];
  if (major !== 4) throw broken(`squashfs: version ${major}; 4 is read`);
  if (compressor === undefined || compressor === "") throw broken("squashfs: an unknown compressor");
  if (blockBytes < 4096 || blockBytes > MAX_BLOCK_BYTES) throw broken(`squashfs: blocks of ${blockBytes} bytes`);
  if (usedBytes > source.size) throw broken(`squashfs: it ends at ${usedBytes}, the file at ${source.size}`);
  return { blockBytes, compressor, root: { block: rootBlock, offset: rootOffset }, inodeTable, folderTable, fragmentTable, fragments };
}
