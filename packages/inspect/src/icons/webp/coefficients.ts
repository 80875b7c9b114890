// Coefficients of a macroblock (RFC 6386 §13): those of sixteen blocks of brightness, of four and four of colour, and before them, when
// brightness is guessed whole, of a block that holds the first coefficient of each of the sixteen.
import type { BoolDecoder } from "./bool-decoder.ts";
import type { Factors } from "./frame-header.ts";
import { undoWalshHadamard } from "./undo-transform.ts";

export const BLOCKS = 24;
const KIND = { yWithoutFirst: 0, y2: 1, uv: 2, y: 3 } as const;
const BANDS: readonly number[] = [0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0];
const ZIGZAG: readonly number[] = [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15];
/** Large values: the least of each class, and probabilities of the bits added to it. */
const CLASSES: readonly (readonly [least: number, bits: readonly number[]])[] = [
  [5, [159]],
  [7, [165, 145]],
  [11, [173, 148, 140]],
  [19, [176, 155, 140, 135]],
  [35, [180, 157, 141, 134, 130]],
  [67, [254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129]],
];

/** Of the blocks next to a macroblock, whether they have coefficients: four of brightness, two and two of colour, one of first coefficients. */
export type Context = Uint8Array;
export const CONTEXT_BYTES = 9;

/** The sixteen coefficients of each of 24 blocks, multiplied out; false when there is none but zeros. */
export function readCoefficients(
  coded: BoolDecoder,
  probabilities: Uint8Array,
  factors: Factors,
  isWhole: boolean,
  above: Context,
  left: Context,
  out: Int16Array,
): boolean {
  out.fill(0);
  let has = false;
  const read = (kind: number, block: Int16Array, pair: readonly [number, number], up: number, side: number, first: number): void => {
    const found = readBlock(coded, probabilities, kind, (above[up] ?? 0) + (left[side] ?? 0), pair, first, block);
    above[up] = left[side] = found ? 1 : 0;
  };
  if (isWhole) {
    const firsts = new Int16Array(16);
    read(KIND.y2, firsts, factors.y2, 8, 8, 0);
    undoWalshHadamard(firsts, out);
  }
  for (let block = 0; block < 16; block++) {
    const kind = isWhole ? KIND.yWithoutFirst : KIND.y;
    read(kind, out.subarray(block * 16, block * 16 + 16), factors.y, block & 3, block >> 2, isWhole ? 1 : 0);
  }
  for (let block = 16; block < BLOCKS; block++) {
    const plane = block < 20 ? 4 : 6;
    read(KIND.uv, out.subarray(block * 16, block * 16 + 16), factors.uv, plane + (block & 1), plane + ((block >> 1) & 1), 0);
  }
  for (const value of out) has ||= value !== 0;
  return has;
}

function readBlock(
  coded: BoolDecoder,
  probabilities: Uint8Array,
  kind: number,
  context: number,
  [dc, ac]: readonly [number, number],
  first: number,
  out: Int16Array,
): boolean {
  const placeOf = (at: number, own: number): number => ((kind * 8 + (BANDS[at] ?? 0)) * 3 + own) * 11;
  let place = placeOf(first, context);
  const bit = (index: number): number => coded.bit(probabilities[place + index] ?? 0);
  if (bit(0) === 0) return false;
  for (let at = first; at < 16; at++) {
    if (bit(1) === 0) {
      place = placeOf(at + 1, 0);
      continue;
    }
    const value = bit(2) === 0 ? 1 : readLarge(coded, bit);
    const zigzag = ZIGZAG[at] ?? 0;
    out[zigzag] = (coded.flag() ? -value : value) * (zigzag === 0 ? dc : ac);
    place = placeOf(at + 1, value === 1 ? 1 : 2);
    if (at === 15 || bit(0) === 0) return true;
  }
  return true;
}

function readLarge(coded: BoolDecoder, bit: (index: number) => number): number {
  if (bit(3) === 0) return bit(4) === 0 ? 2 : 3 + bit(5);
  let which: number;
  if (bit(6) === 0) which = bit(7);
  else {
    const high = bit(8);
    which = 2 + 2 * high + bit(9 + high);
  }
  const [least, bits] = CLASSES[which] ?? [0, []];
  return least + bits.reduce((value, probability) => value * 2 + coded.bit(probability), 0);
}
