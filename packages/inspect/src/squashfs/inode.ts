import { broken } from "../broken.ts";
import type { MetadataTables } from "./metadata.ts";
import type { InodeReference, Superblock } from "./superblock.ts";

const NO_FRAGMENT = 0xffffffff;
const MAX_TARGET_BYTES = 4096;
const MAX_BLOCKS = 64;

export type Inode = FolderInode | FileInode | { readonly kind: "symlink"; readonly target: string } | { readonly kind: "other" };

export interface FolderInode {
  readonly kind: "folder";
  readonly bytes: number;
  /** Of the listing, in the table of folders. */
  readonly listing: InodeReference;
}

export interface FileInode {
  readonly kind: "file";
  readonly bytes: number;
  readonly start: number;
  /** Stored sizes of its whole blocks; only for files small enough to be read. */
  readonly blocks: readonly number[];
  readonly fragment?: { readonly index: number; readonly offset: number };
}

export async function readInode(tables: MetadataTables, { inodeTable, blockBytes }: Superblock, at: InodeReference): Promise<Inode> {
  const cursor = tables.cursor(inodeTable + at.block, at.offset);
  const type = (await cursor.take(16)).u16();
  if (type === 1) {
    const body = await cursor.take(16);
    const [block, bytes, offset] = [body.u32(), body.skip(4).u16(), body.u16()];
    return { kind: "folder", bytes, listing: { block, offset } };
  }
  if (type === 8) {
    const body = await cursor.take(24);
    const [bytes, block, offset] = [body.skip(4).u32(), body.u32(), body.skip(6).u16()];
    return { kind: "folder", bytes, listing: { block, offset } };
  }
  if (type === 3 || type === 10) {
    const length = (await cursor.take(8)).skip(4).u32();
    if (length === 0 || length > MAX_TARGET_BYTES) throw broken("squashfs: a symbolic link is damaged");
    return { kind: "symlink", target: (await cursor.take(length)).text(length) };
  }
  if (type !== 2 && type !== 9) return { kind: "other" };
  const wide = type === 9;
  const body = await cursor.take(wide ? 40 : 16);
  const start = wide ? body.u64() : body.u32();
  const early = wide ? body.u64() : undefined;
  if (wide) body.skip(12);
  const [index, offset] = [body.u32(), body.u32()];
  const bytes = early ?? body.u32();
  const count = index === NO_FRAGMENT ? Math.ceil(bytes / blockBytes) : Math.floor(bytes / blockBytes);
  const sizes = count > MAX_BLOCKS ? undefined : await cursor.take(count * 4);
  const blocks = sizes === undefined ? [] : Array.from({ length: count }, () => sizes.u32());
  return { kind: "file", bytes, start, blocks, ...(index === NO_FRAGMENT ? {} : { fragment: { index, offset } }) };
}
