import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";

const HEADER_BYTES = 128;
const MAGIC = "SIF_MAGIC\0";
/** pkg/sif/arch.go, in Go's words for processors. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  "01": "386",
  "02": "amd64",
  "03": "arm",
  "04": "arm64",
  "05": "ppc64",
  "06": "ppc64le",
  "07": "mips",
  "08": "mipsle",
  "09": "mips64",
  "10": "mips64le",
  "11": "s390x",
  "12": "riscv64",
};

export interface SifHeader {
  readonly version: string;
  readonly descriptors: { readonly offset: number; readonly count: number };
  readonly launchScript?: string;
  readonly architecture?: string;
  readonly id?: string;
  readonly createdAt?: string;
  readonly modifiedAt?: string;
}

export async function readSifHeader(source: ByteSource): Promise<SifHeader> {
  if (source.size < HEADER_BYTES) throw broken("sif: the file is cut short");
  const reader = new ByteReader(await source.read(0, HEADER_BYTES), { littleEndian: true });
  const text = (length: number): string => Buffer.from(reader.take(length)).toString("latin1");
  const launchScript = untilNul(text(32)).trim();
  if (text(10) !== MAGIC) throw broken("sif: not an image");
  const version = untilNul(text(3));
  if (version !== "01") throw broken(`sif: version ${JSON.stringify(version)}; 01 is read`);
  const architecture = goArchitecture(untilNul(text(3)));
  const id = toUuid(reader.take(16));
  const [createdAt, modifiedAt] = [toDate(reader), toDate(reader)];
  reader.skip(8);
  const [count, offset, bytes, dataOffset, dataBytes] = [reader.u64(), reader.u64(), reader.u64(), reader.u64(), reader.u64()];
  if (offset + bytes > source.size || dataOffset + dataBytes > source.size) throw broken("sif: its parts reach beyond the end of the file");
  return {
    version,
    descriptors: { offset, count },
    ...(launchScript === "" ? {} : { launchScript }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(id === undefined ? {} : { id }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  };
}

export function goArchitecture(code: string): string | undefined {
  return Object.hasOwn(ARCHITECTURES, code) ? ARCHITECTURES[code] : undefined;
}

export function untilNul(text: string): string {
  return text.split("\0", 1)[0] as string;
}

/** Reproducible images have neither id nor dates. */
function toUuid(bytes: Uint8Array): string | undefined {
  const hex = Buffer.from(bytes).toString("hex");
  return /^0+$/.test(hex) ? undefined : hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function toDate(reader: ByteReader): string | undefined {
  // Go's zero time lies before 1970.
  const [low, high] = [reader.u32(), reader.i32()];
  const seconds = high * 2 ** 32 + low;
  if (seconds <= 0 || seconds > 8_640_000_000_000) return undefined;
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
