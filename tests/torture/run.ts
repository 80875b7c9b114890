import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endAllChildren } from "./child-process.ts";
import { clearAllDisks } from "./cut-disk.ts";
import { runCrashPoints } from "./crash-points.ts";
import { runGcRace } from "./gc-race.ts";
import { runKills } from "./kills.ts";
import { type Options, type PartName, parseOptions, USAGE } from "./options.ts";
import type { PartContext, PartResult } from "./part.ts";
import { runPowerCuts } from "./power-cut.ts";
import { createRandom } from "./random.ts";
import { describeMachine, type PartReport, type Report, renderPage } from "./report.ts";
import { createTally } from "./tally.ts";

interface Part {
  readonly what: string;
  run(context: PartContext, options: Options): Promise<PartResult>;
}

const parts: Readonly<Record<PartName, Part>> = {
  kills: {
    what: "SIGKILL at random moments: of the server while it starts, works and collects; of `distd gc` beside it; of `dist ci publish`, also as three jobs of one release.",
    run: (context, options) => runKills(context, options.kills),
  },
  points: {
    what: "The server kills itself at every named crash point.",
    run: (context, options) => runCrashPoints(context, options.passages),
  },
  cuts: {
    what: "The power of the server's disk (ext4) is cut: every write that was not flushed is gone.",
    run: (context, options) => runPowerCuts(context, options.cuts),
  },
  gc: {
    what: "Publishers that share files race with two garbage collectors, one of them on a slow disk, under leases of two seconds.",
    run: (context, options) => runGcRace(context, options.gcSeconds),
  },
};

async function runPart(name: PartName, options: Options, folder: string): Promise<PartReport> {
  const started = performance.now();
  const tally = createTally(name);
  const context: PartContext = {
    folder: join(folder, name),
    random: createRandom(`${options.seed}/${name}`),
    tally,
    progress: (text) => say(`  ${name}: ${text}`),
  };
  mkdirSync(context.folder);
  say(`${name} …`);
  let result: PartResult = { figures: {} };
  try {
    result = await parts[name].run(context, options);
  } catch (error) {
    tally.fail(`the part ended early: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  const seconds = (performance.now() - started) / 1000;
  if (result.skipped !== undefined) announceSkip(name, result.skipped, tally.fail);
  const report = {
    name,
    what: parts[name].what,
    seconds,
    figures: result.figures,
    counts: sorted(tally.counts),
    failures: tally.failures,
    skipped: result.skipped ?? null,
  };
  say(`${name}: ${tally.failures.length} failures in ${seconds.toFixed(1)} s ${JSON.stringify({ ...report.figures, ...report.counts })}`);
  return report;
}

/** A skip is loud, and where the rig is required it is a failure. */
function announceSkip(name: string, reason: string, fail: (text: string) => void): void {
  const isRequired = process.env["CI"] === "true" && process.env["DIST_TORTURE_REQUIRE"] === "1";
  if (isRequired) fail(`skipped, but required here: ${reason}`);
  else process.stderr.write(`SKIPPED ${name}: ${reason}\n`);
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Where the results go is no part of what was run. */
function withoutFiles(args: readonly string[]): string[] {
  return args.filter((arg, index) => !/^--(?:json|page)/.test(arg) && !/^--(?:json|page)$/.test(args[index - 1] ?? ""));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  const options = parseOptions(args);
  const started = performance.now();
  const at = new Date().toISOString();
  const folder = mkdtempSync(join(tmpdir(), "distd-torture-"));
  say(`seed ${options.seed}, in ${folder}`);
  const reports: PartReport[] = [];
  for (const name of options.parts) reports.push(await runPart(name, options, folder));
  const seconds = (performance.now() - started) / 1000;
  const command = ["npm run torture --", ...withoutFiles(args)].join(" ");
  const report: Report = { at, seed: options.seed, command, machine: await describeMachine(), seconds, parts: reports };
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.page !== undefined) writeFileSync(options.page, renderPage(report));
  const failures = reports.reduce((sum, part) => sum + part.failures.length, 0);
  say(`${failures} failures in ${Math.round(seconds)} s; again with --seed ${options.seed}`);
  if (failures === 0 && !options.keep) rmSync(folder, { recursive: true, force: true });
  else say(`kept: ${folder}`);
  return failures === 0 ? 0 : 1;
}

process.on("exit", () => {
  endAllChildren();
  clearAllDisks();
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`error: ${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
}
