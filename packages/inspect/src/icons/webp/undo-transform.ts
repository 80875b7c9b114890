// RFC 6386 §14: from coefficients back to differences.
import type { Plane } from "./plane.ts";

/** The first coefficients of sixteen blocks, which were transformed once more. */
export function undoWalshHadamard(from: Int16Array, out: Int16Array): void {
  const at = (index: number): number => from[index] ?? 0;
  const middle = new Int32Array(16);
  for (let column = 0; column < 4; column++) {
    const [a, b] = [at(column) + at(12 + column), at(4 + column) + at(8 + column)];
    const [c, d] = [at(4 + column) - at(8 + column), at(column) - at(12 + column)];
    middle.set([a + b], column);
    middle.set([d + c], 4 + column);
    middle.set([a - b], 8 + column);
    middle.set([d - c], 12 + column);
  }
  for (let row = 0; row < 4; row++) {
    const [first = 0, second = 0, third = 0, fourth = 0] = middle.subarray(row * 4, row * 4 + 4);
    const [a, b, c, d] = [first + fourth + 3, second + third, second - third, first - fourth + 3];
    for (const [column, value] of [a + b, d + c, a - b, d - c].entries()) out[(row * 4 + column) * 16] = value >> 3;
  }
}

const cosine = (value: number): number => ((value * 20_091) >> 16) + value;
const sine = (value: number): number => (value * 35_468) >> 16;

/** Adds the differences of a block to what was guessed. */
export function addDifferences(coefficients: Int16Array, plane: Plane, x: number, y: number): void {
  const middle = new Int32Array(16);
  for (let column = 0; column < 4; column++) {
    const [first = 0, second = 0, third = 0, fourth = 0] = [0, 4, 8, 12].map((row) => coefficients[row + column]);
    pass(first, second, third, fourth, middle, column, 4);
  }
  const row = new Int32Array(4);
  for (let line = 0; line < 4; line++) {
    const [first = 0, second = 0, third = 0, fourth = 0] = middle.subarray(line * 4, line * 4 + 4);
    pass(first + 4, second, third, fourth, row, 0, 1);
    const at = plane.at(x, y + line);
    for (let column = 0; column < 4; column++) {
      const value = (plane.values[at + column] ?? 0) + ((row[column] ?? 0) >> 3);
      plane.values[at + column] = Math.max(0, Math.min(255, value));
    }
  }
}

function pass(first: number, second: number, third: number, fourth: number, out: Int32Array, at: number, step: number): void {
  const [a, b] = [first + third, first - third];
  const [c, d] = [sine(second) - cosine(fourth), cosine(second) + sine(fourth)];
  out[at] = a + d;
  out[at + step] = b + c;
  out[at + 2 * step] = b - c;
  out[at + 3 * step] = a - d;
}
