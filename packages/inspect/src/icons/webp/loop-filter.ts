// Smooths the edges between blocks when all are decoded (RFC 6386 §15).
import type { FilterStrength } from "./frame-header.ts";
import type { Plane } from "./plane.ts";

export interface Edge {
  readonly plane: Plane;
  readonly x: number;
  readonly y: number;
  /** Along the edge. */
  readonly length: number;
  /** The edge lies to the left of the pixel, or above it. */
  readonly isLeft: boolean;
  /** Between macroblocks, where more is smoothed. */
  readonly isOuter: boolean;
}

export function filterEdge({ plane, x, y, length, isLeft, isOuter }: Edge, strength: FilterStrength, isSimple: boolean): void {
  const limit = 2 * (strength.level + (isOuter ? 2 : 0)) + strength.inner;
  const [across, along] = isLeft ? [1, plane.stride] : [plane.stride, 1];
  const { values } = plane;
  for (let index = 0, at = plane.at(x, y); index < length; index++, at += along) {
    const p1 = values[at - 2 * across] ?? 0;
    const p0 = values[at - across] ?? 0;
    const q0 = values[at] ?? 0;
    const q1 = values[at + across] ?? 0;
    if (Math.abs(p0 - q0) * 2 + (Math.abs(p1 - q1) >> 1) > limit) continue;
    if (isSimple) smoothTwo(values, at, across);
    else smooth(values, at, across, strength, isOuter);
  }
}

function smooth(values: Uint8Array, at: number, across: number, { inner, variance }: FilterStrength, isOuter: boolean): void {
  const step = (index: number): number => Math.abs((values[at + index * across] ?? 0) - (values[at + (index - 1) * across] ?? 0));
  if (step(-3) > inner || step(-2) > inner || step(-1) > inner || step(1) > inner || step(2) > inner || step(3) > inner) return;
  if (step(-1) > variance || step(1) > variance) smoothTwo(values, at, across);
  else if (isOuter) smoothSix(values, at, across);
  else smoothFour(values, at, across);
}

/** Towards each other by `difference`: the pixels this far from the edge, on both sides. */
function move(values: Uint8Array, at: number, across: number, distance: number, before: number, behind: number): void {
  const [p, q] = [at - (distance + 1) * across, at + distance * across];
  values[p] = Math.max(0, Math.min(255, (values[p] ?? 0) + before));
  values[q] = Math.max(0, Math.min(255, (values[q] ?? 0) - behind));
}

function smoothTwo(values: Uint8Array, at: number, across: number): void {
  const outer = (values[at - 2 * across] ?? 0) - (values[at + across] ?? 0);
  const difference = signed(3 * ((values[at] ?? 0) - (values[at - across] ?? 0)) + signed(outer));
  move(values, at, across, 0, signed(difference + 3) >> 3, signed(difference + 4) >> 3);
}

function smoothFour(values: Uint8Array, at: number, across: number): void {
  const difference = signed(3 * ((values[at] ?? 0) - (values[at - across] ?? 0)));
  const behind = signed(difference + 4) >> 3;
  const further = (behind + 1) >> 1;
  move(values, at, across, 0, signed(difference + 3) >> 3, behind);
  move(values, at, across, 1, further, further);
}

function smoothSix(values: Uint8Array, at: number, across: number): void {
  const outer = (values[at - 2 * across] ?? 0) - (values[at + across] ?? 0);
  const difference = signed(3 * ((values[at] ?? 0) - (values[at - across] ?? 0)) + signed(outer));
  for (const [distance, weight] of [27, 18, 9].entries()) {
    const by = (weight * difference + 63) >> 7;
    move(values, at, across, distance, by, by);
  }
}

function signed(value: number): number {
  return Math.max(-128, Math.min(127, value));
}
