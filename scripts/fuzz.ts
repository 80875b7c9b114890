/**
 * `npm run fuzz`: damages every fixture of every format and looks whether the parser gives facts or refuses. `--runs N` mutants per format
 * (1,000,000), or `--seconds N` for all formats together; `--formats a,b`; `--seed N`; `--jobs N` processes (1); `--page` writes bench/fuzz.
 * Each format runs in a process of its own, which is ended when one slice takes longer than a minute.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { FORMATS } from "@distd/inspect";
import { fuzz, MAX_GROWTH_BYTES } from "../packages/inspect/src/test-support/fuzz/survives.ts";
import { fuzzTargets } from "../packages/inspect/src/test-support/fuzz/targets.ts";

const SLICE_MUTANTS = 500;
const MAX_SLICE_MS = 60_000;
const RESULTS = "bench/fuzz/results.json";

interface FormatReport {
  readonly format: string;
  readonly targets: number;
  readonly mutants: number;
  readonly facts: number;
  readonly refused: number;
  readonly seconds: number;
  readonly failure?: string;
}

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000000" },
    seconds: { type: "string" },
    formats: { type: "string" },
    seed: { type: "string", default: "20261120" },
    jobs: { type: "string", default: "1" },
    page: { type: "boolean", default: false },
    child: { type: "string" },
  },
});
const seed = Number(values.seed);
const formats = values.formats?.split(",") ?? FORMATS.map(({ id }) => id).filter((id) => id !== "file");

if (values.child === undefined) await fuzzAll();
else {
  await fuzzFormat(values.child, values.seconds === undefined ? Number(values.runs) : undefined, Number(values.seconds)).catch(
    (error: unknown) => {
      process.stderr.write((error as Error).message);
      process.exitCode = 1;
    },
  );
}

/** In the child: slices of mutants over the targets in turn, a line of JSON after each. */
async function fuzzFormat(format: string, runs: number | undefined, seconds: number): Promise<void> {
  const targets = await fuzzTargets(format);
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  const total = { facts: 0, refused: 0 };
  const firstRss = process.memoryUsage().rss;
  let mutants = 0;
  for (let slice = 0; runs === undefined ? elapsed() < seconds : mutants < runs; slice++) {
    const target = targets[slice % targets.length];
    if (target === undefined) throw new Error(`${format} has no fixture`);
    const outcomes = await fuzz(target, SLICE_MUTANTS, seed + slice).catch((error: unknown) => {
      throw new Error(`${format} ${target.fixture} (${target.part}), seed ${seed + slice}: ${(error as Error).message}`);
    });
    mutants += SLICE_MUTANTS;
    total.facts += outcomes.facts;
    total.refused += outcomes.refused;
    if (slice % 100 === 99) {
      // What is freed by the event loop is not, as long as nothing waits.
      await Bun.sleep(1);
      Bun.gc(true);
      const growth = process.memoryUsage().rss - firstRss;
      if (growth > MAX_GROWTH_BYTES) throw new Error(`${format}: memory grew by ${growth} bytes by slice ${slice}`);
    }
    const report: FormatReport = { format, targets: targets.length, mutants, ...total, seconds: elapsed() };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
}

async function fuzzAll(): Promise<void> {
  const queue = [...formats];
  const reports: FormatReport[] = [];
  const work = async (): Promise<void> => {
    for (let format = queue.shift(); format !== undefined; format = queue.shift()) {
      const report = await runChild(format);
      reports.push(report);
      const rate = Math.round(report.mutants / report.seconds);
      console.log(
        `${format}: ${report.mutants} mutants, ${report.refused} refused, ${rate}/s${report.failure ? `, FAILED: ${report.failure}` : ""}`,
      );
      if (values.page) writePage(reports);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  const failed = reports.filter(({ failure }) => failure !== undefined).length;
  console.log(`seed ${seed}: ${reports.length - failed} formats passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function runChild(format: string): Promise<FormatReport> {
  const amount =
    values.seconds === undefined
      ? ["--runs", values.runs]
      : ["--seconds", String((Number(values.seconds) * Number(values.jobs)) / formats.length)];
  const child = Bun.spawn([process.execPath, import.meta.path, "--child", format, "--seed", String(seed), ...amount], {
    stdout: "pipe",
    stderr: "pipe",
  });
  let last: FormatReport = { format, targets: 0, mutants: 0, facts: 0, refused: 0, seconds: 0 };
  let isLate = false;
  const watchdog = setInterval(() => {
    if (performance.now() - heardAt < MAX_SLICE_MS) return;
    isLate = true;
    child.kill("SIGKILL");
  }, 1000);
  let heardAt = performance.now();
  const errors = new Response(child.stderr).text();
  let rest = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    heardAt = performance.now();
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    const line = lines.at(-1);
    if (line !== undefined) last = JSON.parse(line) as FormatReport;
  }
  clearInterval(watchdog);
  const code = await child.exited;
  if (isLate) return { ...last, failure: `the slice after mutant ${last.mutants} took longer than ${MAX_SLICE_MS / 1000} s` };
  return code === 0 ? last : { ...last, failure: (await errors).trim() };
}

/** What was run now, and what an earlier run with the same seed says of the other formats. */
function writePage(reports: readonly FormatReport[]): void {
  const earlier = existsSync(RESULTS)
    ? (JSON.parse(readFileSync(RESULTS, "utf8")) as { seed: number; formats: FormatReport[] })
    : undefined;
  const others = earlier?.seed === seed ? earlier.formats.filter(({ format }) => !reports.some((report) => report.format === format)) : [];
  const rows = [...reports, ...others].toSorted((a, b) => (a.format < b.format ? -1 : 1));
  mkdirSync("bench/fuzz", { recursive: true });
  writeFileSync(RESULTS, `${JSON.stringify({ seed, sliceMutants: SLICE_MUTANTS, formats: rows }, null, 2)}\n`);
  const amount = values.seconds === undefined ? `--runs ${values.runs}` : `--seconds ${values.seconds}`;
  const table = rows.map(
    ({ format, targets, mutants, facts, refused, seconds, failure }) =>
      `| ${format} | ${targets} | ${mutants} | ${facts} | ${refused} | ${seconds.toFixed(0)} | ${failure ?? "none"} |`,
  );
  const text = `# Fuzz run

Every fixture, and every parsed part inside a sound archive, is damaged up to eight times over: bits flipped, sizes and offsets replaced, spans cut,
dropped, repeated, zeroed. A mutant gives facts or \`artifact/broken\`; another error, more than 5 s, more than 256 MB, or more than twice the read
budget is a failure. Generated by \`scripts/fuzz.ts\`.

\`npm run fuzz -- ${amount} --seed ${seed} --page\`, Bun ${Bun.version}, ${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores.

| format | targets | mutants | gave facts | refused | seconds | failures |
|---|---|---|---|---|---|---|
${table.join("\n")}
`;
  writeFileSync("bench/fuzz/README.md", text);
}
