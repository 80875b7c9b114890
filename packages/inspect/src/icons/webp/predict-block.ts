// Guesses from what lies above and to the left (RFC 6386 §12).
import { BLOCK_MODE } from "./block-modes.ts";
import type { Plane } from "./plane.ts";

/** Guesses a square of a macroblock whole: 16 of brightness or 8 of colour. */
export function predictWhole(plane: Plane, x: number, y: number, side: number, mode: number): void {
  const { values } = plane;
  const above = plane.at(x, y - 1);
  const corner = values[above - 1] ?? 0;
  const flat = mode === BLOCK_MODE.dc ? meanAround(plane, x, y, side) : 0;
  for (let row = 0; row < side; row++) {
    const at = plane.at(x, y + row);
    const left = values[at - 1] ?? 0;
    if (mode === BLOCK_MODE.dc) values.fill(flat, at, at + side);
    else if (mode === BLOCK_MODE.vertical) values.copyWithin(at, above, above + side);
    else if (mode === BLOCK_MODE.horizontal) values.fill(left, at, at + side);
    else for (let column = 0; column < side; column++) values[at + column] = clamp(left + (values[above + column] ?? 0) - corner);
  }
}

/** Of what is in the picture; in its first corner there is nothing. */
function meanAround(plane: Plane, x: number, y: number, side: number): number {
  let [sum, count] = [0, 0];
  for (let at = 0; y > 0 && at < side; at++, count++) sum += plane.values[plane.at(x + at, y - 1)] ?? 0;
  for (let at = 0; x > 0 && at < side; at++, count++) sum += plane.values[plane.at(x - 1, y + at)] ?? 0;
  return count === 0 ? 128 : Math.floor((sum + (count >> 1)) / count);
}

/**
 * The directions of small blocks. Around a block lie, from its lower left to its upper right, thirteen values, the first and the last once more.
 * A pixel is three of them smoothed, named by the one in the middle, or, written with `half`, the mean of that one and the next.
 */
const half = (index: number): number => index + 32;
const row = (...places: readonly number[]): readonly number[] => places;
const DIRECTIONS: ReadonlyMap<number, readonly number[]> = new Map([
  [BLOCK_MODE.vertical, [row(5, 6, 7, 8), row(5, 6, 7, 8), row(5, 6, 7, 8), row(5, 6, 7, 8)].flat()],
  [BLOCK_MODE.horizontal, [row(3, 3, 3, 3), row(2, 2, 2, 2), row(1, 1, 1, 1), row(0, 0, 0, 0)].flat()],
  [BLOCK_MODE.ld, [row(6, 7, 8, 9), row(7, 8, 9, 10), row(8, 9, 10, 11), row(9, 10, 11, 12)].flat()],
  [BLOCK_MODE.rd, [row(4, 5, 6, 7), row(3, 4, 5, 6), row(2, 3, 4, 5), row(1, 2, 3, 4)].flat()],
  [BLOCK_MODE.vr, [row(half(4), half(5), half(6), half(7)), row(4, 5, 6, 7), row(3, half(4), half(5), half(6)), row(2, 4, 5, 6)].flat()],
  [BLOCK_MODE.vl, [row(half(5), half(6), half(7), half(8)), row(6, 7, 8, 9), row(half(6), half(7), half(8), 10), row(7, 8, 9, 11)].flat()],
  [BLOCK_MODE.hd, [row(half(3), 4, 5, 6), row(half(2), 3, half(3), 4), row(half(1), 2, half(2), 3), row(half(0), 1, half(1), 2)].flat()],
  [
    BLOCK_MODE.hu,
    [
      row(half(2), 2, half(1), 1),
      row(half(1), 1, half(0), 0),
      row(half(0), 0, half(-1), half(-1)),
      row(half(-1), half(-1), half(-1), half(-1)),
    ].flat(),
  ],
]);

/** Guesses a block of four by four. `beyond`: the four values above it and to the right. */
export function predictBlock(plane: Plane, x: number, y: number, mode: number, beyond: ArrayLike<number>): void {
  const { values } = plane;
  const directions = DIRECTIONS.get(mode);
  if (directions === undefined) {
    if (mode === BLOCK_MODE.trueMotion) predictWhole(plane, x, y, 4, mode);
    else fillMean(plane, x, y);
    return;
  }
  const around = new Uint8Array(15);
  for (let index = 0; index < 4; index++) {
    around[4 - index] = values[plane.at(x - 1, y + index)] ?? 0;
    around[6 + index] = values[plane.at(x + index, y - 1)] ?? 0;
    around[10 + index] = beyond[index] ?? 0;
  }
  around[0] = around[1] ?? 0;
  around[5] = values[plane.at(x - 1, y - 1)] ?? 0;
  around[14] = around[13] ?? 0;
  for (const [pixel, place] of directions.entries()) {
    const isHalf = place >= half(-1);
    const at = (isHalf ? place - 32 : place) + 1;
    const [before, own, next] = [around[at - 1] ?? 0, around[at] ?? 0, around[at + 1] ?? 0];
    values[plane.at(x + (pixel & 3), y + (pixel >> 2))] = isHalf ? (own + next + 1) >> 1 : (before + 2 * own + next + 2) >> 2;
  }
}

/** Small blocks take what lies around them even where that is the border. */
function fillMean(plane: Plane, x: number, y: number): void {
  let sum = 4;
  for (let index = 0; index < 4; index++)
    sum += (plane.values[plane.at(x + index, y - 1)] ?? 0) + (plane.values[plane.at(x - 1, y + index)] ?? 0);
  for (let line = 0; line < 4; line++) plane.values.fill(sum >> 3, plane.at(x, y + line), plane.at(x, y + line) + 4);
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, value));
}
