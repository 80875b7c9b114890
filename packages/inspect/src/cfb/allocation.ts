import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { type CfbHeader, END, FIRST_MARK, FREE } from "./cfb-header.ts";

const MAX_DIFAT_SECTORS = 1024;
const MAX_CHAIN_SECTORS = 1024 * 1024;
/** How far the last used sector may lie before the end of the table. */
const MAX_FREE_TABLE_SECTORS = 64;

export interface Allocation {
  /** Sectors of the chain that begins at `start`, at most as many as `bytes` need. */
  chain(start: number, bytes: number): Promise<readonly number[]>;
  /** The whole chain; one longer than `most` sectors, such as a circle, is refused. */
  chainToEnd(start: number, most: number): Promise<readonly number[]>;
  /** The bytes of sectors, next to each other in one read where they lie so. */
  readSectors(sectors: readonly number[]): Promise<Uint8Array>;
}

/** The allocation table says for every sector which one follows. It is read in parts, when needed: of a large file it has megabytes. */
export async function openAllocation(source: ByteSource, header: CfbHeader): Promise<Allocation> {
  const { sectorBytes } = header;
  const perSector = sectorBytes / 4;
  const place = (sector: number): number => (sector + 1) * sectorBytes;
  const tables = new Map<number, ByteReader>();
  const tableSectors = await readDifat(source, header, place);

  const tableAt = async (index: number): Promise<ByteReader> => {
    const known = tables.get(index);
    if (known !== undefined) return known;
    const sector = tableSectors[index];
    if (sector === undefined) throw broken("compound file: a chain leads beyond the allocation table");
    const table = new ByteReader(await source.read(place(sector), sectorBytes), { littleEndian: true });
    tables.set(index, table);
    return table;
  };
  const next = async (sector: number): Promise<number> =>
    (await tableAt(Math.floor(sector / perSector))).seek((sector % perSector) * 4).u32();

  await checkWhole(source, tableSectors.length, tableAt, perSector, place);
  return {
    async chain(start, bytes) {
      const wanted = Math.ceil(bytes / sectorBytes);
      if (wanted > MAX_CHAIN_SECTORS) throw broken(`compound file: a stream of ${bytes} bytes`);
      const sectors: number[] = [];
      // A chain that runs in a circle ends here too: no more is followed than the size needs.
      for (let sector = start; sectors.length < wanted; sector = await next(sector)) {
        if (sector >= FIRST_MARK) throw broken("compound file: a chain ends early");
        sectors.push(sector);
      }
      return sectors;
    },
    async chainToEnd(start, most) {
      const sectors: number[] = [];
      for (let sector = start; sector !== END; sector = await next(sector)) {
        if (sector >= FIRST_MARK || sectors.length >= most) throw broken("compound file: a chain does not end");
        sectors.push(sector);
      }
      return sectors;
    },
    async readSectors(sectors) {
      const parts: Uint8Array[] = [];
      for (let first = 0; first < sectors.length; ) {
        let last = first;
        while (sectors[last + 1] === (sectors[last] as number) + 1) last += 1;
        parts.push(await source.read(place(sectors[first] as number), (last - first + 1) * sectorBytes));
        first = last + 1;
      }
      return parts.length === 1 ? (parts[0] as Uint8Array) : new Uint8Array(Buffer.concat(parts));
    },
  };
}

/** Where the parts of the allocation table are: 109 in the header, the rest in a chain of sectors that end in the next one's number. */
async function readDifat(source: ByteSource, header: CfbHeader, place: (sector: number) => number): Promise<readonly number[]> {
  if (header.difatSectorCount > MAX_DIFAT_SECTORS) throw broken(`compound file: ${header.difatSectorCount} sectors of table places`);
  const sectors = [...header.difat];
  let at = header.difatStart;
  for (let count = 0; count < header.difatSectorCount; count += 1) {
    if (at >= FIRST_MARK) throw broken("compound file: the list of table places ends early");
    const reader = new ByteReader(await source.read(place(at), header.sectorBytes), { littleEndian: true });
    while (reader.left > 4) sectors.push(reader.u32());
    at = reader.u32();
  }
  const used = sectors.slice(0, header.fatSectorCount);
  if (used.length < header.fatSectorCount || used.some((sector) => sector >= FIRST_MARK))
    throw broken("compound file: the allocation table is incomplete");
  return used;
}

/** The last sector in use has to be there: a file cut short often still has all of its directory. */
async function checkWhole(
  source: ByteSource,
  count: number,
  tableAt: (index: number) => Promise<ByteReader>,
  perSector: number,
  place: (sector: number) => number,
): Promise<void> {
  for (let index = count - 1; index >= Math.max(0, count - MAX_FREE_TABLE_SECTORS); index -= 1) {
    const table = await tableAt(index);
    for (let entry = perSector - 1; entry >= 0; entry -= 1) {
      if (table.seek(entry * 4).u32() === FREE) continue;
      if (place(index * perSector + entry + 1) > source.size) throw broken("compound file: cut short");
      return;
    }
  }
}
