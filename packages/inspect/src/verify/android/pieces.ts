import type { ByteSource } from "@distd/core";

const PIECE_BYTES = 256 * 1024;

/** The bytes from `start` to `end`, piece by piece; the next is fetched while one is used. */
export async function* piecesOf(source: ByteSource, start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
  const fetch = (offset: number): Promise<Uint8Array> => {
    const piece = source.read(offset, Math.min(PIECE_BYTES, end - offset));
    // Whoever awaits it hears of the failure; until then it is not unhandled.
    piece.catch(() => {});
    return piece;
  };
  if (start >= end) return;
  let coming = fetch(start);
  for (let offset = start + PIECE_BYTES; offset < end; offset += PIECE_BYTES) {
    const piece = await coming;
    coming = fetch(offset);
    yield piece;
  }
  yield coming;
}
