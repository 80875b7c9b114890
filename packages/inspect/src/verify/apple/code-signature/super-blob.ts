// Apple's embedded code signature (xnu, osfmk/kern/cs_blobs.h): a big-endian "super blob", magic, length, count, then (slot, offset) for
// each blob, each with magic and length of its own. Read strictly: nothing twice, nothing overlapping, what lies between is told.
import { ByteReader } from "@distd/core";
import { broken } from "../../../broken.ts";

const SUPER_BLOB = 0xfade0cc0;
const HEADER_BYTES = 12;
const INDEX_BYTES = 8;
const BLOB_HEADER_BYTES = 8;
const MAX_BLOBS = 128;

/** Numbers of slots: below 0x1000 the code directory has a hash of each (libsecurity_codesigning, codedirectory.h). */
export const SLOT = {
  codeDirectory: 0,
  info: 1,
  requirements: 2,
  resources: 3,
  application: 4,
  entitlements: 5,
  repSpecific: 6,
  derEntitlements: 7,
  alternates: 0x1000,
  alternatesEnd: 0x1005,
  cms: 0x10000,
  identification: 0x10001,
  ticket: 0x10002,
} as const;

const NAMES: Readonly<Record<number, string>> = {
  1: "Info.plist",
  2: "requirements",
  3: "CodeResources",
  4: "application slot",
  5: "entitlements",
  6: "trailer",
  7: "DER entitlements",
  8: "launch constraints on itself",
  9: "launch constraints on its parent",
  10: "launch constraints on who answers for it",
  11: "constraints on its libraries",
};

export function slotName(slot: number): string {
  return NAMES[slot] ?? `slot ${slot}`;
}

export const MAGIC = { codeDirectory: 0xfade0c02, entitlements: 0xfade7171, derEntitlements: 0xfade7172, wrapper: 0xfade0b01 } as const;

export interface Blob {
  readonly slot: number;
  readonly magic: number;
  /** All of it, header too: what is hashed. */
  readonly bytes: Uint8Array;
  /** Behind the header. */
  readonly content: Uint8Array;
}

export interface SuperBlob {
  readonly blobs: ReadonlyMap<number, Blob>;
  /** Its own length; what follows is padding. */
  readonly bytes: number;
  /** Something other than zeros lies between the blobs or behind them. */
  readonly hasStowaway: boolean;
}

/** `bytes`: as much room as the signature has. */
export function parseSuperBlob(bytes: Uint8Array): SuperBlob {
  const reader = new ByteReader(bytes, { littleEndian: false });
  if (reader.u32() !== SUPER_BLOB) throw broken("code signature: not a super blob");
  const length = reader.u32();
  const count = reader.u32();
  if (length > bytes.length) throw broken("code signature: cut short");
  if (count > MAX_BLOBS) throw broken(`code signature: ${count} blobs`);
  const index = Array.from({ length: count }, () => ({ slot: reader.u32(), offset: reader.u32() }));
  const blobs = new Map<number, Blob>();
  let free = HEADER_BYTES + count * INDEX_BYTES;
  let hasStowaway = false;
  for (const { slot, offset } of [...index].sort((a, b) => a.offset - b.offset)) {
    if (offset < free) throw broken("code signature: blobs overlap");
    hasStowaway ||= hasContent(bytes.subarray(free, offset));
    const blob = new ByteReader(bytes.subarray(0, length), { littleEndian: false }).seek(offset);
    const magic = blob.u32();
    const size = blob.u32();
    if (size < BLOB_HEADER_BYTES) throw broken("code signature: a blob without a header");
    const content = blob.take(size - BLOB_HEADER_BYTES);
    if (blobs.has(slot)) throw broken(`code signature: two blobs for ${slotName(slot)}`);
    blobs.set(slot, { slot, magic, bytes: bytes.subarray(offset, offset + size), content });
    free = offset + size;
  }
  return { blobs, bytes: length, hasStowaway: hasStowaway || hasContent(bytes.subarray(free)) };
}

export function hasContent(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte !== 0);
}
