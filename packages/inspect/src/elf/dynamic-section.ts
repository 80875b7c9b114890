import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { type ElfFile, textAt } from "./read-elf.ts";

const LOAD = 1;
const DYNAMIC = 2;
const MAX_DYNAMIC_BYTES = 64 * 1024;
const MAX_STRINGS_BYTES = 16 * 1024 * 1024;
const MAX_VERSION_BYTES = 256 * 1024;
const [NEEDED, STRINGS, STRINGS_BYTES, SONAME, RPATH, RUNPATH] = [1, 5, 10, 14, 15, 29];
const [FLAGS_1, VERSIONS_NEEDED] = [0x6ffffffb, 0x6ffffffe];
const PIE = 0x08000000;

export interface DynamicSection {
  readonly needed: readonly string[];
  readonly soname?: string;
  readonly runPath?: string;
  readonly isPie: boolean;
  /** Versions of symbols it wants of each library, such as GLIBC_2.17. */
  readonly symbolVersions: readonly string[];
}

/** What the dynamic linker is told; undefined for a static program. */
export async function readDynamicSection(source: ByteSource, elf: ElfFile): Promise<DynamicSection | undefined> {
  const segment = elf.segments.find(({ type }) => type === DYNAMIC);
  if (segment === undefined || segment.bytes === 0) return undefined;
  if (segment.bytes > MAX_DYNAMIC_BYTES) throw broken(`elf: a dynamic section of ${segment.bytes} bytes`);
  const wide = elf.header.bits === 64;
  const reader = new ByteReader(await source.read(segment.offset, segment.bytes), { littleEndian: elf.header.littleEndian });
  const entries: { readonly tag: number; readonly value: number }[] = [];
  while (reader.left >= (wide ? 16 : 8)) {
    const tag = low(reader, wide, elf.header.littleEndian);
    const value = low(reader, wide, elf.header.littleEndian);
    if (tag === 0) break;
    entries.push({ tag, value });
  }
  const one = (tag: number): number | undefined => entries.find((entry) => entry.tag === tag)?.value;
  const strings = await readStrings(source, elf, one(STRINGS), one(STRINGS_BYTES) ?? 0);
  const text = (tag: number): string | undefined => {
    const offset = one(tag);
    return offset === undefined ? undefined : textAt(strings, offset) || undefined;
  };
  const soname = text(SONAME);
  const runPath = text(RUNPATH) ?? text(RPATH);
  return {
    needed: entries.filter(({ tag }) => tag === NEEDED).map(({ value }) => textAt(strings, value)),
    isPie: ((one(FLAGS_1) ?? 0) & PIE) !== 0,
    symbolVersions: await readSymbolVersions(source, elf, one(VERSIONS_NEEDED), strings),
    ...(soname === undefined ? {} : { soname }),
    ...(runPath === undefined ? {} : { runPath }),
  };
}

/** Tags and values are as wide as an address; those of interest fit 53 bits. */
function low(reader: ByteReader, wide: boolean, littleEndian: boolean): number {
  if (!wide) return reader.u32();
  const [first, second] = [reader.u32(), reader.u32()];
  return littleEndian ? (second & 0x1fffff) * 2 ** 32 + first : (first & 0x1fffff) * 2 ** 32 + second;
}

async function readStrings(source: ByteSource, elf: ElfFile, address: number | undefined, bytes: number): Promise<Uint8Array> {
  if (address === undefined) return new Uint8Array();
  if (bytes > MAX_STRINGS_BYTES) throw broken(`elf: ${bytes} bytes of dynamic names`);
  return source.read(fileOffset(elf, address), bytes);
}

function fileOffset(elf: ElfFile, address: number): number {
  const home = elf.segments.find(
    (segment) => segment.type === LOAD && address >= segment.address && address < segment.address + segment.bytes,
  );
  if (home === undefined) throw broken("elf: the dynamic section points outside the file");
  return home.offset + address - home.address;
}

async function readSymbolVersions(
  source: ByteSource,
  elf: ElfFile,
  address: number | undefined,
  strings: Uint8Array,
): Promise<readonly string[]> {
  if (address === undefined) return [];
  const offset = fileOffset(elf, address);
  const reader = new ByteReader(await source.read(offset, Math.min(MAX_VERSION_BYTES, source.size - offset)), {
    littleEndian: elf.header.littleEndian,
  });
  const versions = new Set<string>();
  // Both chains only go forward, so they end.
  for (let library = 0; ; ) {
    reader.seek(library).skip(2);
    const count = reader.u16();
    let at = library + reader.skip(4).u32();
    const next = reader.u32();
    for (let index = 0; index < count; index += 1) {
      const name = reader.seek(at).skip(8).u32();
      versions.add(textAt(strings, name));
      const step = reader.u32();
      if (step === 0) break;
      at += step;
    }
    if (next === 0) return [...versions];
    library += next;
  }
}
