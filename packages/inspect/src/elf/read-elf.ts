// ELF, the format of programs and libraries on Linux: a header, a table of segments (what the kernel maps) and a table of sections (what
// linkers and debuggers use; may be absent). Followed: the System V ABI, chapters 4 and 5, and the Linux Standard Base for symbol versions.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { ELF_HEADER_BYTES, type ElfHeader, type ElfTable, parseElfHeader } from "./elf-header.ts";

const MAX_SEGMENTS = 1024;
const MAX_SECTIONS = 20_000;
const MAX_NAMES_BYTES = 1024 * 1024;
const NOTHING_IN_FILE = 8;

export interface ElfSegment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface ElfFile {
  readonly header: ElfHeader;
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
  /** Where the file ends by what its tables say; something may follow, as in an AppImage. */
  readonly end: number;
}

/** Every segment, section and table lies within the file, or it is refused. */
export async function readElf(source: ByteSource): Promise<ElfFile> {
  const header = parseElfHeader(await source.read(0, Math.min(ELF_HEADER_BYTES, source.size)));
  const segments = await readSegments(source, header);
  const sections = await readSections(source, header);
  const ends = [
    ...segments.map(({ offset, bytes }) => offset + bytes),
    ...sections.filter(({ type }) => type !== NOTHING_IN_FILE).map(({ offset, bytes }) => offset + bytes),
    sections.length === 0 ? 0 : header.sections.offset + sections.length * header.sections.rowBytes,
  ];
  const end = ends.reduce((last, own) => Math.max(last, own), ELF_HEADER_BYTES);
  if (end > source.size) throw broken(`elf: its parts reach to ${end}, the file ends at ${source.size}`);
  return { header, segments, sections, end };
}

async function readSegments(source: ByteSource, header: ElfHeader): Promise<readonly ElfSegment[]> {
  const { bits, littleEndian, segments } = header;
  if (segments.count === 0) return [];
  if (segments.count > MAX_SEGMENTS || segments.rowBytes < (bits === 64 ? 56 : 32)) throw broken("elf: the table of segments is damaged");
  const rows = await readTable(source, segments);
  return rows.map((row) => {
    const reader = new ByteReader(row, { littleEndian });
    const type = reader.u32();
    if (bits === 64) {
      const [offset, address] = [reader.skip(4).u64(), readAddress(reader, littleEndian)];
      return { type, offset, address, bytes: reader.skip(8).u64() };
    }
    const [offset, address] = [reader.u32(), reader.u32()];
    return { type, offset, address, bytes: reader.skip(4).u32() };
  });
}

/** Addresses of kernels lie at the top of 64 bits. They are only compared with each other, so the lower 53 bits do. */
function readAddress(reader: ByteReader, littleEndian: boolean): number {
  const [first, second] = [reader.u32(), reader.u32()];
  const [low, high] = littleEndian ? [first, second] : [second, first];
  return (high & 0x1fffff) * 2 ** 32 + low;
}

async function readSections(source: ByteSource, header: ElfHeader): Promise<readonly ElfSection[]> {
  const { bits, littleEndian, sections } = header;
  if (sections.offset === 0) return [];
  if (sections.rowBytes < (bits === 64 ? 64 : 40)) throw broken("elf: the table of sections is damaged");
  const parse = (row: Uint8Array) => {
    const reader = new ByteReader(row, { littleEndian });
    const [nameOffset, type] = [reader.u32(), reader.u32()];
    if (bits === 32) return { nameOffset, type, offset: reader.skip(8).u32(), bytes: reader.u32(), link: reader.u32() };
    return { nameOffset, type, offset: reader.skip(16).u64(), bytes: reader.u64(), link: reader.u32() };
  };
  // More sections than 16 bits can say: the first, otherwise empty row holds the numbers.
  const first = parse((await readTable(source, { ...sections, count: 1 }))[0] as Uint8Array);
  const count = sections.count === 0 ? first.bytes : sections.count;
  const nameIndex = header.sectionNames === 0xffff ? first.link : header.sectionNames;
  if (count > MAX_SECTIONS) throw broken(`elf: ${count} sections`);
  const rows = (await readTable(source, { ...sections, count })).map(parse);
  const names = rows[nameIndex];
  if (names === undefined || names.bytes > MAX_NAMES_BYTES) throw broken("elf: the sections have no names");
  const text = names.type === NOTHING_IN_FILE || nameIndex === 0 ? new Uint8Array() : await source.read(names.offset, names.bytes);
  return rows.map(({ nameOffset, type, offset, bytes }, index) => ({
    name: textAt(text, nameOffset),
    type,
    // The first row belongs to no section.
    offset: index === 0 ? 0 : offset,
    bytes: index === 0 ? 0 : bytes,
  }));
}

async function readTable(source: ByteSource, { offset, count, rowBytes }: ElfTable): Promise<readonly Uint8Array[]> {
  if (offset + count * rowBytes > source.size) throw broken("elf: a table lies beyond the end of the file");
  const bytes = await source.read(offset, count * rowBytes);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * rowBytes, (index + 1) * rowBytes));
}

/** The text that begins at an offset of a string table and ends with NUL; empty when there is none. */
export function textAt(strings: Uint8Array, offset: number): string {
  if (offset >= strings.length) return "";
  const end = strings.indexOf(0, offset);
  return Buffer.from(strings.subarray(offset, end === -1 ? strings.length : end)).toString("latin1");
}
