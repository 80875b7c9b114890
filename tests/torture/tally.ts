/** What a part of the run counted, and what went wrong. */
export interface Tally {
  readonly counts: Record<string, number>;
  readonly failures: string[];
  /** Acknowledged releases that were found damaged. */
  readonly broken: Set<string>;
  count(name: string, by?: number): void;
  fail(text: string): void;
}

/** One broken invariant tends to repeat itself; the first ones tell what it is. */
const MAX_FAILURES = 200;

export function createTally(name: string, options: { readonly quiet: boolean } = { quiet: false }): Tally {
  const counts: Record<string, number> = {};
  const failures: string[] = [];
  return {
    counts,
    failures,
    broken: new Set(),
    count(what, by = 1) {
      counts[what] = (counts[what] ?? 0) + by;
    },
    fail(text) {
      if (failures.includes(text)) return;
      if (failures.length < MAX_FAILURES) failures.push(text);
      if (!options.quiet) process.stderr.write(`FAILURE ${name}: ${text}\n`);
    },
  };
}
