// Where in a Mach-O file (mach-o/loader.h, mach-o/fat.h) code, signature and what no signature covers are. Read from front to back, so that
// a file in an archive need not be held.
import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../../../broken.ts";
import { parseLoadCommands } from "../../../macho/load-commands.ts";
import { machineName } from "../../../macho/machine.ts";

const FAT = 0xcafebabe;
const FAT64 = 0xcafebabf;
const THIN: readonly number[] = [0xfeedface, 0xfeedfacf];
const THIN64 = 0xfeedfacf;
const HEADER_BYTES = 32;
const MAX_SLICES = 32;
const MAX_COMMAND_BYTES = 4 * 1024 * 1024;
const MAX_SIGNATURE_BYTES = 32 * 1024 * 1024;
const MAX_INFO_BYTES = 1024 * 1024;
const COMMAND = { codeSignature: 0x1d, encryption: 0x21, encryption64: 0x2c } as const;
const PROGRAM = 2;
/** Programs, libraries, loaders, bundles, kernel extensions: what can be signed (libsecurity_codesigning, machorep.cpp). */
const SIGNABLE: readonly number[] = [PROGRAM, 5, 6, 7, 8, 11];

interface Place {
  readonly offset: number;
  readonly bytes: number;
}

export interface CodeSlice extends Place {
  /** `arm64`, `x86_64` … */
  readonly machine: string;
  /** `macos`, `ios` …; undefined where the code does not say. */
  readonly platform: string | undefined;
  readonly isProgram: boolean;
  /** A program or library: something that can be signed. */
  readonly isSignable: boolean;
  /** Relative to the slice. */
  readonly signatureAt: Place | undefined;
  /** All the room it has. */
  readonly signature: Uint8Array | undefined;
  /** The Info.plist inside. */
  readonly info: Uint8Array | undefined;
  /** What the store encrypted; relative to the slice. */
  readonly encryptedAt: Place | undefined;
}

export interface CodeLayout {
  /** In the order of the file. */
  readonly slices: readonly CodeSlice[];
  /** Bytes of the table of slices; 0 in a thin file. */
  readonly tableBytes: number;
  readonly bytes: number;
}

export function isCode(head: Uint8Array): boolean {
  if (head.length < 8) return false;
  const big = Buffer.from(head.subarray(0, 4)).readUInt32BE();
  const little = Buffer.from(head.subarray(0, 4)).readUInt32LE();
  // A Java class begins like a universal file: with a version where the number of slices is.
  if (big === FAT || big === FAT64) return Buffer.from(head.subarray(4, 8)).readUInt32BE() <= MAX_SLICES;
  return THIN.includes(big) || THIN.includes(little);
}

/** `source` may be one that only goes forward. */
export async function readCodeLayout(source: ByteSource): Promise<CodeLayout> {
  const head = await source.read(0, Math.min(8, source.size));
  if (!isCode(head)) throw broken("mach-o: not an executable");
  const reader = new ByteReader(head, { littleEndian: false });
  const magic = reader.u32();
  if (magic !== FAT && magic !== FAT64)
    return { slices: [await readSlice(source, head, { offset: 0, bytes: source.size })], tableBytes: 0, bytes: source.size };
  const count = reader.u32();
  if (count === 0) throw broken("mach-o: no slices");
  const rowBytes = magic === FAT64 ? 32 : 20;
  const table = new ByteReader(await source.read(8, count * rowBytes), { littleEndian: false });
  const rows = Array.from({ length: count }, () => {
    const machine = machineName(table.u32(), table.u32());
    const [offset, bytes] = magic === FAT64 ? [table.u64(), table.u64()] : [table.u32(), table.u32()];
    table.skip(magic === FAT64 ? 8 : 4);
    return { machine, offset, bytes };
  }).sort((a, b) => a.offset - b.offset);
  const slices: CodeSlice[] = [];
  let free = 8 + count * rowBytes;
  for (const row of rows) {
    if (row.offset < free) throw broken("mach-o: slices overlap");
    if (row.offset + row.bytes > source.size) throw broken("mach-o: a slice reaches beyond the file");
    const slice = await readSlice(source, new Uint8Array(), row);
    if (slice.machine !== row.machine) throw broken(`mach-o: the slice for ${row.machine} is for ${slice.machine}`);
    slices.push(slice);
    free = row.offset + row.bytes;
  }
  return { slices, tableBytes: 8 + count * rowBytes, bytes: source.size };
}

