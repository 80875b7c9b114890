// Compound File Binary (MS-CFB): a file system in a file. Sectors are chained by an allocation table; a directory of 128-byte entries forms
// a tree per storage. Small streams lie in sectors of 64 bytes inside a stream of their own, chained by a second table.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { type Allocation, openAllocation } from "./allocation.ts";
import { type CfbHeader, FIRST_MARK, HEADER_BYTES, parseCfbHeader } from "./cfb-header.ts";

const ENTRY_BYTES = 128;
const MINI_BYTES = 64;
const MAX_ENTRIES = 100_000;
const NONE = 0xffffffff;
const STREAM = 2;
const ROOT = 5;
const MAX_MINI_STREAM_BYTES = 64 * 1024 * 1024;

interface Entry {
  readonly name: string;
  readonly type: number;
  readonly left: number;
  readonly right: number;
  readonly child: number;
  readonly classId: string;
  readonly start: number;
  readonly bytes: number;
}

export interface Cfb {
  /** Class of the root storage: what kind of document it is, as 32 hexadecimal digits in the order of the file. */
  readonly classId: string;
  /** Streams directly in the root, by name. */
  readonly streams: ReadonlyMap<string, { readonly bytes: number }>;
  read(name: string, maxBytes: number): Promise<Uint8Array | undefined>;
}

export async function openCfb(source: ByteSource): Promise<Cfb> {
  const header = parseCfbHeader(await source.read(0, Math.min(HEADER_BYTES, source.size)));
  const allocation = await openAllocation(source, header);
  const entries = await readDirectory(source, allocation, header);
  const root = entries[0];
  if (root?.type !== ROOT) throw broken("compound file: there is no root");
  const children = childrenOf(entries, root.child);
  const streams = new Map(children.map((entry) => [entry.name, entry]));
  if (streams.size < children.length) throw broken("compound file: two streams have the same name");
  return {
    classId: root.classId,
    streams,
    async read(name, maxBytes) {
      const entry = streams.get(name);
      if (entry === undefined) return undefined;
      if (entry.bytes > maxBytes) throw broken(`compound file: a stream of ${entry.bytes} bytes, at most ${maxBytes} are read`);
      if (entry.bytes === 0) return new Uint8Array();
      const isMini = entry.bytes < header.miniCutoff;
      const data = isMini
        ? await readMini(allocation, header, root, entry)
        : await allocation.readSectors(await allocation.chain(entry.start, entry.bytes));
      return data.subarray(0, entry.bytes);
    },
  };
}

/** The directory's length is not written down: it ends with its chain. */
async function readDirectory(source: ByteSource, allocation: Allocation, header: CfbHeader): Promise<readonly Entry[]> {
  const perSector = header.sectorBytes / ENTRY_BYTES;
  const most = Math.min(MAX_ENTRIES / perSector, Math.floor(source.size / header.sectorBytes));
  const sectors = await allocation.chainToEnd(header.directoryStart, most);
  const reader = new ByteReader(await allocation.readSectors(sectors), { littleEndian: true });
  return Array.from({ length: sectors.length * perSector }, () =>
    parseEntry(new ByteReader(reader.take(ENTRY_BYTES), { littleEndian: true }), header),
  );
}

function parseEntry(reader: ByteReader, header: CfbHeader): Entry {
  const nameBytes = reader.take(64);
  const nameLength = Math.min(64, reader.u16());
  const type = reader.u8();
  const [left, right, child] = [reader.skip(1).u32(), reader.u32(), reader.u32()];
  const classId = Buffer.from(reader.take(16)).toString("hex");
  const start = reader.seek(116).u32();
  const bytes = type === STREAM || type === ROOT ? (header.wideSizes ? reader.u64() : reader.u32()) : 0;
  const name = Buffer.from(nameBytes.subarray(0, Math.max(0, nameLength - 2) & ~1)).toString("utf16le");
  return { name, type, left, right, child, classId, start, bytes };
}

/** A storage's children are a binary tree; each may be reached once, so circles and shared branches end here. */
function childrenOf(entries: readonly Entry[], top: number): readonly Entry[] {
  const found: Entry[] = [];
  const seen = new Set<number>();
  const pending = [top];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (index === NONE) continue;
    const entry = entries[index];
    if (entry === undefined || seen.has(index)) throw broken("compound file: the directory is damaged");
    seen.add(index);
    if (entry.type === STREAM) found.push(entry);
    pending.push(entry.left, entry.right);
  }
  return found;
}

/** Of the mini stream only the sectors that hold the stream are read. */
async function readMini(allocation: Allocation, header: CfbHeader, root: Entry, entry: Entry): Promise<Uint8Array> {
  if (root.bytes > MAX_MINI_STREAM_BYTES) throw broken(`compound file: small streams of ${root.bytes} bytes`);
  const sectors = await allocation.chain(root.start, root.bytes);
  const perSector = header.sectorBytes / MINI_BYTES;
  const table = await allocation.chainToEnd(header.miniFatStart, Math.ceil(root.bytes / MINI_BYTES / (header.sectorBytes / 4)));
  const fat = new ByteReader(await allocation.readSectors(table), { littleEndian: true });
  const wanted: number[] = [];
  for (let mini = entry.start; wanted.length < Math.ceil(entry.bytes / MINI_BYTES); mini = fat.seek(mini * 4).u32()) {
    if (mini >= FIRST_MARK) throw broken("compound file: a chain of small sectors ends early");
    wanted.push(mini);
  }
  const holding = [...new Set(wanted.map((mini) => Math.floor(mini / perSector)))];
  if (holding.some((index) => index >= sectors.length)) throw broken("compound file: a small sector lies outside the mini stream");
  const content = await allocation.readSectors(holding.map((index) => sectors[index] as number));
  const position = new Map(holding.map((index, at) => [index, at]));
  const parts = wanted.map((mini) => {
    const at = (position.get(Math.floor(mini / perSector)) as number) * header.sectorBytes + (mini % perSector) * MINI_BYTES;
    return content.subarray(at, at + MINI_BYTES);
  });
  return new Uint8Array(Buffer.concat(parts));
}
