import { ByteReader, type ByteSource, checkRange } from "@distd/core";
import { broken } from "../broken.ts";
import { DIRECTORY, type PeFile } from "./pe-file.ts";

/** winuser.h: numbers of resource types. */
export const RESOURCE = { icon: 3, data: 10, iconGroup: 14, version: 16, manifest: 24 } as const;

const TABLE_BYTES = 16;
const MAX_ENTRIES = 4096;
const MAX_NAME_LETTERS = 256;
/** Tables and names lie at the front, as a rule all of them here. */
const WINDOW_BYTES = 32 * 1024;
const IS_TABLE = 0x80000000;

export type ResourceName = number | string;

interface Entry {
  readonly name: ResourceName;
  readonly isTable: boolean;
  readonly at: number;
}

export interface Resources {
  /** Names of the resources of one type; empty when there are none. */
  list(type: ResourceName): Promise<readonly ResourceName[]>;
  /** The first resource of a type (and name), in the first language; undefined when there is none. */
  read(type: ResourceName, name: ResourceName | undefined, maxBytes: number): Promise<Uint8Array | undefined>;
}

/** The tree of resources has three levels: type, name, language. Exactly three are followed, so circles in it end. */
export function openResources(source: ByteSource, pe: PeFile): Resources {
  const place = pe.directory(DIRECTORY.resources);
  const base = place === undefined ? undefined : pe.fileOffset(place.at);
  const directory = base === undefined || base > source.size ? undefined : windowAt(source, base);
  const tableAt = async (at: number): Promise<readonly Entry[]> => (directory === undefined ? [] : readTable(directory, at));
  const namesOf = async (type: ResourceName): Promise<readonly Entry[]> => {
    const found = (await tableAt(0)).find((entry) => entry.name === type && entry.isTable);
    return found === undefined ? [] : tableAt(found.at);
  };
  return {
    list: async (type) => (await namesOf(type)).map(({ name }) => name),
    async read(type, name, maxBytes) {
      const named = (await namesOf(type)).find((entry) => entry.isTable && (name === undefined || entry.name === name));
      const leaf = named === undefined ? undefined : (await tableAt(named.at)).find((entry) => !entry.isTable);
      if (leaf === undefined || directory === undefined) return undefined;
      const reader = new ByteReader(await directory.read(leaf.at, 8), { littleEndian: true });
      const [address, bytes] = [reader.u32(), reader.u32()];
      if (bytes > maxBytes) throw broken(`pe: a resource of ${bytes} bytes, at most ${maxBytes} are read`);
      const offset = pe.fileOffset(address);
      if (offset === undefined) throw broken("pe: a resource lies outside the sections");
      return source.read(offset, bytes);
    },
  };
}

async function readTable(directory: ByteSource, at: number): Promise<readonly Entry[]> {
  const head = new ByteReader(await directory.read(at, TABLE_BYTES), { littleEndian: true }).seek(12);
  const count = head.u16() + head.u16();
  if (count > MAX_ENTRIES) throw broken(`pe: ${count} resources of one kind`);
  const reader = new ByteReader(await directory.read(at + TABLE_BYTES, count * 8), { littleEndian: true });
  const entries: Entry[] = [];
  for (let index = 0; index < count; index += 1) {
    const [name, target] = [reader.u32(), reader.u32()];
    const isNamed = name >= IS_TABLE;
    entries.push({
      name: isNamed ? await readName(directory, name - IS_TABLE) : name,
      isTable: target >= IS_TABLE,
      at: target >= IS_TABLE ? target - IS_TABLE : target,
    });
  }
  return entries;
}

async function readName(directory: ByteSource, at: number): Promise<string> {
  const letters = new ByteReader(await directory.read(at, 2), { littleEndian: true }).u16();
  return Buffer.from(await directory.read(at + 2, 2 * Math.min(letters, MAX_NAME_LETTERS))).toString("utf16le");
}

/** What begins at `base`; its front is read once. */
function windowAt(source: ByteSource, base: number): ByteSource {
  const size = source.size - base;
  let front: Promise<Uint8Array> | undefined;
  return {
    size,
    async read(offset, length) {
      checkRange(size, offset, length);
      if (offset + length > WINDOW_BYTES) return source.read(base + offset, length);
      front ??= source.read(base, Math.min(size, WINDOW_BYTES));
      return (await front).subarray(offset, offset + length);
    },
  };
}
