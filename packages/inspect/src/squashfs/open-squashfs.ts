// squashfs, a compressed file system that is only read (Linux: fs/squashfs/squashfs_fs.h and Documentation/filesystems/squashfs.rst): a
// superblock, data blocks, then tables of inodes, folders and fragments in small compressed blocks. Fragments are blocks that the ends of
// several files share. Only looked up by path; nothing is unpacked.
import { type ByteSource, ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import type { Budget } from "../budget.ts";
import { decompressBlock } from "../compression/decompress-block.ts";
import type { ImageEntry, ImageFiles } from "../image-files.ts";
import { type FileInode, type FolderInode, readInode } from "./inode.ts";
import { openMetadata } from "./metadata.ts";
import { type InodeReference, readSuperblock } from "./superblock.ts";

const STORED = 1 << 24;
const SIZE_MASK = STORED - 1;
const FRAGMENTS_PER_BLOCK = 512;
const MAX_FOLDER_BYTES = 1024 * 1024;

/** Undefined when its compressor is one that is not read here: lzo, lzma. */
export async function openSquashfs(source: ByteSource, budget: Budget): Promise<ImageFiles<InodeReference> | string> {
  const superblock = await readSuperblock(source);
  const { compressor, blockBytes } = superblock;
  if (compressor === "lzo" || compressor === "lzma" || compressor === "") return compressor;
  const tables = openMetadata(source, compressor, budget);

  const readBlock = async (offset: number, size: number): Promise<Uint8Array> => {
    const stored = size & SIZE_MASK;
    if (stored > blockBytes) throw broken("squashfs: a block is larger than blocks are");
    budget.spend(blockBytes, "a file's blocks");
    if (stored === 0) return new Uint8Array(blockBytes);
    const data = await source.read(offset, stored);
    return (size & STORED) === 0 ? decompressBlock(data, compressor, blockBytes) : data;
  };

  const readFragment = async (index: number): Promise<Uint8Array> => {
    if (index >= superblock.fragments) throw broken("squashfs: a fragment that is not there");
    const pointerAt = superblock.fragmentTable + Math.floor(index / FRAGMENTS_PER_BLOCK) * 8;
    const block = new ByteReader(await source.read(pointerAt, 8), { littleEndian: true }).u64();
    const row = await tables.cursor(block, (index % FRAGMENTS_PER_BLOCK) * 16).take(16);
    return readBlock(row.u64(), row.u32());
  };

  const readFile = async ({ bytes, blocks, start, fragment }: FileInode): Promise<Uint8Array> => {
    const parts: Uint8Array[] = [];
    let offset = start;
    for (const size of blocks) {
      parts.push(await readBlock(offset, size));
      offset += size & SIZE_MASK;
    }
    const rest = bytes % blockBytes;
    if (fragment !== undefined) parts.push((await readFragment(fragment.index)).subarray(fragment.offset, fragment.offset + rest));
    const content = Buffer.concat(parts).subarray(0, bytes);
    if (content.length !== bytes) throw broken("squashfs: a file is shorter than it says");
    return new Uint8Array(content);
  };

  const list = async ({ bytes, listing }: FolderInode): Promise<readonly ImageEntry<InodeReference>[]> => {
    if (bytes > MAX_FOLDER_BYTES) throw broken(`squashfs: a folder's listing of ${bytes} bytes`);
    const cursor = tables.cursor(superblock.folderTable + listing.block, listing.offset);
    const entries: ImageEntry<InodeReference>[] = [];
    // The size counts three bytes for `.` and `..`, which are not there.
    for (let left = bytes - 3; left > 0; ) {
      const header = await cursor.take(12);
      const [count, block] = [header.u32() + 1, header.u32()];
      if (count > 256) throw broken("squashfs: a folder's listing is damaged");
      left -= 12;
      for (let index = 0; index < count; index += 1) {
        const row = await cursor.take(8);
        const offset = row.u16();
        const length = row.skip(4).u16() + 1;
        if (length > 256) throw broken("squashfs: a name is too long");
        entries.push({ name: (await cursor.take(length)).text(length), at: { block, offset } });
        left -= 8 + length;
      }
    }
    return entries;
  };

  return {
    root: superblock.root,
    async open(at) {
      const inode = await readInode(tables, superblock, at);
      if (inode.kind === "folder") return { kind: "folder", list: () => list(inode) };
      if (inode.kind === "file") return { kind: "file", bytes: inode.bytes, read: () => readFile(inode) };
      return inode;
    },
  };
}
