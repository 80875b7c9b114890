// Apple's embedded code signature (xnu, osfmk/kern/cs_blobs.h): a big-endian "super blob" with an index of (slot, offset) to blobs, each
// with magic and length. Slot 0 is the code directory (hashes, identifier, team), 5 the entitlements as XML, 0x10000 a CMS message over
// the code directory. Ad-hoc signatures have no CMS, or an empty one.
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { parsePlist } from "../plist/parse-plist.ts";
import type { PlistDict } from "../plist/plist-value.ts";
import type { Certificate } from "../x509/certificate.ts";
import { parseSignedData } from "../x509/signed-data.ts";

const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
const ENTITLEMENTS = 0xfade7171;
const WRAPPER = 0xfade0b01;
const SLOT = { codeDirectory: 0, entitlements: 5, cms: 0x10000, ticket: 0x10002 } as const;
const BLOB_HEADER_BYTES = 8;
const MAX_BLOBS = 128;
/** The first version of the code directory that names a team. */
const WITH_TEAM = 0x20200;

/** cs_blobs.h: what the system is asked to enforce, and how it was signed. */
export const CODE_FLAGS = { adHoc: 0x2, libraryValidation: 0x2000, hardenedRuntime: 0x10000, linkerSigned: 0x20000 } as const;
/** id-aa-timeStampToken (RFC 3161), as DER has it. */
const TIMESTAMP_TOKEN = Buffer.from("060b2a864886f70d010910020e", "hex");

export interface CodeSignature {
  readonly identifier?: string;
  readonly teamId?: string;
  /** Of the code directory; see CODE_FLAGS. */
  readonly flags: number;
  /** A notarization ticket is in it; disk images keep theirs here. */
  readonly ticket: boolean;
  /** The CMS message carries a timestamp of Apple's: the signature outlives the certificate. */
  readonly timestamped: boolean;
  readonly entitlements?: PlistDict;
  /** Empty when it is signed ad hoc. */
  readonly signers: readonly Certificate[];
}

export async function parseCodeSignature(bytes: Uint8Array, maxDepth: number): Promise<CodeSignature> {
  const blobs = parseBlobs(bytes);
  const directory = blobs.get(SLOT.codeDirectory);
  const entitlements = contentOf(blobs.get(SLOT.entitlements), ENTITLEMENTS);
  const cms = contentOf(blobs.get(SLOT.cms), WRAPPER);
  return {
    flags: 0,
    ticket: blobs.has(SLOT.ticket),
    timestamped: cms !== undefined && Buffer.from(cms).includes(TIMESTAMP_TOKEN),
    ...(directory === undefined ? {} : parseCodeDirectory(directory)),
    ...(entitlements === undefined || entitlements.length === 0
      ? {}
      : { entitlements: await parsePlist(entitlements, maxDepth, "the entitlements") }),
    signers: cms === undefined || cms.length === 0 ? [] : parseSignedData(cms).signers,
  };
}

function parseBlobs(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const reader = new ByteReader(bytes, { littleEndian: false });
  if (reader.u32() !== SUPER_BLOB) throw broken("code signature: not a super blob");
  reader.skip(4);
  const count = reader.u32();
  if (count > MAX_BLOBS) throw broken(`code signature: ${count} blobs`);
  const index = Array.from({ length: count }, () => ({ slot: reader.u32(), offset: reader.u32() }));
  const blobs = new Map<number, Uint8Array>();
  for (const { slot, offset } of index) {
    const length = reader.seek(offset).skip(4).u32();
    if (!blobs.has(slot)) blobs.set(slot, reader.seek(offset).take(length));
  }
  return blobs;
}

function contentOf(blob: Uint8Array | undefined, magic: number): Uint8Array | undefined {
  if (blob === undefined) return undefined;
  const found = new ByteReader(blob, { littleEndian: false }).u32();
  if (found !== magic) throw broken(`code signature: blob ${found.toString(16)} where ${magic.toString(16)} belongs`);
  return blob.subarray(BLOB_HEADER_BYTES);
}

// Magic, length, version, flags, four offsets and counts, code limit, hash type, page size, spare, scatter offset, team offset.
function parseCodeDirectory(blob: Uint8Array): Pick<CodeSignature, "identifier" | "teamId" | "flags"> {
  const reader = new ByteReader(blob, { littleEndian: false });
  if (reader.u32() !== CODE_DIRECTORY) throw broken("code signature: slot 0 is not a code directory");
  const version = reader.skip(4).u32();
  const flags = reader.u32();
  const identifier = textAt(blob, reader.seek(20).u32());
  const teamOffset = version >= WITH_TEAM ? reader.seek(48).u32() : 0;
  const teamId = teamOffset === 0 ? undefined : textAt(blob, teamOffset);
  return { flags, ...(identifier === undefined ? {} : { identifier }), ...(teamId === undefined ? {} : { teamId }) };
}

function textAt(blob: Uint8Array, offset: number): string | undefined {
  const end = blob.indexOf(0, offset);
  if (offset === 0 || offset >= blob.length || end === -1) return undefined;
  return new ByteReader(blob, { littleEndian: false }).seek(offset).text(end - offset) || undefined;
}
