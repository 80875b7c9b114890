// ISO 9660 (ECMA-119) with Rock Ridge (IEEE P1282): a volume descriptor at 32 KiB, folders as lists of records, and behind each record
// fields with the real name, symbolic links, and zisofs compression. What AppImages of type 1 are. Only looked up by path.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import type { Budget } from "../budget.ts";
import type { ImageEntry, ImageFiles } from "../image-files.ts";
import { readZisofs } from "./zisofs.ts";
import { parseRockRidge, type RockRidge } from "./rock-ridge.ts";

const SECTOR_BYTES = 2048;
const DESCRIPTOR_OFFSET = 16 * SECTOR_BYTES;
const FOLDER = 2;
const MAX_FOLDER_BYTES = 1024 * 1024;
const MAX_FILE_BYTES = 4 * 1024 * 1024;

export interface IsoRecord {
  readonly extent: number;
  readonly bytes: number;
  readonly isFolder: boolean;
  readonly ridge: RockRidge;
}

export async function isIso9660(source: ByteSource): Promise<boolean> {
  if (source.size < DESCRIPTOR_OFFSET + SECTOR_BYTES) return false;
  return Buffer.from(await source.read(DESCRIPTOR_OFFSET, 6)).toString("latin1") === "\u0001CD001";
}

export async function openIso9660(source: ByteSource, budget: Budget): Promise<ImageFiles<IsoRecord>> {
  const descriptor = await source.read(DESCRIPTOR_OFFSET, SECTOR_BYTES);
  const volume = new ByteReader(descriptor, { littleEndian: true });
  const sectors = volume.seek(80).u32();
  if (volume.seek(128).u16() !== SECTOR_BYTES) throw broken("iso9660: sectors that are not 2048 bytes");
  if (sectors * SECTOR_BYTES > source.size) throw broken(`iso9660: it ends at ${sectors * SECTOR_BYTES}, the file at ${source.size}`);
  const extent = async (sector: number, bytes: number): Promise<Uint8Array> => {
    budget.spend(bytes, "the file system");
    return source.read(sector * SECTOR_BYTES, bytes);
  };
  const list = async (folder: IsoRecord): Promise<readonly ImageEntry<IsoRecord>[]> => {
    if (folder.bytes > MAX_FOLDER_BYTES) throw broken(`iso9660: a folder's listing of ${folder.bytes} bytes`);
    const bytes = await extent(folder.extent, folder.bytes);
    const entries: ImageEntry<IsoRecord>[] = [];
    for (let offset = 0; offset < bytes.length; ) {
      const length = bytes[offset] as number;
      // Records do not cross sectors; zeros fill the rest of one.
      if (length === 0) {
        offset = (Math.floor(offset / SECTOR_BYTES) + 1) * SECTOR_BYTES;
        continue;
      }
      const { name, record } = await parseRecord(bytes.subarray(offset, offset + length), extent);
      if (name !== "\0" && name !== "\u0001") entries.push({ name: record.ridge.name ?? name, at: record });
      offset += length;
    }
    return entries;
  };
  return {
    root: (await parseRecord(descriptor.subarray(156, 190), extent)).record,
    async open(record) {
      if (record.ridge.target !== undefined) return { kind: "symlink", target: record.ridge.target };
      if (record.isFolder) return { kind: "folder", list: () => list(record) };
      const { compressed } = record.ridge;
      const bytes = compressed?.bytes ?? record.bytes;
      return {
        kind: "file",
        bytes,
        async read() {
          if (Math.max(bytes, record.bytes) > MAX_FILE_BYTES) throw broken(`iso9660: a file of ${bytes} bytes is not read`);
          const content = await extent(record.extent, record.bytes);
          if (compressed === undefined) return content;
          budget.spend(bytes, "a compressed file");
          return readZisofs(content, compressed);
        },
      };
    },
  };
}

async function parseRecord(
  bytes: Uint8Array,
  extent: (sector: number, length: number) => Promise<Uint8Array>,
): Promise<{ readonly name: string; readonly record: IsoRecord }> {
  const reader = new ByteReader(bytes, { littleEndian: true });
  const [sector, length] = [reader.seek(2).u32(), reader.skip(4).u32()];
  const flags = reader.seek(25).u8();
  const nameBytes = reader.seek(32).u8();
  const name = Buffer.from(reader.take(nameBytes)).toString("latin1");
  reader.skip(nameBytes % 2 === 0 ? Math.min(1, reader.left) : 0);
  const ridge = await parseRockRidge(reader.take(reader.left), extent);
  // Without Rock Ridge names carry a version.
  return { name: name.replace(/\.?;\d+$/, ""), record: { extent: sector, bytes: length, isFolder: (flags & FOLDER) !== 0, ridge } };
}
