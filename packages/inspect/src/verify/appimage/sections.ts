// Where an AppImage of type 2 keeps who signed it: two sections of its runtime, which are zeros when it is signed (AppImageKit, `validate.c`).
import type { ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import { type ElfSection, readElf } from "../../elf/read-elf.ts";
import { untilNul } from "../../until-nul.ts";
import type { Piece } from "../hash-pieces.ts";

const MAX_SECTION_BYTES = 64 * 1024;

export interface SignedParts {
  /** Armour, as appimagetool writes it. */
  readonly signature: string;
  /** The signer's own key, as far as it is enclosed. */
  readonly key?: string;
  /** What is signed: the whole file with zeros in place of both sections. */
  readonly pieces: readonly Piece[];
  /** Sections in which something stands behind the text: nothing covers that. */
  readonly overfull: readonly string[];
}

/** Undefined: nobody signed it. A file that cannot be read is `artifact/broken`. */
export async function readSignedParts(source: ByteSource): Promise<SignedParts | undefined> {
  const { sections } = await readElf(source);
  const [signature, key] = [one(sections, ".sha256_sig", source.size), one(sections, ".sig_key", source.size)];
  if (signature === undefined) return undefined;
  const own = await readText(source, signature);
  if (own.text === "" && !own.isOverfull) return undefined;
  const enclosed = key && (await readText(source, key));
  const places = [signature, ...(key ? [key] : [])].toSorted((a, b) => a.offset - b.offset);
  return {
    signature: own.text,
    ...(enclosed !== undefined && enclosed.text !== "" && { key: enclosed.text }),
    pieces: withZeros(source.size, places),
    overfull: [...(own.isOverfull ? [signature.name] : []), ...(enclosed?.isOverfull ? [".sig_key"] : [])],
  };
}

function one(sections: readonly ElfSection[], name: string, size: number): ElfSection | undefined {
  const found = sections.filter((section) => section.name === name);
  const [section] = found;
  if (found.length > 1) throw broken(`appimage: there are ${found.length} sections ${name}`);
  if (section !== undefined && section.bytes > MAX_SECTION_BYTES) throw broken(`appimage: a section ${name} of ${section.bytes} bytes`);
  // Of sections that say they take no room in the file nothing was checked yet.
  if (section !== undefined && section.offset + section.bytes > size) throw broken(`appimage: the section ${name} lies beyond the end`);
  return section;
}

async function readText(
  source: ByteSource,
  { offset, bytes }: ElfSection,
): Promise<{ readonly text: string; readonly isOverfull: boolean }> {
  const content = await source.read(offset, bytes);
  const text = untilNul(content);
  return { text: Buffer.from(text).toString("latin1"), isOverfull: content.subarray(text.length).some((byte) => byte !== 0) };
}

function withZeros(size: number, places: readonly ElfSection[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { name, offset, bytes } of places) {
    if (offset < at) throw broken(`appimage: the section ${name} lies in another`);
    pieces.push({ offset: at, bytes: offset - at }, new Uint8Array(bytes));
    at = offset + bytes;
  }
  return [...pieces, { offset: at, bytes: size - at }];
}
