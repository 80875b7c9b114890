// The transparency of a lossy picture (RFC 9649 §2.7.1.2): a byte that says how it is stored, then a value for each pixel, plain or as the green of
// a lossless picture, perhaps as differences from its neighbours.
import { ByteReader } from "@distd/core";
import { broken } from "../../broken.ts";
import { LowBitReader } from "./bit-reader.ts";
import { readLosslessPixels, type Size } from "./lossless.ts";

const COMPRESSION = { none: 0, lossless: 1 } as const;
const FILTER = { none: 0, horizontal: 1, vertical: 2, gradient: 3 } as const;

export function readAlpha(chunk: Uint8Array, size: Size): Uint8Array {
  const reader = new ByteReader(chunk, { littleEndian: true });
  const flags = reader.u8();
  const compression = flags & 3;
  if (compression > COMPRESSION.lossless) throw broken("the icon's transparency is stored in a way there is not");
  const alpha =
    compression === COMPRESSION.none
      ? reader.take(size.width * size.height).slice()
      : Uint8Array.from(readLosslessPixels(new LowBitReader(chunk.subarray(1)), size), (pixel) => pixel >>> 8);
  undoFilter(alpha, size.width, (flags >> 2) & 3);
  return alpha;
}

function undoFilter(alpha: Uint8Array, width: number, filter: number): void {
  if (filter === FILTER.none) return;
  for (let at = 1; at < alpha.length; at++) {
    const isFirstRow = at < width;
    const left = alpha[at - 1] ?? 0;
    const above = alpha[at - width] ?? 0;
    const corner = alpha[at - width - 1] ?? 0;
    const isFirstColumn = at % width === 0;
    let guess: number;
    if (isFirstRow) guess = left;
    else if (isFirstColumn || filter === FILTER.vertical) guess = above;
    else guess = filter === FILTER.horizontal ? left : Math.max(0, Math.min(255, left + above - corner));
    alpha[at] = (alpha[at] ?? 0) + guess;
  }
}
