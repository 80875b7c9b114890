import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

/** What every part of the run gets. */
export interface PartContext {
  /** A fresh folder of its own. */
  readonly folder: string;
  readonly random: Random;
  readonly tally: Tally;
  progress(text: string): void;
}

/** What a part says besides counts and failures. */
export interface PartResult {
  /** One line each: what was measured. */
  readonly figures: Readonly<Record<string, string | number>>;
  /** Why nothing was tried. */
  readonly skipped?: string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The value that a share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
