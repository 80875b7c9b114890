// How macroblocks are guessed (RFC 6386 §11): brightness whole or in sixteen blocks, colour whole.
import type { BoolDecoder } from "./bool-decoder.ts";
import { MODE_PROBABILITIES } from "./mode-probabilities.ts";

/** Ways of guessing; the first four are also those of whole macroblocks. */
export const BLOCK_MODE = { dc: 0, trueMotion: 1, vertical: 2, horizontal: 3, rd: 4, vr: 5, ld: 6, vl: 7, hd: 8, hu: 9 } as const;
const WAYS = 10;
const PROBABILITIES = 9;

/** Pairs of branches, each the place of the next pair or, less than one, a mode. */
type Tree = readonly number[];
const leaf = (mode: number): number => -mode;
const { dc, trueMotion, vertical, horizontal, rd, vr, ld, vl, hd, hu } = BLOCK_MODE;
const BLOCK_TREE: Tree = [
  [leaf(dc), 2],
  [leaf(trueMotion), 4],
  [leaf(vertical), 6],
  [8, 12],
  [leaf(horizontal), 10],
  [leaf(rd), leaf(vr)],
  [leaf(ld), 14],
  [leaf(vl), 16],
  [leaf(hd), leaf(hu)],
].flat();
const WHOLE_TREE: Tree = [2, 4, leaf(dc), leaf(vertical), leaf(horizontal), leaf(trueMotion)];
const WHOLE_PROBABILITIES: readonly number[] = [156, 163, 128];
const COLOUR_TREE: Tree = [leaf(dc), 2, leaf(vertical), 4, leaf(horizontal), leaf(trueMotion)];
const COLOUR_PROBABILITIES: readonly number[] = [142, 114, 183];
const IS_WHOLE = 145;

export interface Modes {
  /** Undefined when it is guessed in blocks. */
  readonly whole: number | undefined;
  /** Of the sixteen blocks. */
  readonly blocks: Uint8Array;
  readonly colour: number;
}

/** `above` and `left`: the ways of the four blocks next to the macroblock; what the next ones will find is left there. */
export function readModes(coded: BoolDecoder, above: Uint8Array, left: Uint8Array): Modes {
  const blocks = new Uint8Array(16);
  const whole = coded.bit(IS_WHOLE) === 1 ? walk(coded, WHOLE_TREE, WHOLE_PROBABILITIES, 0) : undefined;
  if (whole !== undefined) {
    above.fill(whole);
    left.fill(whole);
  } else
    for (let block = 0; block < 16; block++) {
      const [column, row] = [block & 3, block >> 2];
      const at = ((above[column] ?? 0) * WAYS + (left[row] ?? 0)) * PROBABILITIES;
      const mode = walk(coded, BLOCK_TREE, MODE_PROBABILITIES, at);
      blocks[block] = mode;
      above[column] = mode;
      left[row] = mode;
    }
  return { whole, blocks, colour: walk(coded, COLOUR_TREE, COLOUR_PROBABILITIES, 0) };
}

function walk(coded: BoolDecoder, tree: Tree, probabilities: readonly number[], from: number): number {
  let at = 0;
  do at = tree[at + coded.bit(probabilities[from + (at >> 1)] ?? 0)] ?? 0;
  while (at > 0);
  return -at;
}
