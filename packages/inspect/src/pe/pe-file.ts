// Portable Executable (Microsoft's "PE Format"): a DOS stub whose last field points to `PE\0\0`, a COFF header, an optional header with a
// table of data directories, and a table of sections. Directories are named by address in memory; sections map addresses to the file.
// Only the certificate table is named by its place in the file.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";

const COFF_BYTES = 24;
const SECTION_BYTES = 40;
const MAX_SECTIONS = 1024;
const MAX_DIRECTORIES = 16;
const PE32 = 0x10b;
const PE32_PLUS = 0x20b;

export const DIRECTORY = { resources: 2, certificates: 4, clr: 14 } as const;

export interface PeSection {
  readonly name: string;
  readonly address: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface Place {
  /** An address in memory; for the certificate table a place in the file. */
  readonly at: number;
  readonly bytes: number;
}

export interface PeFile {
  readonly machine: number;
  readonly isLibrary: boolean;
  readonly subsystem: number;
  /** The lowest subsystem version that loads it, `6.0`. */
  readonly subsystemVersion: string;
  readonly sections: readonly PeSection[];
  directory(index: number): Place | undefined;
  /** Where in the file an address lies; undefined when no section holds it. */
  fileOffset(address: number): number | undefined;
  /** Where the last section's content ends; what follows is not mapped. */
  readonly imageEnd: number;
}

export function isPe(head: Uint8Array): boolean {
  if (head.length < 64 || head[0] !== 0x4d || head[1] !== 0x5a) return false;
  const at = new ByteReader(head, { littleEndian: true }).seek(60).u32();
  return at + 4 <= head.length && new ByteReader(head, { littleEndian: true }).seek(at).u32() === 0x4550;
}

export async function readPe(source: ByteSource): Promise<PeFile> {
  const stub = new ByteReader(await source.read(0, Math.min(64, source.size)), { littleEndian: true });
  if (stub.u16() !== 0x5a4d) throw broken("pe: not a Windows program");
  const peAt = stub.seek(60).u32();
  const coff = new ByteReader(await source.read(peAt, COFF_BYTES), { littleEndian: true });
  if (coff.u32() !== 0x4550) throw broken("pe: a program for DOS, or none");
  const [machine, sectionCount] = [coff.u16(), coff.u16()];
  const optionalBytes = coff.seek(20).u16();
  const characteristics = coff.u16();
  if (sectionCount > MAX_SECTIONS) throw broken(`pe: ${sectionCount} sections`);
  const headers = await source.read(peAt + COFF_BYTES, optionalBytes + sectionCount * SECTION_BYTES);
  const optional = parseOptional(headers.subarray(0, optionalBytes));
  const table = new ByteReader(headers.subarray(optionalBytes), { littleEndian: true });
  const sections = Array.from({ length: sectionCount }, () => parseSection(table));
  return {
    machine,
    isLibrary: (characteristics & 0x2000) !== 0,
    ...optional,
    sections,
    fileOffset(address) {
      const section = sections.find((candidate) => address >= candidate.address && address < candidate.address + candidate.bytes);
      return section === undefined ? undefined : address - section.address + section.offset;
    },
    imageEnd: Math.max(0, ...sections.map(({ offset, bytes }) => (bytes === 0 ? 0 : offset + bytes))),
  };
}

function parseOptional(bytes: Uint8Array): Pick<PeFile, "subsystem" | "subsystemVersion" | "directory"> {
  const reader = new ByteReader(bytes, { littleEndian: true });
  const magic = reader.u16();
  if (magic !== PE32 && magic !== PE32_PLUS) throw broken("pe: neither a 32-bit nor a 64-bit program");
  const subsystemVersion = `${reader.seek(48).u16()}.${reader.u16()}`;
  const subsystem = reader.seek(68).u16();
  reader.seek(magic === PE32 ? 92 : 108);
  const count = Math.min(reader.u32(), MAX_DIRECTORIES, Math.floor(reader.left / 8));
  const places = Array.from({ length: count }, () => ({ at: reader.u32(), bytes: reader.u32() }));
  return {
    subsystem,
    subsystemVersion,
    directory(index) {
      const place = places[index];
      return place === undefined || place.at === 0 || place.bytes === 0 ? undefined : place;
    },
  };
}

function parseSection(table: ByteReader): PeSection {
  const name = Buffer.from(table.take(8)).toString("latin1").replace(/\0.*$/s, "");
  table.skip(4);
  const [address, bytes, offset] = [table.u32(), table.u32(), table.u32()];
  table.skip(16);
  return { name, address, offset, bytes };
}