/** `head`: its first bytes, as far as they were read. */
async function readSlice(source: ByteSource, head: Uint8Array, place: Place): Promise<CodeSlice> {
  if (place.bytes < HEADER_BYTES) throw broken("mach-o: cut short");
  const header = Buffer.concat([head, await source.read(place.offset + head.length, HEADER_BYTES - head.length)]);
  const littleEndian = header[0] !== 0xfe;
  const reader = new ByteReader(header, { littleEndian });
  const magic = reader.u32();
  if (!THIN.includes(magic)) throw broken("mach-o: a slice that is no executable");
  const machine = machineName(reader.u32(), reader.u32());
  const [kind, count, commandBytes] = [reader.u32(), reader.u32(), reader.u32()];
  const headerBytes = magic === THIN64 ? 32 : 28;
  const end = headerBytes + commandBytes;
  if (commandBytes > MAX_COMMAND_BYTES || end > place.bytes) throw broken(`mach-o: ${commandBytes} bytes of load commands`);
  const early = header.subarray(headerBytes, Math.min(HEADER_BYTES, end));
  const late = await source.read(place.offset + headerBytes + early.length, commandBytes - early.length);
  const commands = Buffer.concat([early, late]);
  const parsed = parseLoadCommands(commands, count, littleEndian);
  const found = findCommands(commands, count, littleEndian);
  const signatureAt = parsed.signatureAt && { offset: parsed.signatureAt.offset, bytes: parsed.signatureAt.size };
  if (found.signatures > 1) throw broken("mach-o: two code signatures");
  if (signatureAt !== undefined && (signatureAt.offset < end || signatureAt.offset + signatureAt.bytes > place.bytes))
    throw broken("mach-o: the code signature lies outside the code");
  if (signatureAt !== undefined && signatureAt.bytes > MAX_SIGNATURE_BYTES) throw broken(`mach-o: ${signatureAt.bytes} bytes of signature`);
  const info = parsed.embeddedInfoAt && { offset: parsed.embeddedInfoAt.offset, bytes: parsed.embeddedInfoAt.size };
  const isInfoInside = info !== undefined && info.offset >= end && info.offset + info.bytes <= (signatureAt?.offset ?? place.bytes);
  if (info !== undefined && (!isInfoInside || info.bytes > MAX_INFO_BYTES)) throw broken("mach-o: the Info.plist inside lies elsewhere");
  return {
    ...place,
    machine,
    platform: parsed.platform,
    isProgram: kind === PROGRAM,
    isSignable: SIGNABLE.includes(kind),
    signatureAt,
    info: info && (await source.read(place.offset + info.offset, info.bytes)),
    signature: signatureAt && (await source.read(place.offset + signatureAt.offset, signatureAt.bytes)),
    encryptedAt: found.encryptedAt,
  };
}

function findCommands(
  bytes: Uint8Array,
  count: number,
  littleEndian: boolean,
): { readonly signatures: number; readonly encryptedAt: Place | undefined } {
  const reader = new ByteReader(bytes, { littleEndian });
  let signatures = 0;
  let encryptedAt: Place | undefined;
  for (let index = 0; index < count; index += 1) {
    const command = reader.u32();
    const body = new ByteReader(reader.take(reader.u32() - 8), { littleEndian });
    if (command === COMMAND.codeSignature) signatures += 1;
    if (command !== COMMAND.encryption && command !== COMMAND.encryption64) continue;
    const place = { offset: body.u32(), bytes: body.u32() };
    if (body.u32() !== 0) encryptedAt = place;
  }
  return { signatures, encryptedAt };
}
