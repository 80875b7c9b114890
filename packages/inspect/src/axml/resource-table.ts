// resources.arsc, Android's compiled resources. Format: ResourceTypes.h of the Android framework. A table holds one pool of all string
// values and packages; a package holds, per resource type and configuration, a type chunk: an array of offsets, then entries. Three
// layouts of that array are in use (32 bits, 16 bits, sparse) and two of the entry (full, compact).
import type { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { CHUNK, type Chunk, childChunks, chunkReader, parseChunk } from "./chunk.ts";
import { type ResourceConfig, parseResourceConfig } from "./resource-config.ts";
import { makeResValue, parseResValue, type ResValue } from "./res-value.ts";
import { parseStringPool, type StringPool } from "./string-pool.ts";

const SPARSE = 0x01;
const OFFSET16 = 0x02;
const COMPLEX = 0x0001;
const COMPACT = 0x0008;

/** Real tables have a few hundred configurations of a type. */
const MAX_CONFIGS = 2000;

export interface ConfiguredValue {
  readonly config: ResourceConfig;
  readonly value: ResValue;
}

export interface ResourceTable {
  /** Every value of a resource, in the order of the table. Empty when there is none, or it is not a single value. */
  valuesOf(id: number): readonly ConfiguredValue[];
}

interface TypeChunk {
  readonly chunk: Chunk;
  readonly flags: number;
  readonly entryCount: number;
  readonly entriesStart: number;
  /** Parsed when a value is wanted: a table has hundreds of which a few matter. */
  readonly config: Uint8Array;
}

export const EMPTY_TABLE: ResourceTable = { valuesOf: () => [] };

export function parseResourceTable(bytes: Uint8Array): ResourceTable {
  const table = parseChunk(bytes, 0);
  if (table.type !== CHUNK.table) throw broken("resources.arsc is not a resource table");
  let strings: StringPool = () => undefined;
  const types = new Map<number, TypeChunk[]>();
  for (const chunk of childChunks(table)) {
    if (chunk.type === CHUNK.stringPool) strings = parseStringPool(chunk);
    else if (chunk.type === CHUNK.package) indexPackage(chunk, types);
  }
  const known = new Map<number, readonly ConfiguredValue[]>();
  const collect = (id: number): readonly ConfiguredValue[] => {
    const found: ConfiguredValue[] = [];
    for (const type of types.get(id >>> 16) ?? []) {
      const value = findEntry(type, id & 0xffff, strings);
      if (value !== undefined) found.push({ config: parseResourceConfig(type.config), value });
    }
    known.set(id, found);
    return found;
  };
  return { valuesOf: (id) => known.get(id) ?? collect(id) };
}

function indexPackage(chunk: Chunk, types: Map<number, TypeChunk[]>): void {
  const packageId = chunkReader(chunk, 8).u32() & 0xff;
  for (const child of childChunks(chunk)) {
    if (child.type !== CHUNK.type) continue;
    const reader = chunkReader(child, 8);
    const key = (packageId << 8) | reader.u8();
    const flags = reader.u8();
    const [entryCount, entriesStart] = [reader.skip(2).u32(), reader.u32()];
    const configSize = reader.u32();
    const config = chunkReader(child, 20).take(Math.min(configSize, child.headerSize - 20));
    const list = types.get(key) ?? [];
    if (list.length >= MAX_CONFIGS) throw broken(`resources.arsc has more than ${MAX_CONFIGS} configurations of one type`);
    list.push({ chunk: child, flags, entryCount, entriesStart, config });
    types.set(key, list);
  }
}

/** An entry that lies outside its chunk is no entry: the platform logs it and goes on. */
function findEntry(type: TypeChunk, index: number, strings: StringPool): ResValue | undefined {
  const offset = entryOffset(type, index);
  if (offset === undefined || type.entriesStart + offset + 8 > type.chunk.bytes.length) return undefined;
  const start = type.entriesStart + offset;
  const reader = chunkReader(type.chunk, start);
  const [size, flags, data] = [reader.u16(), reader.u16(), reader.u32()];
  if ((flags & COMPACT) !== 0) return makeResValue(flags >> 8, data, strings);
  if ((flags & COMPLEX) !== 0 || start + size + 8 > type.chunk.bytes.length) return undefined;
  return parseResValue(reader.seek(start + size), strings);
}

function entryOffset(type: TypeChunk, index: number): number | undefined {
  const reader = chunkReader(type.chunk, type.chunk.headerSize);
  if ((type.flags & SPARSE) !== 0) return sparseOffset(reader, type.entryCount, index);
  if (index >= type.entryCount) return undefined;
  if ((type.flags & OFFSET16) !== 0) {
    if (reader.left < index * 2 + 2) return undefined;
    const offset = reader.skip(index * 2).u16();
    return offset === 0xffff ? undefined : offset * 4;
  }
  if (reader.left < index * 4 + 4) return undefined;
  const offset = reader.skip(index * 4).u32();
  return offset === 0xffffffff ? undefined : offset;
}

/** Pairs of index and offset, both 16 bits, sorted by index. */
function sparseOffset(reader: ByteReader, entryCount: number, index: number): number | undefined {
  const start = reader.offset;
  let low = 0;
  let high = Math.min(entryCount, Math.floor(reader.left / 4));
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = reader.seek(start + middle * 4).u16();
    if (found === index) return reader.u16() * 4;
    if (found < index) low = middle + 1;
    else high = middle;
  }
  return undefined;
}
