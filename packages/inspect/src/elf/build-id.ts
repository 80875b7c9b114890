import { ByteReader, type ByteSource } from "@distd/core";
import type { ElfFile } from "./read-elf.ts";

const NOTE = 4;
const BUILD_ID = 3;
const MAX_NOTE_BYTES = 64 * 1024;
const MAX_NOTE_SEGMENTS = 16;

/** What the GNU linker identifies a build by, in hexadecimal. */
export async function readBuildId(source: ByteSource, elf: ElfFile): Promise<string | undefined> {
  for (const { offset, bytes } of elf.segments.filter(({ type }) => type === NOTE).slice(0, MAX_NOTE_SEGMENTS)) {
    if (bytes > MAX_NOTE_BYTES) continue;
    const reader = new ByteReader(await source.read(offset, bytes), { littleEndian: elf.header.littleEndian });
    while (reader.left >= 12) {
      const [nameBytes, contentBytes, type] = [reader.u32(), reader.u32(), reader.u32()];
      if (padded(nameBytes) + contentBytes > reader.left) break;
      const name = Buffer.from(reader.take(padded(nameBytes)).subarray(0, nameBytes)).toString("latin1");
      const content = reader.take(contentBytes);
      if (name === "GNU\0" && type === BUILD_ID) return Buffer.from(content).toString("hex");
      reader.skip(Math.min(reader.left, padded(contentBytes) - contentBytes));
    }
  }
  return undefined;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
