/** Rows of one statement; engines limit their parameters. */
const ROWS = 500;

export function* inBatches<T>(rows: readonly T[]): Iterable<readonly T[]> {
  for (let first = 0; first < rows.length; first += ROWS) yield rows.slice(first, first + ROWS);
}
