import { ByteReader, type ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";

const VERSION = 2;
const MAX_HASHING_BYTES = 4096;
const MAX_SIGNING_BYTES = 1024 * 1024;
export const SHA256 = 1;

export interface V4Signature {
  readonly version: number;
  readonly hashAlgorithm: number;
  readonly log2BlockSize: number;
  readonly salt: Uint8Array;
  readonly rootHash: Uint8Array;
  /** Of the APK, as its v2 or v3 signature has it: what ties the two files together. */
  readonly apkDigest: Uint8Array;
  readonly certificate: Uint8Array;
  readonly signatureAlgorithm: number;
  readonly treeBytes: number;
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
  const apkDigest = takeBlock(info);
  const certificate = takeBlock(info);
  takeBlock(info);
  takeBlock(info);
  const signatureAlgorithm = info.u32();
  takeBlock(info);
  const treeBytes = await readLength(source, signing.end);
  if (signing.end + 4 + treeBytes > source.size) throw broken("idsig: the tree of hashes is cut short");
  return { version, hashAlgorithm, log2BlockSize, salt, rootHash, apkDigest, certificate, signatureAlgorithm, treeBytes };
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
