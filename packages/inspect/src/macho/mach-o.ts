// Mach-O, Apple's executable format (mach-o/loader.h, mach-o/fat.h): a header, load commands, segments. A universal file is a big-endian
// table of slices, one per processor, each a Mach-O file. The code signature is the last thing of a slice; a load command points to it.
// Read from front to back, so that a compressed executable need not be held.
import { ByteReader, type ByteSource } from "@distd/core";
import { attempt, broken } from "../broken.ts";
import { present } from "../present.ts";
import { parseCodeSignature, type CodeSignature } from "./code-signature.ts";
import { type LoadCommands, parseLoadCommands } from "./load-commands.ts";
import { machineName } from "./machine.ts";

const FAT = 0xcafebabe;
const FAT64 = 0xcafebabf;
const THIN32 = 0xfeedface;
const THIN64 = 0xfeedfacf;
const MAX_SLICES = 32;
const MAX_COMMAND_BYTES = 4 * 1024 * 1024;
const MAX_EMBEDDED_INFO_BYTES = 1024 * 1024;
const MAX_SIGNATURE_BYTES = 32 * 1024 * 1024;
const HEADER_BYTES = 32;

/** mach-o/loader.h: kinds of files. */
const KINDS: Readonly<Record<number, string>> = {
  1: "object",
  2: "program",
  6: "library",
  8: "bundle",
  10: "symbols",
  11: "kernel-extension",
};

export interface MachOSlice extends Partial<Pick<LoadCommands, "platform" | "minOs" | "sdk" | "libraryVersion">> {
  /** `arm64`, `armv7`, `x86_64` … as Apple's tools call it. */
  readonly machine: string;
  /** `program`, `library`, `bundle` … Absent when that part was not read. */
  readonly kind?: string;
  /** Nothing it refers to lies beyond its end. Absent when that part was not read. */
  readonly whole?: boolean;
  /** The Info.plist a program without bundle carries inside, when asked for. */
  readonly embeddedInfo?: Uint8Array;
  /** The store encrypted it: only a device that bought it can run it. Absent when that part was not read. */
  readonly encrypted?: boolean;
  /** It has a code signature. Absent when that part was not read. */
  readonly signed?: boolean;
  readonly signature?: CodeSignature;
  /** Why `signature` is absent although there is one. */
  readonly signatureProblem?: string;
}

export interface MachOLimits {
  readonly maxDepth: number;
  /** What lies beyond is not read. */
  readonly readableBytes: number;
  /** Read the Info.plist inside the executable as well. */
  readonly embeddedInfo?: boolean;
}

/** The bytes from `offset` to `offset + size` of the source. */
interface Place {
  readonly offset: number;
  readonly size: number;
}

export function isMachO(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const magics = [true, false].map((littleEndian) => new ByteReader(head, { littleEndian }).u32());
  return magics.some((magic) => [FAT, FAT64, THIN32, THIN64].includes(magic));
}

/** Sources that can only go forward are fine. */
export async function readMachO(source: ByteSource, limits: MachOLimits): Promise<readonly MachOSlice[]> {
  const head = await source.read(0, Math.min(source.size, 8));
  if (!isMachO(head)) throw broken("mach-o: not an executable");
  const magic = new ByteReader(head, { littleEndian: false });
  const first = magic.u32();
  if (first !== FAT && first !== FAT64) return [await readSlice(source, head, { offset: 0, size: source.size }, limits)];
  const count = magic.u32();
  if (count === 0 || count > MAX_SLICES) throw broken(`mach-o: ${count} slices`);
  const table = new ByteReader(await source.read(8, count * (first === FAT64 ? 32 : 20)), { littleEndian: false });
  const rows = Array.from({ length: count }, () => parseRow(table, first === FAT64)).sort((a, b) => a.offset - b.offset);
  const slices: MachOSlice[] = [];
  for (const row of rows) {
    if (row.offset + row.size > source.size) throw broken("mach-o: a slice reaches beyond the file");
    const isReadable = row.offset + MAX_COMMAND_BYTES <= limits.readableBytes || source.size <= limits.readableBytes;
    slices.push(
      isReadable ? await readSlice(source, new Uint8Array(), row, limits) : { machine: row.machine, signatureProblem: tooFar(limits) },
    );
  }
  return slices;
}

