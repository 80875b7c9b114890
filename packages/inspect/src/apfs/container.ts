// An APFS container: volumes that share a disk. Nothing is written over; each transaction leaves a new superblock in an area that block 0
// names, and the newest one that is whole counts.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { hasRightChecksum } from "./checksum.ts";
import { type Blocks, OBJECT, objectKind, transactionOf } from "./object.ts";
import { readObjectMap } from "./object-map.ts";

const MAGIC = 0x4253584e;
const MAGIC_AT = 32;
const MIN_BLOCK_BYTES = 4096;
const MAX_BLOCK_BYTES = 65_536;
const MAX_CHECKPOINT_BLOCKS = 1024;
const MAX_VOLUMES = 100;

export interface ApfsContainer {
  readonly blocks: Blocks;
  readonly transaction: number;
  /** Addresses of their superblocks. */
  readonly volumes: readonly number[];
}

export async function isApfs(source: ByteSource): Promise<boolean> {
  if (source.size < MIN_BLOCK_BYTES) return false;
  return new ByteReader(await source.read(MAGIC_AT, 4), { littleEndian: true }).u32() === MAGIC;
}

export async function openContainer(source: ByteSource): Promise<ApfsContainer> {
  const first = new ByteReader(await source.read(0, Math.min(MIN_BLOCK_BYTES, source.size)), { littleEndian: true });
  if (first.seek(MAGIC_AT).u32() !== MAGIC) throw broken("apfs: not a container");
  const blockBytes = first.u32();
  if (blockBytes < MIN_BLOCK_BYTES || blockBytes > MAX_BLOCK_BYTES || (blockBytes & (blockBytes - 1)) !== 0)
    throw broken(`apfs: blocks of ${blockBytes} bytes`);
  const blocks = { source, blockBytes };
  const superblock = await newestSuperblock(blocks, first);
  const transaction = transactionOf(superblock);
  const locate = await readObjectMap(blocks, superblock.seek(160).u64(), transaction);
  const count = superblock.seek(180).u32();
  if (count > MAX_VOLUMES) throw broken(`apfs: ${count} volumes`);
  const volumes = Array.from({ length: count }, () => superblock.u64()).filter((volume) => volume !== 0);
  return { blocks, transaction, volumes: volumes.map(locate) };
}

async function newestSuperblock({ source, blockBytes }: Blocks, first: ByteReader): Promise<ByteReader> {
  const count = first.seek(104).u32();
  const base = first.seek(112).u64();
  // The highest bit says that the area is in pieces, which a tree lists; only containers that were resized have that.
  if (count > MAX_CHECKPOINT_BLOCKS) throw broken(`apfs: checkpoints in ${count} blocks`);
  const area = await source.read(base * blockBytes, count * blockBytes);
  let newest: ByteReader | undefined;
  for (let at = 0; at < area.length; at += blockBytes) {
    const block = area.subarray(at, at + blockBytes);
    if (objectKind(block) !== OBJECT.container || !hasRightChecksum(block)) continue;
    const reader = new ByteReader(block, { littleEndian: true });
    if (reader.seek(MAGIC_AT).u32() !== MAGIC || reader.u32() !== blockBytes) continue;
    if (newest === undefined || transactionOf(reader) > transactionOf(newest)) newest = reader;
  }
  if (newest === undefined) throw broken("apfs: no checkpoint is whole");
  return newest;
}
