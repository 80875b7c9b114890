// Lossy WebP: one key frame of VP8 (RFC 6386). Macroblocks of 16 by 16 pixels are guessed from their neighbours, corrected by coefficients, and
// at last smoothed where blocks meet.
import { checkSides, type Pixels } from "../pixels.ts";
import { readModes } from "./block-modes.ts";
import { BLOCKS, CONTEXT_BYTES, readCoefficients } from "./coefficients.ts";
import { type FilterStrength, type FrameHeader, readFrameHeader, readFrameSize } from "./frame-header.ts";
import { filterEdge } from "./loop-filter.ts";
import { Plane } from "./plane.ts";
import { predictBlock, predictWhole } from "./predict-block.ts";
import { addDifferences } from "./undo-transform.ts";
import { toRgba } from "./yuv.ts";

type Planes = readonly [y: Plane, u: Plane, v: Plane];

export function decodeLossy(bytes: Uint8Array): Pixels {
  const { width, height } = readFrameSize(bytes);
  checkSides(width, height);
  const header = readFrameHeader(bytes);
  const [columns, rows] = [(width + 15) >> 4, (height + 15) >> 4];
  const colour = (): Plane => new Plane(columns * 8, rows * 8);
  const planes: Planes = [new Plane(columns * 16, rows * 16), colour(), colour()];
  const smoothing = decodeMacroblocks(header, planes, columns, rows);
  for (const [index, own] of smoothing.entries())
    if (own !== undefined) filterMacroblock(planes, index % columns, Math.floor(index / columns), own, header.isSimpleFilter);
  return { width, height, rgba: toRgba(planes, width, height) };
}

interface Smoothing {
  readonly strength: FilterStrength;
  readonly hasInner: boolean;
}

function decodeMacroblocks(header: FrameHeader, planes: Planes, columns: number, rows: number): readonly (Smoothing | undefined)[] {
  const { modes: coded, segmentTree, skipProbability } = header;
  const modesAbove = new Uint8Array(columns * 4);
  const contextAbove = new Uint8Array(columns * CONTEXT_BYTES);
  const coefficients = new Int16Array(BLOCKS * 16);
  const smoothing: (Smoothing | undefined)[] = [];
  for (let row = 0; row < rows; row++) {
    const [modesLeft, contextLeft] = [new Uint8Array(4), new Uint8Array(CONTEXT_BYTES)];
    const partition = header.partitions[row % header.partitions.length];
    for (let column = 0; column < columns; column++) {
      const segment = segmentTree === undefined ? 0 : readSegment(header, segmentTree);
      const isSkipped = skipProbability !== undefined && coded.bit(skipProbability) === 1;
      const modes = readModes(coded, modesAbove.subarray(column * 4, column * 4 + 4), modesLeft);
      const isWhole = modes.whole !== undefined;
      const above = contextAbove.subarray(column * CONTEXT_BYTES, (column + 1) * CONTEXT_BYTES);
      const factors = header.factors[segment];
      let hasCoefficients = false;
      if (!isSkipped && partition !== undefined && factors !== undefined)
        hasCoefficients = readCoefficients(partition, header.probabilities, factors, isWhole, above, contextLeft, coefficients);
      else {
        // Whether there are first coefficients is kept over macroblocks that have none.
        for (const context of [above, contextLeft]) context.fill(0, 0, isWhole ? CONTEXT_BYTES : CONTEXT_BYTES - 1);
        coefficients.fill(0);
      }
      reconstruct(planes, column, row, columns, modes, coefficients);
      const strength = header.filters?.[segment]?.[isWhole ? 0 : 1];
      smoothing.push(strength === undefined || strength.level === 0 ? undefined : { strength, hasInner: !isWhole || hasCoefficients });
    }
  }
  return smoothing;
}

function readSegment({ modes }: FrameHeader, [first, low, high]: NonNullable<FrameHeader["segmentTree"]>): number {
  return modes.bit(first) === 0 ? modes.bit(low) : 2 + modes.bit(high);
}

function reconstruct(
  [luma, ...colours]: Planes,
  column: number,
  row: number,
  columns: number,
  modes: ReturnType<typeof readModes>,
  coefficients: Int16Array,
): void {
  const [left, top] = [column * 16, row * 16];
  const beyond = beyondMacroblock(luma, column, row, columns);
  if (modes.whole !== undefined) predictWhole(luma, left, top, 16, modes.whole);
  for (let block = 0; block < 16; block++) {
    const [x, y] = [left + (block & 3) * 4, top + (block >> 2) * 4];
    if (modes.whole === undefined) {
      const from = luma.at(x + 4, y - 1);
      predictBlock(luma, x, y, modes.blocks[block] ?? 0, (block & 3) === 3 ? beyond : luma.values.subarray(from, from + 4));
    }
    addDifferences(coefficients.subarray(block * 16, block * 16 + 16), luma, x, y);
  }
  for (const [index, plane] of colours.entries()) {
    predictWhole(plane, column * 8, row * 8, 8, modes.colour);
    for (let block = 0; block < 4; block++) {
      const from = (16 + index * 4 + block) * 16;
      addDifferences(coefficients.subarray(from, from + 16), plane, column * 8 + (block & 1) * 4, row * 8 + (block >> 1) * 4);
    }
  }
}

/** Above and to the right of a macroblock, for all four of its last blocks; at the end of a row the last value of the one above, four times. */
function beyondMacroblock(luma: Plane, column: number, row: number, columns: number): Uint8Array {
  const at = luma.at(column * 16 + 16, row * 16 - 1);
  if (column < columns - 1) return luma.values.slice(at, at + 4);
  return new Uint8Array(4).fill(luma.values[at - 1] ?? 0);
}

function filterMacroblock([luma, ...colours]: Planes, column: number, row: number, own: Smoothing, isSimple: boolean): void {
  const planes = [{ plane: luma, side: 16 }, ...(isSimple ? [] : colours.map((plane) => ({ plane, side: 8 })))];
  for (const isLeft of [true, false]) {
    for (const { plane, side } of planes) {
      const [x, y] = [column * side, row * side];
      if ((isLeft ? column : row) > 0) filterEdge({ plane, x, y, length: side, isLeft, isOuter: true }, own.strength, isSimple);
      for (let inside = 4; own.hasInner && inside < side; inside += 4) {
        const edge = isLeft ? { x: x + inside, y } : { x, y: y + inside };
        filterEdge({ plane, ...edge, length: side, isLeft, isOuter: false }, own.strength, isSimple);
      }
    }
  }
}
