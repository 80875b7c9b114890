import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";

// mach-o/loader.h: each load command is its number, its size and a body.
const COMMAND = {
  segment: 0x1,
  segment64: 0x19,
  idLibrary: 0xd,
  codeSignature: 0x1d,
  encryption: 0x21,
  encryption64: 0x2c,
  build: 0x32,
} as const;
/** Before LC_BUILD_VERSION there was one command per system. */
const VERSION_MIN: Readonly<Record<number, string>> = { 0x24: "macos", 0x25: "ios", 0x2f: "tvos", 0x30: "watchos" };
const PLATFORMS: Readonly<Record<number, string>> = {
  1: "macos",
  2: "ios",
  3: "tvos",
  4: "watchos",
  6: "mac-catalyst",
  7: "ios-simulator",
  8: "tvos-simulator",
  9: "watchos-simulator",
  10: "driverkit",
  11: "visionos",
  12: "visionos-simulator",
};
const MAX_SECTIONS = 256;

interface Place {
  readonly offset: number;
  readonly size: number;
}

export interface LoadCommands {
  readonly encrypted: boolean;
  readonly signatureAt: Place | undefined;
  /** Where the section `__TEXT,__info_plist` is. */
  readonly embeddedInfoAt: Place | undefined;
  /** `macos`, `ios` … */
  readonly platform: string | undefined;
  /** As `otool` writes it: `11.0`, `10.13.4`. */
  readonly minOs: string | undefined;
  readonly sdk: string | undefined;
  /** The current version of a library. */
  readonly libraryVersion: string | undefined;
  /** Where the last thing ends that segments or the signature claim. */
  readonly end: number;
}

export function parseLoadCommands(bytes: Uint8Array, count: number, littleEndian: boolean): LoadCommands {
  const reader = new ByteReader(bytes, { littleEndian });
  const found: { -readonly [Key in keyof LoadCommands]: LoadCommands[Key] } = {
    encrypted: false,
    signatureAt: undefined,
    embeddedInfoAt: undefined,
    platform: undefined,
    minOs: undefined,
    sdk: undefined,
    libraryVersion: undefined,
    end: 0,
  };
  for (let index = 0; index < count; index += 1) {
    const command = reader.u32();
    const size = reader.u32();
    if (size < 8) throw broken("mach-o: a load command is too short");
    const body = new ByteReader(reader.take(size - 8), { littleEndian });
    if (command === COMMAND.codeSignature) {
      found.signatureAt = { offset: body.u32(), size: body.u32() };
      found.end = Math.max(found.end, found.signatureAt.offset + found.signatureAt.size);
    } else if (command === COMMAND.encryption || command === COMMAND.encryption64) found.encrypted ||= body.skip(8).u32() !== 0;
    else if (command === COMMAND.segment || command === COMMAND.segment64) {
      const segment = parseSegment(body, command === COMMAND.segment64);
      found.end = Math.max(found.end, segment.end);
      found.embeddedInfoAt ??= segment.embeddedInfoAt;
    } else if (command === COMMAND.build) {
      found.platform ??= PLATFORMS[body.u32()] ?? "other";
      found.minOs ??= version(body.u32());
      found.sdk ??= version(body.u32());
    } else if (VERSION_MIN[command] !== undefined) {
      found.platform ??= VERSION_MIN[command];
      found.minOs ??= version(body.u32());
      found.sdk ??= version(body.u32());
    } else if (command === COMMAND.idLibrary) found.libraryVersion = version(body.skip(8).u32());
  }
  return found;
}

/** Name, place in memory, place in the file, protections, count of sections, flags; then the sections. */
function parseSegment(body: ByteReader, wide: boolean): { readonly end: number; readonly embeddedInfoAt: Place | undefined } {
  const number = (): number => (wide ? body.u64() : body.u32());
  // Addresses may use all 64 bits and do not matter.
  body.skip(16 + (wide ? 16 : 8));
  const end = number() + number();
  const count = body.skip(8).u32();
  body.skip(4);
  let embeddedInfoAt: Place | undefined;
  for (let index = 0; index < Math.min(count, MAX_SECTIONS); index += 1) {
    const section = new ByteReader(body.take(wide ? 80 : 68), { littleEndian: true });
    const names = Buffer.from(section.take(32)).toString("latin1").replace(/\0+/g, " ").trim();
    if (names === "__info_plist __TEXT") embeddedInfoAt = sectionPlace(body, wide);
  }
  return { end, embeddedInfoAt };
}

/** Of the section the reader has just passed: after the names come address, size and offset. */
function sectionPlace(body: ByteReader, wide: boolean): Place {
  const after = body.offset;
  body.seek(after - (wide ? 80 : 68) + 32);
  const size = wide ? body.skip(8).u64() : body.skip(4).u32();
  const offset = body.u32();
  body.seek(after);
  return { offset, size };
}

/** Four hexadecimal digits, two, two; the last is left out when it is zero. */
function version(value: number): string | undefined {
  const [major, minor, patch] = [value >>> 16, (value >>> 8) & 0xff, value & 0xff];
  if (value === 0) return undefined;
  return patch === 0 ? `${major}.${minor}` : `${major}.${minor}.${patch}`;
}
