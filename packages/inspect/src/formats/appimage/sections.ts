import { type ByteSource, decodeUtf8 } from "@distd/core";
import { broken } from "../../broken.ts";
import type { ElfFile } from "../../elf/read-elf.ts";
import { untilNul } from "../../until-nul.ts";

const MAX_SECTION_BYTES = 64 * 1024;
/** Type 1: in the part of ISO 9660's volume descriptor that is left to applications. */
const ISO_UPDATE_OFFSET = 33_651;
const ISO_UPDATE_BYTES = 512;

/** Where updates come from, such as `zsync|https://…`. The section is there, filled with NUL, when there is nothing to say. */
export async function readUpdateInformation(source: ByteSource, elf: ElfFile, type: 1 | 2): Promise<string | undefined> {
  const bytes = type === 1 ? await source.read(ISO_UPDATE_OFFSET, ISO_UPDATE_BYTES) : await readSection(source, elf, ".upd_info");
  return decodeUtf8(untilNul(bytes ?? new Uint8Array())).trim() || undefined;
}

/** Its signer's signature fills a section that is otherwise NUL. */
export async function hasSignature(source: ByteSource, elf: ElfFile): Promise<boolean> {
  const bytes = await readSection(source, elf, ".sha256_sig");
  return bytes !== undefined && bytes.some((byte) => byte !== 0);
}

async function readSection(source: ByteSource, elf: ElfFile, name: string): Promise<Uint8Array | undefined> {
  const section = elf.sections.find((own) => own.name === name);
  if (section === undefined) return undefined;
  if (section.bytes > MAX_SECTION_BYTES) throw broken(`appimage: a section ${name} of ${section.bytes} bytes`);
  return source.read(section.offset, section.bytes);
}
