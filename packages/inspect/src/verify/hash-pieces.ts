import { createHash, type Hash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import type { HashName } from "./public-key.ts";

/** What is hashed, in order: bytes at hand, or a range of the artifact. */
export type Piece = Uint8Array | Range;

export interface Range {
  readonly offset: number;
  readonly bytes: number;
}

const CHUNK_BYTES = 1024 * 1024;

/** One hash each over the pieces: every byte is read once, whatever the number of hashes. At most two chunks are held. */
export async function hashPieces(
  source: ByteSource,
  pieces: Iterable<Piece>,
  names: Iterable<HashName>,
): Promise<ReadonlyMap<HashName, Hash>> {
  const hashes = new Map([...names].map((name) => [name, createHash(name)]));
  await updateHashes(source, pieces, [...hashes.values()]);
  return hashes;
}

/** The same, on hashes that have begun. */
export async function updateHashes(source: ByteSource, pieces: Iterable<Piece>, hashes: readonly Hash[]): Promise<void> {
  if (hashes.length === 0) return;
  let pending: Promise<Uint8Array> | undefined;
  for (const chunk of chunksOf(pieces)) {
    // The next chunk is read while this one is hashed.
    const next = chunk instanceof Uint8Array ? Promise.resolve(chunk) : source.read(chunk.offset, chunk.bytes);
    next.catch(() => {});
    if (pending !== undefined) update(hashes, await pending);
    pending = next;
  }
  if (pending !== undefined) update(hashes, await pending);
}

function update(hashes: readonly Hash[], bytes: Uint8Array): void {
  for (const hash of hashes) hash.update(bytes);
}

function* chunksOf(pieces: Iterable<Piece>): Generator<Piece, void, undefined> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) {
      yield piece;
      continue;
    }
    for (let done = 0; done < piece.bytes; done += CHUNK_BYTES)
      yield { offset: piece.offset + done, bytes: Math.min(CHUNK_BYTES, piece.bytes - done) };
  }
}
