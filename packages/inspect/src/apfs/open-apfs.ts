// APFS (Apple File System Reference, 2020-06-22): a container with volumes, each with a map of its objects and a tree of all that is in it.
// The tree is read whole, once, in the order of the disk; files are read when asked for.
import { type ByteSource, memorySource } from "@distd/core";
import { broken } from "../broken.ts";
import type { Budget } from "../budget.ts";
import { untilNul } from "../until-nul.ts";
import { entriesOf } from "./btree.ts";
import { ApfsCatalog } from "./catalog.ts";
import { openContainer } from "./container.ts";
import { OBJECT, readObject } from "./object.ts";
import { readObjectMap } from "./object-map.ts";
import { type ApfsFiles, openFiles } from "./open-files.ts";

export { isApfs } from "./container.ts";

const MAGIC = 0x42535041;
/** Volumes that do not tell cases or forms of letters apart. */
const HASHED_NAMES = 1 | 8;
const SEALED = 0x20;
const UNENCRYPTED = 1;
const NAME_AT = 704;
const NAME_BYTES = 256;

export interface ApfsVolume extends ApfsFiles {
  readonly name?: string;
  /** Then there are no files. */
  readonly isEncrypted: boolean;
}

/** The first volume of the container; images for download have one. */
export async function openApfs(source: ByteSource, maxEntries: number, budget: Budget): Promise<ApfsVolume> {
  const { blocks, transaction, volumes } = await openContainer(source);
  const [address] = volumes;
  if (address === undefined) throw broken("apfs: a container without volume");
  const superblock = await readObject(blocks, address, [OBJECT.volume]);
  if (superblock.u32() !== MAGIC) throw broken("apfs: not a volume");
  const features = superblock.seek(56).u32();
  const isEncrypted = (superblock.seek(264).u32() & UNENCRYPTED) === 0;
  const text = superblock.seek(NAME_AT).text(untilNul(superblock.bytes.subarray(NAME_AT, NAME_AT + NAME_BYTES)).length);
  const name = text === "" ? {} : { name: text };
  if (isEncrypted) return { ...name, isEncrypted, files: [], open: () => memorySource(new Uint8Array()) };
  if ((features & SEALED) !== 0) throw broken("apfs: a sealed system volume");
  const locate = await readObjectMap(blocks, superblock.seek(128).u64(), transaction);
  const catalog = new ApfsCatalog((features & HASHED_NAMES) !== 0);
  for await (const entry of entriesOf(blocks, locate(superblock.seek(136).u64()), locate)) {
    catalog.add(entry);
    if (catalog.files.length + catalog.folders.size > 2 * maxEntries) throw broken(`apfs: more than ${maxEntries} files`);
  }
  return { ...name, isEncrypted, ...openFiles(blocks, catalog, budget) };
}
