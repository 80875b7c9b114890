import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import { present } from "../../present.ts";
import { goArchitecture, type SifHeader, untilNul } from "./header.ts";

const DESCRIPTOR_BYTES = 585;
const MAX_DESCRIPTORS = 4096;
const FIRST_TYPE = 0x4001;
const TYPES = [
  "definition",
  "environment",
  "labels",
  "partition",
  "signature",
  "json",
  "generic",
  "message",
  "sbom",
  "oci-index",
  "oci-blob",
] as const;
const FILE_SYSTEMS = ["", "squashfs", "ext3", "archive", "raw", "encrypted-squashfs"] as const;
const USES = ["", "system", "primary", "data", "overlay"] as const;

export interface SifDescriptor {
  readonly id: number;
  readonly type: (typeof TYPES)[number] | "unknown";
  readonly offset: number;
  readonly bytes: number;
  readonly name?: string;
  readonly fileSystem?: string;
  readonly use?: string;
  readonly architecture?: string;
}

/** Those that are used, in the order of the table. */
export async function readDescriptors(source: ByteSource, { descriptors }: SifHeader): Promise<readonly SifDescriptor[]> {
  const { offset, count } = descriptors;
  if (count > MAX_DESCRIPTORS) throw broken(`sif: ${count} descriptors`);
  const table = new ByteReader(await source.read(offset, count * DESCRIPTOR_BYTES), { littleEndian: true });
  const used: SifDescriptor[] = [];
  for (let index = 0; index < count; index += 1) {
    const descriptor = parse(new ByteReader(table.take(DESCRIPTOR_BYTES), { littleEndian: true }));
    if (descriptor === undefined) continue;
    if (descriptor.offset + descriptor.bytes > source.size) throw broken(`sif: object ${descriptor.id} reaches beyond the end of the file`);
    used.push(descriptor);
  }
  return used;
}

function parse(reader: ByteReader): SifDescriptor | undefined {
  const type = TYPES[reader.u32() - FIRST_TYPE] ?? "unknown";
  if (reader.u8() === 0) return undefined;
  const id = reader.u32();
  const offset = reader.skip(8).u64();
  const bytes = reader.u64();
  reader.skip(5 * 8);
  const text = (length: number): string => untilNul(Buffer.from(reader.take(length)).toString("latin1"));
  const name = text(128) || undefined;
  if (type !== "partition") return { id, type, offset, bytes, ...present({ name }) };
  const [fileSystem, use] = [FILE_SYSTEMS[reader.u32()] || undefined, USES[reader.u32()] || undefined];
  return { id, type, offset, bytes, ...present({ name, fileSystem, use, architecture: goArchitecture(text(3)) }) };
}
