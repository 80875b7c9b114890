import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { type Bar, type Measurement, median, ratioTo, worstRatioTo } from "./measurement.ts";
import { plot } from "./plot.ts";

/** Writes results/bench.json, a plot for each measurement with contenders, and the page that shows them. */
export function writeReport(measurements: readonly Measurement[], options: { readonly command: string; readonly partial: boolean }): void {
  const folder = import.meta.dirname;
  const machine = {
    cpu: cpus()[0]?.model ?? "",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    kernel: readFileSync("/proc/sys/kernel/osrelease", "utf8").trim(),
    bun: Bun.version,
  };
  const date = new Date().toISOString().slice(0, 10);
  if (options.partial) {
    process.stdout.write(table(measurements));
    return;
  }
  mkdirSync(join(folder, "results"), { recursive: true });
  writeFileSync(
    join(folder, "results", "bench.json"),
    `${JSON.stringify({ date, machine, command: options.command, measurements }, null, 2)}\n`,
  );
  const plots = measurements.filter(({ runs }) => Object.keys(runs).length > 1);
  for (const measurement of plots) writeFileSync(join(folder, "results", `${measurement.id}.svg`), plot(measurement));
  writeFileSync(
    join(folder, "README.md"),
    `# Benchmarks

distd and its peers, the same work in the same run, taking turns. Ratios first: above 1 distd is better. Medians; every run is in
[results/bench.json](results/bench.json). distd is the single-file binary; "launcher" is the same from source.

    ${options.command}

${date}, ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, Linux ${machine.kernel}, Bun ${machine.bun}. Two shared cores are noisy: single
figures move by 15 %.

${table(measurements)}
${plots.map(({ id, title }) => `## ${title}\n\n![${title}](results/${id}.svg)\n`).join("\n")}
What is missed, and why: [limits](limits.md). How a crash and a power cut are survived: [torture](torture/README.md). What damaged artifacts do: [fuzz](fuzz/README.md).
`,
  );
  process.stdout.write(table(measurements));
}

function table(measurements: readonly Measurement[]): string {
  const rows = measurements.flatMap((measurement) => {
    const { title, unit, runs, bars } = measurement;
    const values = Object.entries(runs)
      .map(([name, list]) => `${name} ${show(median(list))}`)
      .join(", ");
    const judged = bars.map((bar) => judge(measurement, bar));
    return [`| ${title} | ${judged.join("<br>") || "–"} | ${values} ${unit} |`];
  });
  return `| what | ratio or limit | medians |\n|---|---|---|\n${rows.join("\n")}\n`;
}

function judge(measurement: Measurement, bar: Bar): string {
  if ("against" in bar) {
    const ratio = ratioTo(measurement, bar.against);
    if (bar.eachRun) {
      const worst = worstRatioTo(measurement, bar.against);
      return `**${ratio.toFixed(1)}** of ${bar.against}, worst file ${worst.toFixed(2)} (each at least ${bar.leastRatio}: ${worst >= bar.leastRatio ? "met" : "missed"})`;
    }
    return `**${ratio.toFixed(2)}** of ${bar.against} (at least ${bar.leastRatio}: ${ratio >= bar.leastRatio ? "met" : "missed"})`;
  }
  const runs = measurement.runs[bar.of] ?? [];
  const value = bar.median ? median(runs) : Math.max(...runs);
  return `**${show(value)} ${measurement.unit}** (at most ${bar.limit}: ${value <= bar.limit ? "met" : "missed"})`;
}

function show(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
