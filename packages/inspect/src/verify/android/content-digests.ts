import type { ByteSource } from "@distd/core";
import type { ApkFile } from "./apk-file.ts";
import { ChunkedDigest } from "./chunked-digest.ts";
import { BLOCK_BYTES, MerkleTree } from "./merkle-tree.ts";
import { piecesOf } from "./pieces.ts";
import { type PlacedPiece, readAlong } from "./read-along.ts";
import type { ContentDigest } from "./signature-algorithms.ts";

const DIRECTORY_OFFSET_AT = 16;
/** What APK verity hashes before every block. */
const VERITY_SALT = new Uint8Array(8);

export interface ApkDigests {
  /** Of entries, directory and end record, as v2 and v3 sign them: absent where the file is not laid out for it. */
  readonly contents: ReadonlyMap<ContentDigest, Uint8Array>;
  /** Of the whole file as it lies there, as v4 signs it. */
  readonly tree?: ReturnType<MerkleTree["finish"]>;
}

export interface WantedDigests {
  readonly contents: ReadonlySet<ContentDigest>;
  readonly tree: boolean;
  /** What else is to be found out of the same reading: v1's digests of entries. */
  readonly alongside?: (source: ByteSource) => Promise<void>;
}

/**
 * All digests that are asked for, from one reading. Everything but the signing block is covered; the end record is hashed as if the directory
 * began where the block does, as it did before there was one.
 */
export async function digestApk(apk: ApkFile, wanted: WantedDigests): Promise<ApkDigests> {
  const { source, entriesEnd, directoryOffset, endOffset } = apk;
  const chunked = (
    [
      ["chunked-sha256", "sha256"],
      ["chunked-sha512", "sha512"],
    ] as const
  )
    .filter(([name]) => wanted.contents.has(name))
    .map(([name, hash]) => ({ name, digest: new ChunkedDigest(hash) }));
  const coveredBytes = entriesEnd + source.size - directoryOffset;
  const verity = wanted.contents.has("verity-sha256") && isLaidOutForVerity(apk) ? new MerkleTree(coveredBytes, VERITY_SALT) : undefined;
  const whole = wanted.tree ? new MerkleTree(source.size, new Uint8Array()) : undefined;

  const cover = (piece: Uint8Array): void => {
    for (const { digest } of chunked) digest.update(piece);
    verity?.update(piece);
  };
  async function* read(from: number, to: number, isCovered: boolean): AsyncGenerator<PlacedPiece, void, undefined> {
    if (isCovered) for (const { digest } of chunked) digest.startSection(to - from);
    let offset = from;
    for await (const bytes of piecesOf(source, from, to)) {
      if (isCovered) cover(bytes);
      whole?.update(bytes);
      yield { offset, bytes };
      offset += bytes.length;
    }
  }
  async function* readAll(): AsyncGenerator<PlacedPiece, void, undefined> {
    yield* read(0, entriesEnd, true);
    if (whole) yield* read(entriesEnd, directoryOffset, false);
    yield* read(directoryOffset, endOffset, true);
  }
  const along = readAlong(source, readAll());
  await wanted.alongside?.(along);
  await along.finish();
  for (const { digest } of chunked) digest.startSection(apk.end.length);
  cover(endBefore(apk));
  whole?.update(apk.end);

  const contents = new Map<ContentDigest, Uint8Array>(chunked.map(({ name, digest }) => [name, digest.digest()]));
  if (verity) contents.set("verity-sha256", Buffer.concat([verity.finish().root, uint64(coveredBytes)]));
  return { contents, ...(whole && { tree: whole.finish() }) };
}

/** The end record as it was before the signing block was put in. */
function endBefore({ end, entriesEnd }: ApkFile): Uint8Array {
  const bytes = Buffer.from(end);
  bytes.writeUInt32LE(entriesEnd, DIRECTORY_OFFSET_AT);
  return bytes;
}

/** Pages of the file are pages of what is covered only when the block begins and ends with one. */
function isLaidOutForVerity({ entriesEnd, directoryOffset }: ApkFile): boolean {
  return entriesEnd % BLOCK_BYTES === 0 && (directoryOffset - entriesEnd) % BLOCK_BYTES === 0;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
