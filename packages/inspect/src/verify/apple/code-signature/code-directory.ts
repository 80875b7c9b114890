// The code directory (libsecurity_codesigning, codedirectory.h): a hash for each page of the code, and in front of those one for each special
// slot, counted backwards. Its own hash, cut to 20 bytes, is the code's name: the cdhash.
import { createHash } from "node:crypto";
import { ByteReader } from "@distd/core";
import { broken, unknownKind } from "../../../broken.ts";
import type { HashName } from "../../public-key.ts";
import type { Blob } from "./super-blob.ts";
import { MAGIC } from "./super-blob.ts";

/** Versions, and what came with them. */
const VERSION = { first: 0x20001, scatter: 0x20100, team: 0x20200, wideLimit: 0x20300, segment: 0x20400, runtime: 0x20500, last: 0x2f000 };
const MAX_PAGE_SHIFT = 24;
const MAX_TEXT_BYTES = 1024;
export const CDHASH_BYTES = 20;

interface CodeHash {
  readonly name: HashName;
  readonly bytes: number;
}

const HASHES: Readonly<Record<number, CodeHash>> = {
  1: { name: "sha1", bytes: 20 },
  2: { name: "sha256", bytes: 32 },
  3: { name: "sha256", bytes: 20 },
  4: { name: "sha384", bytes: 48 },
};

/** cs_blobs.h; in the words codesign uses. */
const FLAGS: readonly (readonly [number, string])[] = [
  [0x1, "host"],
  [0x2, "adhoc"],
  [0x100, "hard"],
  [0x200, "kill"],
  [0x400, "expires"],
  [0x800, "restrict"],
  [0x1000, "enforcement"],
  [0x2000, "library-validation"],
  [0x10000, "runtime"],
  [0x20000, "linker-signed"],
];
export const FLAG = { adHoc: 0x2, runtime: 0x10000 } as const;

export interface CodeDirectory {
  readonly bytes: Uint8Array;
  readonly identifier: string;
  readonly teamId?: string;
  readonly flags: number;
  /** As the field numbers it: 1 SHA-1, 2 SHA-256, 3 SHA-256 cut to 20 bytes, 4 SHA-384. */
  readonly hashType: number;
  readonly hash: CodeHash;
  /** Bytes of code it covers, from the beginning. */
  readonly codeLimit: number;
  /** Undefined: one hash over all. */
  readonly pageBytes: number | undefined;
  readonly pages: number;
  readonly specialSlots: number;
  /** `13.1.0`: what the hardened runtime was built for. */
  readonly runtime?: string;
  /** Its own hash, whole. */
  readonly digest: Buffer;
  pageHash(index: number): Uint8Array;
  /** Undefined: nothing is said of this slot. */
  slotHash(slot: number): Uint8Array | undefined;
}

export function parseCodeDirectory({ magic, bytes }: Blob): CodeDirectory {
  if (magic !== MAGIC.codeDirectory) throw broken("code signature: a slot for a code directory holds something else");
  const reader = new ByteReader(bytes, { littleEndian: false }).seek(8);
  const version = reader.u32();
  if (version < VERSION.first || version > VERSION.last)
    throw unknownKind(`code signature: a code directory of version ${version.toString(16)}`);
  const [flags, hashOffset, identifierOffset] = [reader.u32(), reader.u32(), reader.u32()];
  const [specialSlots, pages, shortLimit] = [reader.u32(), reader.u32(), reader.u32()];
  const [hashBytes, hashType] = [reader.u8(), reader.u8()];
  const pageShift = reader.skip(1).u8();
  reader.skip(4);
  const scatterOffset = version >= VERSION.scatter ? reader.u32() : 0;
  const teamOffset = version >= VERSION.team ? reader.u32() : 0;
  const wideLimit = version >= VERSION.wideLimit ? reader.skip(4).u64() : 0;
  const runtime = version >= VERSION.runtime ? reader.seek(88).u32() : 0;
  const hash = HASHES[hashType];
  if (hash === undefined || hash.bytes !== hashBytes)
    throw unknownKind(`code signature: hashes of kind ${hashType} with ${hashBytes} bytes`);
  if (scatterOffset !== 0) throw unknownKind("code signature: pages that are scattered are not read");
  if (pageShift > MAX_PAGE_SHIFT) throw broken(`code signature: pages of 2^${pageShift} bytes`);
  const codeLimit = wideLimit === 0 ? shortLimit : wideLimit;
  const pageBytes = pageShift === 0 ? undefined : 2 ** pageShift;
  const wanted = pageBytes === undefined ? Math.min(codeLimit, 1) : Math.ceil(codeLimit / pageBytes);
  if (wanted !== pages) throw broken(`code signature: ${pages} hashes for ${codeLimit} bytes of code`);
  const first = hashOffset - specialSlots * hashBytes;
  if (first < 44 || hashOffset + pages * hashBytes > bytes.length) throw broken("code signature: hashes lie outside the code directory");
  const at = (index: number): Uint8Array => bytes.subarray(hashOffset + index * hashBytes, hashOffset + (index + 1) * hashBytes);
  const identifier = textAt(bytes, identifierOffset);
  const teamId = teamOffset === 0 ? undefined : textAt(bytes, teamOffset);
  return {
    bytes,
    identifier,
    ...(teamId !== undefined && teamId !== "" && { teamId }),
    flags,
    hashType,
    hash,
    codeLimit,
    pageBytes,
    pages,
    specialSlots,
    ...(runtime !== 0 && { runtime: `${runtime >>> 16}.${(runtime >>> 8) & 0xff}.${runtime & 0xff}` }),
    digest: createHash(hash.name).update(bytes).digest().subarray(0, hash.bytes),
    pageHash: at,
    slotHash(slot) {
      const found = slot >= 1 && slot <= specialSlots ? at(-slot) : undefined;
      return found?.some((byte) => byte !== 0) === true ? found : undefined;
    },
  };
}

/** In hexadecimal, as everybody writes it. */
export function cdhashOf({ digest }: CodeDirectory): string {
  return digest.subarray(0, CDHASH_BYTES).toString("hex");
}

export function flagNames(flags: number): readonly string[] {
  return FLAGS.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name);
}

/** The hash a code directory has of something. */
export function hashWith({ hash }: CodeDirectory, bytes: Uint8Array): Buffer {
  return createHash(hash.name).update(bytes).digest().subarray(0, hash.bytes);
}

function textAt(bytes: Uint8Array, offset: number): string {
  const end = bytes.indexOf(0, offset);
  if (end - offset > MAX_TEXT_BYTES) throw broken("code signature: a text is too long");
  if (offset < 44 || offset >= bytes.length || end === -1) throw broken("code signature: a text lies outside the code directory");
  return new ByteReader(bytes, { littleEndian: false }).seek(offset).text(end - offset);
}
