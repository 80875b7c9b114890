import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";

const VERSION = 2;
const MAX_HASHING_BYTES = 4096;
const MAX_SIGNING_BYTES = 1024 * 1024;
const MAX_SIGNERS = 100;
export const SHA256 = 1;

export interface V4Signature extends V4Signer {
  readonly version: number;
  readonly hashAlgorithm: number;
  readonly log2BlockSize: number;
  readonly salt: Uint8Array;
  readonly rootHash: Uint8Array;
  /** Signers for other API levels, as v3.1 has them. */
  readonly others: readonly V4Signer[];
  readonly treeBytes: number;
  /** Of the tree, where it has any. */
  readonly treeOffset: number;
}

export interface V4Signer {
  /** Of the APK, as its v2 or v3 signature has it: what ties the two files together. */
  readonly apkDigest: Uint8Array;
  readonly certificate: Uint8Array;
  readonly additionalData: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly signatureAlgorithm: number;
  readonly signature: Uint8Array;
}

/** Version, then with a length each: how the APK is hashed, who signed that, and the tree of hashes, which is not read. */
export async function readV4Signature(source: ByteSource): Promise<V4Signature> {
  const version = new ByteReader(await source.read(0, Math.min(4, source.size)), { littleEndian: true }).u32();
  if (version !== VERSION) throw broken(`idsig: version ${version}; devices read ${VERSION}`);
  const hashing = await readBlock(source, 4, MAX_HASHING_BYTES, "hashing");
  const signing = await readBlock(source, hashing.end, MAX_SIGNING_BYTES, "signing");
  const hash = new ByteReader(hashing.bytes, { littleEndian: true });
  const [hashAlgorithm, log2BlockSize] = [hash.u32(), hash.u8()];
  const [salt, rootHash] = [takeBlock(hash), takeBlock(hash)];
  const info = new ByteReader(signing.bytes, { littleEndian: true });
  const signer = takeSigner(info);
  const treeBytes = await readLength(source, signing.end);
  const treeOffset = signing.end + 4;
  if (treeOffset + treeBytes > source.size) throw broken("idsig: the tree of hashes is cut short");
  return { version, hashAlgorithm, log2BlockSize, salt, rootHash, ...signer, others: takeOthers(info), treeBytes, treeOffset };
}

function takeSigner(info: ByteReader): V4Signer {
  const [apkDigest, certificate, additionalData, publicKey] = [takeBlock(info), takeBlock(info), takeBlock(info), takeBlock(info)];
  return { apkDigest, certificate, additionalData, publicKey, signatureAlgorithm: info.u32(), signature: takeBlock(info) };
}

/** Each after the number of the signing block's pair that it goes with. */
function takeOthers(info: ByteReader): readonly V4Signer[] {
  const others: V4Signer[] = [];
  while (info.left > 0) {
    if (others.length === MAX_SIGNERS) throw broken(`idsig: more than ${MAX_SIGNERS} signers`);
    info.skip(4);
    others.push(takeSigner(new ByteReader(takeBlock(info), { littleEndian: true })));
  }
  return others;
}

async function readLength(source: ByteSource, offset: number): Promise<number> {
  return new ByteReader(await source.read(offset, 4), { littleEndian: true }).u32();
}

async function readBlock(
  source: ByteSource,
  offset: number,
  max: number,
  what: string,
): Promise<{ readonly bytes: Uint8Array; readonly end: number }> {
  const length = await readLength(source, offset);
  if (length > max) throw broken(`idsig: ${length} bytes of ${what} information, at most ${max} are read`);
  return { bytes: await source.read(offset + 4, length), end: offset + 4 + length };
}

function takeBlock(reader: ByteReader): Uint8Array {
  return reader.take(reader.u32());
}
