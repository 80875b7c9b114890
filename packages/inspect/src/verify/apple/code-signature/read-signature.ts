import { broken } from "../../../broken.ts";
import { type CodeDirectory, FLAG, parseCodeDirectory } from "./code-directory.ts";
import { type Blob, MAGIC, parseSuperBlob, SLOT } from "./super-blob.ts";

/** What a signature consists of; nothing is verified yet. */
export interface CodeSignature {
  /** The one that CMS signs first, then the alternates with other hashes. */
  readonly directories: readonly [CodeDirectory, ...CodeDirectory[]];
  /** Blobs that code directories have hashes of, by slot. */
  readonly sealed: ReadonlyMap<number, Uint8Array>;
  /** Undefined: none, or an empty one. */
  readonly cms: Uint8Array | undefined;
  /** A notarization ticket; disk images have theirs here. */
  readonly ticket: Uint8Array | undefined;
  readonly isAdHoc: boolean;
  /** Slots nothing is known of, and that no code directory can have a hash of. */
  readonly strangers: readonly number[];
  readonly hasStowaway: boolean;
}

const MAX_SEALED_SLOT = 0xff;

export function readCodeSignature(bytes: Uint8Array): CodeSignature {
  const { blobs, hasStowaway } = parseSuperBlob(bytes);
  return { ...readBlobs(blobs), hasStowaway };
}

/** Also for bundles without code, whose blobs are files. */
export function readBlobs(blobs: ReadonlyMap<number, Blob>): Omit<CodeSignature, "hasStowaway"> {
  const base = blobs.get(SLOT.codeDirectory);
  if (base === undefined) throw broken("code signature: there is no code directory");
  const alternates = [...blobs.values()]
    .filter(({ slot }) => slot >= SLOT.alternates && slot < SLOT.alternatesEnd)
    .sort((a, b) => a.slot - b.slot);
  if (alternates.some(({ slot }, index) => slot !== SLOT.alternates + index)) throw broken("code signature: an alternate is missing");
  const directories: [CodeDirectory, ...CodeDirectory[]] = [parseCodeDirectory(base), ...alternates.map(parseCodeDirectory)];
  if (new Set(directories.map(({ hashType }) => hashType)).size !== directories.length)
    throw broken("code signature: two code directories with the same hash");
  const cms = contentOf(blobs.get(SLOT.cms));
  const known: readonly number[] = [SLOT.cms, SLOT.ticket];
  const others = [...blobs.values()].filter(
    ({ slot }) => slot !== SLOT.codeDirectory && !known.includes(slot) && (slot < SLOT.alternates || slot >= SLOT.alternatesEnd),
  );
  return {
    directories,
    sealed: new Map(others.filter(({ slot }) => slot <= MAX_SEALED_SLOT).map((blob) => [blob.slot, blob.bytes])),
    cms: cms !== undefined && cms.length > 0 ? cms : undefined,
    ticket: contentOf(blobs.get(SLOT.ticket)),
    isAdHoc: (directories[0].flags & FLAG.adHoc) !== 0,
    strangers: others.filter(({ slot }) => slot > MAX_SEALED_SLOT).map(({ slot }) => slot),
  };
}

function contentOf(blob: Blob | undefined): Uint8Array | undefined {
  if (blob === undefined) return undefined;
  if (blob.magic !== MAGIC.wrapper) throw broken("code signature: a message that is not wrapped");
  return blob.content;
}
