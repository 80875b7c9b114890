// A compound file (MS-CFB) as what is signed in it: storages and streams with what their entries say of them, and where their bytes lie.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import { type Allocation, openAllocation } from "../../cfb/allocation.ts";
import { type CfbHeader, FIRST_MARK, HEADER_BYTES, parseCfbHeader } from "../../cfb/cfb-header.ts";
import type { Range } from "../hash-pieces.ts";

const ENTRY_BYTES = 128;
const MINI_BYTES = 64;
const NONE = 0xffffffff;
const MAX_ENTRIES = 100_000;
const MAX_DEPTH = 32;
const MAX_MINI_STREAM_BYTES = 64 * 1024 * 1024;
const TYPE = { storage: 1, stream: 2, root: 5 } as const;

export interface StorageNode {
  readonly kind: keyof typeof TYPE;
  /** UTF-16, without its end. */
  readonly name: Uint8Array;
  readonly classId: Uint8Array;
  readonly stateBits: Uint8Array;
  /** When it was made, and changed. */
  readonly times: Uint8Array;
  /** Of a stream. */
  readonly bytes: number;
  readonly start: number;
  /** Of a storage, in the order of the tree. */
  readonly children: readonly StorageNode[];
}

export interface StorageTree {
  readonly root: StorageNode;
  /** Where a stream's bytes lie, in order. */
  rangesOf(stream: StorageNode): Promise<readonly Range[]>;
  /** Where the last byte that belongs to anything ends. */
  usedBytes(): Promise<number>;
}

interface Entry extends Omit<StorageNode, "children"> {
  readonly left: number;
  readonly right: number;
  readonly child: number;
}

export async function readStorageTree(source: ByteSource): Promise<StorageTree> {
  const header = parseCfbHeader(await source.read(0, Math.min(HEADER_BYTES, source.size)));
  const allocation = await openAllocation(source, header);
  const { sectorBytes } = header;
  const most = Math.min(MAX_ENTRIES / (sectorBytes / ENTRY_BYTES), Math.floor(source.size / sectorBytes));
  const directory = await allocation.chainToEnd(header.directoryStart, most);
  const entries = parseDirectory(await allocation.readSectors(directory), header);
  const top = entries[0];
  if (top?.kind !== "root") throw broken("compound file: there is no root");
  if (top.bytes > MAX_MINI_STREAM_BYTES) throw broken(`compound file: small streams of ${top.bytes} bytes`);
  const seen = new Set<number>([0]);
  const root: StorageNode = { ...top, children: childrenOf(entries, top.child, seen, 0) };
  const miniSectors = top.bytes === 0 ? [] : await allocation.chain(top.start, top.bytes);
  const miniTable = await readMiniTable(allocation, header, top.bytes);
  let last = Math.max(0, ...directory, ...miniTable.sectors, ...miniSectors.slice(-1));
  for (const sector of miniSectors) last = Math.max(last, sector);
  return {
    root,
    async rangesOf(stream) {
      if (stream.bytes === 0) return [];
      if (stream.bytes < header.miniCutoff) return miniRanges(stream, header, miniSectors, miniTable.table);
      const sectors = await allocation.chain(stream.start, stream.bytes);
      for (const sector of sectors) last = Math.max(last, sector);
      return joined(
        sectors.map((sector) => (sector + 1) * sectorBytes),
        sectorBytes,
        stream.bytes,
      );
    },
    async usedBytes() {
      for (const sector of await tableSectors(source, header)) last = Math.max(last, sector);
      return Math.min(source.size, (last + 2) * sectorBytes);
    },
  };
}

function parseDirectory(bytes: Uint8Array, header: CfbHeader): readonly (Entry | undefined)[] {
  return Array.from({ length: Math.floor(bytes.length / ENTRY_BYTES) }, (_, index) =>
    parseEntry(bytes.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES), header),
  );
}

