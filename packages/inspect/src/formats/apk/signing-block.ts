// The APK Signing Block (source.android.com, "APK Signature Scheme v2" to "v3.1"), between the zip's last entry and its directory:
// size, pairs of (64-bit length, 32-bit id, value), size again, magic. v2, v3 and v3.1 are pairs; each holds a list of signers, a signer
// holds signed data (digests, certificates, for v3 an SDK range, attributes), signatures and a public key. All lists and values carry a
// 32-bit length. Read here: the leaf certificates, the lineage, the source stamp's certificate, and what tells of a stripped scheme.
import type { ByteReader, ByteSource, DistError } from "@distd/core";
import { broken, isBroken } from "../../broken.ts";
import { items, lengthPrefixed, littleEndian } from "./length-prefixed.ts";

const FOOTER_BYTES = 24;
const MAGIC = "APK Sig Block 42";
/** What Android allows. */
export const MAX_SIGNERS = 10;
const MAX_LINEAGE = 100;
const MAX_BLOCK_BYTES = 32 * 1024 * 1024;
const SOURCE_STAMP_IDS: readonly number[] = [0x6dff800d, 0x2b09189e];
export const LINEAGE_ATTRIBUTE = 0x3ba06f8c;
export const STRIPPING_PROTECTION_ATTRIBUTE = 0xbeeff00d;
export const ROTATION_MIN_SDK_ATTRIBUTE = 0x559f8b02;

export type BlockScheme = "v2" | "v3" | "v3.1";
export const BLOCK_SCHEMES: Readonly<Record<BlockScheme, number>> = { v2: 0x7109871a, v3: 0xf05368c0, "v3.1": 0x1b93ad61 };

export interface BlockSigner {
  /** DER of the signer's own certificate, the first of its list. */
  readonly leaf: Uint8Array | undefined;
  /** DER of every certificate the key was rotated through, oldest first. */
  readonly lineage: readonly Uint8Array[];
  /** A scheme this signer says the file was signed with as well. */
  readonly alsoSignedWith: BlockScheme | undefined;
}

export type SigningBlock = ReadonlyMap<number, Uint8Array>;

export interface FoundSigningBlock {
  /** Where it begins: the zip's entries end here. */
  readonly offset: number;
  /** By id, the first of each as the platform takes it; as far as they can be read. */
  readonly pairs: SigningBlock;
  /** What ended the reading before the end. */
  readonly damage?: DistError;
}

/** The block before the directory; undefined when there is none. A block that lies about its size is `artifact/broken`. */
export async function findSigningBlock(source: ByteSource, directoryOffset: number): Promise<FoundSigningBlock | undefined> {
  if (directoryOffset < FOOTER_BYTES + 8) return undefined;
  const footer = littleEndian(await source.read(directoryOffset - FOOTER_BYTES, FOOTER_BYTES));
  const size = Buffer.from(footer.bytes.subarray(8)).toString("latin1") === MAGIC ? footer.u64() : undefined;
  if (size === undefined) return undefined;
  if (size < FOOTER_BYTES || size > MAX_BLOCK_BYTES || size + 8 > directoryOffset) throw broken(`the signing block claims ${size} bytes`);
  const offset = directoryOffset - size - 8;
  const block = littleEndian(await source.read(offset, size + 8 - FOOTER_BYTES));
  if (block.u64() !== size) throw broken("the signing block has two sizes");
  const pairs = new Map<number, Uint8Array>();
  try {
    while (block.left > 0) {
      const pair = littleEndian(block.take(block.u64()));
      const id = pair.u32();
      if (!pairs.has(id)) pairs.set(id, pair.take(pair.left));
    }
  } catch (thrown) {
    if (isBroken(thrown)) return { offset, pairs, damage: thrown };
    throw thrown;
  }
  return { offset, pairs };
}

/** The block's pairs by id; undefined when there is no block. */
export async function readSigningBlock(source: ByteSource, directoryOffset: number): Promise<SigningBlock | undefined> {
  const found = await findSigningBlock(source, directoryOffset);
  if (found?.damage) throw found.damage;
  return found?.pairs;
}

export function parseSigners(value: Uint8Array, scheme: BlockScheme): readonly BlockSigner[] {
  const signers = items(lengthPrefixed(littleEndian(value)));
  if (signers.length > MAX_SIGNERS) throw broken(`${signers.length} signers, Android allows ${MAX_SIGNERS}`);
  return signers.map((signer) => parseSigner(lengthPrefixed(littleEndian(signer)), scheme));
}

/** DER of the certificate of the source stamp: the store that handed the file out. */
export function parseSourceStamp(block: SigningBlock): Uint8Array | undefined {
  const value = SOURCE_STAMP_IDS.map((id) => block.get(id)).find((found) => found !== undefined);
  return value === undefined ? undefined : lengthPrefixed(littleEndian(lengthPrefixed(littleEndian(value))));
}

function parseSigner(signedData: Uint8Array, scheme: BlockScheme): BlockSigner {
  const reader = littleEndian(signedData);
  lengthPrefixed(reader);
  const [leaf] = items(lengthPrefixed(reader));
  if (scheme !== "v2") reader.skip(8);
  let lineage: readonly Uint8Array[] = [];
  let alsoSignedWith: BlockScheme | undefined;
  for (const attribute of reader.left === 0 ? [] : items(lengthPrefixed(reader))) {
    const body = littleEndian(attribute);
    const id = body.u32();
    if (id === LINEAGE_ATTRIBUTE) lineage = parseLineage(body);
    else if (id === ROTATION_MIN_SDK_ATTRIBUTE && scheme === "v3") alsoSignedWith = "v3.1";
    else if (id === STRIPPING_PROTECTION_ATTRIBUTE && scheme === "v2" && body.u32() === 3) alsoSignedWith = "v3";
  }
  return { leaf, lineage, alsoSignedWith };
}

/** Version, then nodes: signed data (certificate, algorithm), flags, algorithm, signature. */
function parseLineage(reader: ByteReader): readonly Uint8Array[] {
  reader.skip(4);
  const nodes: Uint8Array[] = [];
  while (reader.left > 0) {
    if (nodes.length >= MAX_LINEAGE) throw broken(`a key rotated more than ${MAX_LINEAGE} times`);
    nodes.push(lengthPrefixed(littleEndian(lengthPrefixed(littleEndian(lengthPrefixed(reader))))));
  }
  return nodes;
}