function parseRow(table: ByteReader, wide: boolean): Place & { readonly machine: string } {
  const machine = machineName(table.u32(), table.u32());
  const place = wide ? { offset: table.u64(), size: table.u64() } : { offset: table.u32(), size: table.u32() };
  table.skip(wide ? 8 : 4);
  return { machine, ...place };
}

/** `head`: the slice's first bytes, as far as they were read already. */
async function readSlice(source: ByteSource, head: Uint8Array, place: Place, limits: MachOLimits): Promise<MachOSlice> {
  if (place.size < HEADER_BYTES) throw broken("mach-o: cut short");
  const rest = await source.read(place.offset + head.length, HEADER_BYTES - head.length);
  const header = Buffer.concat([head, rest]);
  const littleEndian = header[0] !== 0xfe;
  const reader = new ByteReader(header, { littleEndian });
  const magic = reader.u32();
  if (magic !== THIN32 && magic !== THIN64) throw broken("mach-o: not an executable");
  const machine = machineName(reader.u32(), reader.u32());
  const kind = KINDS[reader.u32()] ?? "other";
  const [count, commandBytes] = [reader.u32(), reader.u32()];
  const headerBytes = magic === THIN64 ? 32 : 28;
  if (commandBytes > MAX_COMMAND_BYTES || headerBytes + commandBytes > place.size)
    throw broken(`mach-o: ${commandBytes} bytes of load commands`);
  const early = header.subarray(headerBytes, Math.min(HEADER_BYTES, headerBytes + commandBytes));
  const late = await source.read(place.offset + headerBytes + early.length, commandBytes - early.length);
  const commands = parseLoadCommands(Buffer.concat([early, late]), count, littleEndian);
  const { encrypted, signatureAt, platform, minOs, sdk, libraryVersion } = commands;
  const embeddedInfo =
    limits.embeddedInfo === true ? await readEmbeddedInfo(source, place, commands, headerBytes + commandBytes) : undefined;
  const whole = commands.end <= place.size;
  const slice = { machine, kind, whole, encrypted, ...present({ platform, minOs, sdk, libraryVersion, embeddedInfo }) };
  if (signatureAt === undefined) return { ...slice, signed: false };
  if (signatureAt.offset + signatureAt.size > place.size)
    return { ...slice, signed: true, signatureProblem: "the code signature lies outside the file" };
  const at = { offset: place.offset + signatureAt.offset, size: signatureAt.size };
  return { ...slice, signed: true, ...(await readSignature(source, at, limits)) };
}

/** It lies between the load commands and the signature, so sources that only go forward can give it. */
async function readEmbeddedInfo(source: ByteSource, place: Place, commands: LoadCommands, from: number): Promise<Uint8Array | undefined> {
  const at = commands.embeddedInfoAt;
  const before = Math.min(place.size, commands.signatureAt?.offset ?? place.size);
  if (at === undefined || at.offset < from || at.offset + at.size > before || at.size > MAX_EMBEDDED_INFO_BYTES) return undefined;
  return source.read(place.offset + at.offset, at.size);
}

async function readSignature(
  source: ByteSource,
  at: Place,
  limits: MachOLimits,
): Promise<Pick<MachOSlice, "signature" | "signatureProblem">> {
  if (at.size > MAX_SIGNATURE_BYTES) return { signatureProblem: `the code signature is larger than ${MAX_SIGNATURE_BYTES} bytes` };
  if (at.offset + at.size > limits.readableBytes) return { signatureProblem: tooFar(limits) };
  const blob = await source.read(at.offset, at.size);
  const parsed = await attempt(() => parseCodeSignature(blob, limits.maxDepth));
  return "value" in parsed ? { signature: parsed.value } : { signatureProblem: parsed.error.message };
}

function tooFar(limits: MachOLimits): string {
  return `the code signature lies beyond the ${limits.readableBytes} bytes that are read of an executable`;
}
