/** One figure with what it is compared to. A ratio above 1 means that distd is better. */
export interface Measurement {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** Every run, in the order they were made; runs of different contenders alternate. */
  readonly runs: Readonly<Record<string, readonly number[]>>;
  readonly better: "less" | "more";
  /** The bar: a least ratio to a contender, or a most (least) value of our own. */
  readonly bars: readonly Bar[];
}

/** Limits hold for the worst run, or with `median` for the median. `eachRun`: the runs of all contenders are of the same things in the same order, and the bar holds for each. */
export type Bar =
  | { readonly against: string; readonly leastRatio: number; readonly eachRun?: boolean }
  | { readonly limit: number; readonly of: string; readonly median?: boolean };

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** How much better `distd` is than a contender, by medians. */
export function ratioTo(measurement: Measurement, contender: string, ours = "distd"): number {
  const [own, theirs] = [median(measurement.runs[ours] ?? []), median(measurement.runs[contender] ?? [])];
  return measurement.better === "less" ? theirs / own : own / theirs;
}

/** How much better `distd` is than a contender in its worst run. */
export function worstRatioTo({ runs, better }: Measurement, contender: string): number {
  const theirs = runs[contender] ?? [];
  return Math.min(...(runs["distd"] ?? []).map((own, run) => (better === "less" ? (theirs[run] ?? 0) / own : own / (theirs[run] ?? 0))));
}

/** Runs all contenders once per round, one after the other, so that what else the machine does hits them alike. */
export async function alternate(
  rounds: number,
  contenders: Readonly<Record<string, () => Promise<number>>>,
): Promise<Record<string, number[]>> {
  const runs: Record<string, number[]> = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(contenders)) runs[name]?.push(await measure());
  }
  return runs;
}

/** Seconds a command takes; throws when it fails. */
export async function seconds(
  command: readonly string[],
  options: { readonly env?: Record<string, string>; readonly cwd?: string } = {},
): Promise<number> {
  const started = performance.now();
  const child = Bun.spawn([...command], { stdout: "ignore", stderr: "pipe", ...options, env: { ...process.env, ...options.env } });
  const [code, stderr] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${stderr}`);
  return (performance.now() - started) / 1000;
}