/** Undefined: an entry that is not in use. */
function parseEntry(bytes: Uint8Array, header: CfbHeader): Entry | undefined {
  const reader = new ByteReader(bytes, { littleEndian: true }).seek(64);
  const nameLength = reader.u16();
  const type = reader.u8();
  const kind = (Object.keys(TYPE) as (keyof typeof TYPE)[]).find((one) => TYPE[one] === type);
  if (kind === undefined) return undefined;
  if (nameLength > 64) throw broken("compound file: a name is too long");
  const [left, right, child] = [reader.skip(1).u32(), reader.u32(), reader.u32()];
  const sizes = reader.seek(116);
  const start = sizes.u32();
  return {
    kind,
    name: bytes.slice(0, Math.max(0, nameLength - 2)),
    classId: bytes.slice(80, 96),
    stateBits: bytes.slice(96, 100),
    times: bytes.slice(100, 116),
    bytes: kind === "storage" ? 0 : header.wideSizes ? sizes.u64() : sizes.u32(),
    start,
    left,
    right,
    child,
  };
}

/** A storage's children are a binary tree; each entry may be reached once in the whole file. */
function childrenOf(entries: readonly (Entry | undefined)[], top: number, seen: Set<number>, depth: number): readonly StorageNode[] {
  if (depth > MAX_DEPTH) throw broken("compound file: storages are nested too deep");
  const found: StorageNode[] = [];
  const pending = [top];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (index === NONE) continue;
    const entry = entries[index];
    if (entry === undefined || entry.kind === "root" || seen.has(index)) throw broken("compound file: the directory is damaged");
    seen.add(index);
    found.push({ ...entry, children: entry.kind === "storage" ? childrenOf(entries, entry.child, seen, depth + 1) : [] });
    pending.push(entry.left, entry.right);
  }
  return found;
}

interface MiniTable {
  readonly sectors: readonly number[];
  readonly table: ByteReader;
}

async function readMiniTable(allocation: Allocation, header: CfbHeader, miniBytes: number): Promise<MiniTable> {
  if (miniBytes === 0) return { sectors: [], table: new ByteReader(new Uint8Array(), { littleEndian: true }) };
  const most = Math.ceil(miniBytes / MINI_BYTES / (header.sectorBytes / 4));
  const sectors = await allocation.chainToEnd(header.miniFatStart, most);
  return { sectors, table: new ByteReader(await allocation.readSectors(sectors), { littleEndian: true }) };
}

function miniRanges(stream: StorageNode, { sectorBytes }: CfbHeader, sectors: readonly number[], table: ByteReader): readonly Range[] {
  const perSector = sectorBytes / MINI_BYTES;
  const places: number[] = [];
  for (let mini = stream.start; places.length < Math.ceil(stream.bytes / MINI_BYTES); mini = table.seek(mini * 4).u32()) {
    const sector = mini >= FIRST_MARK ? undefined : sectors[Math.floor(mini / perSector)];
    if (sector === undefined) throw broken("compound file: a small stream lies outside");
    places.push((sector + 1) * sectorBytes + (mini % perSector) * MINI_BYTES);
  }
  return joined(places, MINI_BYTES, stream.bytes);
}

/** Pieces of one size that lie next to each other, as one range each. */
function joined(places: readonly number[], pieceBytes: number, bytes: number): readonly Range[] {
  const ranges: { offset: number; bytes: number }[] = [];
  let left = bytes;
  for (const offset of places) {
    const own = Math.min(pieceBytes, left);
    left -= own;
    const before = ranges.at(-1);
    if (before !== undefined && before.offset + before.bytes === offset) before.bytes += own;
    else ranges.push({ offset, bytes: own });
  }
  return ranges;
}

/** Sectors that hold the allocation table, and those that say where it is. */
async function tableSectors(source: ByteSource, header: CfbHeader): Promise<readonly number[]> {
  const sectors = header.difat.filter((sector) => sector < FIRST_MARK);
  let at = header.difatStart;
  for (let count = 0; count < header.difatSectorCount && at < FIRST_MARK; count += 1) {
    sectors.push(at);
    const reader = new ByteReader(await source.read((at + 1) * header.sectorBytes, header.sectorBytes), { littleEndian: true });
    while (reader.left > 4) sectors.push(...[reader.u32()].filter((sector) => sector < FIRST_MARK));
    at = reader.u32();
  }
  return sectors;
}
