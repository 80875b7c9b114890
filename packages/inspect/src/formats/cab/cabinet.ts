import { ByteReader, type ByteSource, decodeUtf8 } from "@distd/core";
import { broken } from "../../broken.ts";

const HEADER_BYTES = 36;
const FLAG = { hasPrevious: 1, hasNext: 2, hasReserve: 4 } as const;
const NAME_IS_UTF8 = 0x80;
const MAX_TABLE_BYTES = 16 * 1024 * 1024;
/** What signing tools reserve in the header: four bytes of their own, then where the signature is and how long. */
const SIGNED_RESERVE_BYTES = 20;
const METHODS: Readonly<Record<number, string>> = { 0: "none", 1: "mszip", 2: "quantum", 3: "lzx" };

export interface Cabinet {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly methods: readonly string[];
  /** Its number among several that belong together, when there are. */
  readonly part?: number;
  readonly signatureAt?: { readonly offset: number; readonly bytes: number };
}

/** Header, folders (runs of compressed data) and files, as Microsoft's MS-CAB has them. Nothing is unpacked. */
export async function readCabinet(source: ByteSource): Promise<Cabinet> {
  const header = new ByteReader(await source.read(0, Math.min(HEADER_BYTES, source.size)), { littleEndian: true });
  if (header.u32() !== 0x4643534d) throw broken("cab: not one");
  const bytes = header.skip(4).u32();
  const filesAt = header.skip(4).u32();
  const major = header.seek(25).u8();
  const [folderCount, fileCount, flags] = [header.u16(), header.u16(), header.u16()];
  if (major !== 1) throw broken(`cab: version ${major}`);
  if (bytes > source.size) throw broken("cab: cut short");
  if (filesAt > bytes || bytes < HEADER_BYTES) throw broken("cab: the list of files lies outside");
  const part = header.skip(2).u16();
  const front = new ByteReader(await source.read(HEADER_BYTES, Math.min(filesAt, MAX_TABLE_BYTES) - HEADER_BYTES), { littleEndian: true });
  const { folderReserve, signatureAt } = parseReserve(front, flags, source.size);
  for (const flag of [FLAG.hasPrevious, FLAG.hasNext]) if ((flags & flag) !== 0) skipTwoTexts(front);
  const methods = new Set<string>();
  for (let index = 0; index < folderCount; index += 1) {
    const [dataAt, , method] = [front.u32(), front.u16(), front.u16()];
    front.skip(folderReserve);
    if (dataAt > bytes) throw broken("cab: a folder's data lies outside");
    methods.add(METHODS[method & 0xf] ?? `method-${method & 0xf}`);
  }
  const table = new ByteReader(await source.read(filesAt, Math.min(bytes - filesAt, MAX_TABLE_BYTES, fileCount * (16 + 257))), {
    littleEndian: true,
  });
  const files = Array.from({ length: fileCount }, () => parseFile(table));
  return {
    files,
    methods: [...methods],
    ...((flags & (FLAG.hasPrevious | FLAG.hasNext)) === 0 ? {} : { part }),
    ...(signatureAt === undefined ? {} : { signatureAt }),
  };
}

function parseReserve(
  reader: ByteReader,
  flags: number,
  size: number,
): { readonly folderReserve: number; readonly signatureAt?: Cabinet["signatureAt"] } {
  if ((flags & FLAG.hasReserve) === 0) return { folderReserve: 0 };
  const [headerReserve, folderReserve] = [reader.u16(), reader.u8()];
  const reserve = new ByteReader(reader.skip(1).take(headerReserve), { littleEndian: true });
  if (headerReserve < SIGNED_RESERVE_BYTES) return { folderReserve };
  const [offset, bytes] = [reserve.skip(4).u32(), reserve.u32()];
  if (offset === 0 || bytes === 0) return { folderReserve };
  if (offset + bytes > size) throw broken("cab: the signature lies outside the file");
  return { folderReserve, signatureAt: { offset, bytes } };
}

/** Name of the cabinet and of the disk before or after this one. */
function skipTwoTexts(reader: ByteReader): void {
  for (let count = 0; count < 2; count += 1) takeText(reader);
}

function parseFile(reader: ByteReader): Cabinet["files"][number] {
  const bytes = reader.u32();
  const attributes = reader.skip(10).u16();
  const name = takeText(reader);
  return { bytes, name: (attributes & NAME_IS_UTF8) === 0 ? Buffer.from(name).toString("latin1") : decodeUtf8(name) };
}

/** Up to 256 bytes and a NUL. */
function takeText(reader: ByteReader): Uint8Array {
  const rest = reader.bytes.subarray(reader.offset, reader.offset + 257);
  const end = rest.indexOf(0);
  if (end === -1) throw broken("cab: a name does not end");
  const text = reader.take(end);
  reader.skip(1);
  return text;
}
