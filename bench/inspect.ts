import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ByteSource } from "@distd/core";
import { FORMATS, inspectArtifact } from "@distd/inspect";
import { withFile } from "../packages/inspect/src/test-support/file-source.ts";
import { listFixtures, readFixture } from "../packages/inspect/src/test-support/fixtures.ts";
import { hugeOf } from "../packages/inspect/src/test-support/huge-file.ts";
import { watch } from "../packages/inspect/src/test-support/watching-source.ts";
import { BINARY } from "./distd-process.ts";
import { type Measurement, median } from "./measurement.ts";

/** Real files, beside the repository. */
const CORPUS = join(import.meta.dirname, "../../shared/corpus");
const BINARIES = dirname(BINARY.dist);
const LARGE_BYTES = 64 * 1024 * 1024;
const HUGE_BYTES = 4 * 1024 ** 3;
const WARM_RUNS = 25;

const NATIVE_TOOLS: readonly { readonly format: string; readonly tool: string; command(path: string): readonly string[] }[] = [
  { format: "apk", tool: "aapt dump badging", command: (path) => ["aapt", "dump", "badging", path] },
  { format: "deb", tool: "dpkg-deb -I", command: (path) => ["dpkg-deb", "-I", path] },
  { format: "rpm", tool: "rpm -qip", command: (path) => ["rpm", "-qip", path] },
  { format: "msi", tool: "msiinfo suminfo", command: (path) => ["msiinfo", "suminfo", path] },
];

/** Reading facts out of real files: parsing in a warm process, and the whole `dist inspect`, against the platforms' own tools. */
export async function measureInspect(rounds: number): Promise<Measurement[]> {
  if (!existsSync(join(CORPUS, "INDEX.tsv"))) {
    console.log(`no corpus at ${CORPUS}: the time to read facts is not measured`);
    return [];
  }
  const measurements: Measurement[] = [];
  for (const { format, tool, command } of NATIVE_TOOLS) {
    const runs: Record<string, number[]> = { distd: [], [tool]: [], "dist inspect, whole process": [] };
    for (const path of filesOf(format)) {
      runs["distd"]?.push(await parseMs(path));
      runs[tool]?.push(median(Array.from({ length: rounds }, () => processMs(command(path)))));
      runs["dist inspect, whole process"]?.push(
        median(Array.from({ length: rounds }, () => processMs([BINARY.dist, "inspect", "--json", path]))),
      );
    }
    measurements.push({
      id: `inspect-${format}`,
      title: `Facts of ${runs["distd"]?.length} ${format} files, parsed in a warm process`,
      unit: "ms",
      runs,
      better: "less",
      bars: [{ against: tool, leastRatio: 1, eachRun: true }],
    });
  }
  return [...measurements, await bytesRead()];
}

/** What is read of large files: our own binaries for every system, and a fixture of each format with 4 GiB of content more. */
async function bytesRead(): Promise<Measurement> {
  const binaries = readdirSync(BINARIES).filter((name) => statSync(join(BINARIES, name)).size >= LARGE_BYTES);
  const ofBinaries: number[] = [];
  for (const name of binaries) await withFile(join(BINARIES, name), async (file) => void ofBinaries.push(await readShare(file, name)));
  const ofFixtures: number[] = [];
  for (const format of FORMATS.filter(({ id }) => id !== "file")) {
    const fixture = listFixtures(format.id, "ok").at(-1);
    if (fixture) ofFixtures.push(await readShare(await hugeOf(readFixture(fixture), HUGE_BYTES), fixture.name));
  }
  return {
    id: "inspect-bytes",
    title: `Share of the bytes that is read for the facts of ${binaries.length} binaries of about 100 MB, and of a fixture of each of ${ofFixtures.length} formats made 4 GiB larger; most`,
    unit: "%",
    runs: { binaries: ofBinaries, "4 GiB": ofFixtures },
    better: "less",
    bars: [
      { of: "binaries", limit: 3 },
      { of: "4 GiB", limit: 3 },
    ],
  };
}

async function readShare(file: ByteSource, name: string): Promise<number> {
  const source = watch(file);
  await inspectArtifact(source, name).catch((error: unknown) => console.log(`${name}: ${(error as Error).message}`));
  return (100 * source.bytesRead) / file.size;
}

/** Milliseconds to parse a file from disk in this process, once it has been done before. */
async function parseMs(path: string): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run <= WARM_RUNS; run++) {
    const started = performance.now();
    await withFile(path, (source) => inspectArtifact(source, basename(path))).catch(() => undefined);
    if (run > 0) times.push(performance.now() - started);
  }
  return median(times);
}

/** Milliseconds of a whole process. What it says of a broken file does not matter here. */
function processMs(command: readonly string[]): number {
  const started = performance.now();
  Bun.spawnSync([...command], { stdout: "ignore", stderr: "ignore" });
  return performance.now() - started;
}

function filesOf(folder?: string): readonly string[] {
  return readFileSync(join(CORPUS, "INDEX.tsv"), "utf8")
    .split("\n")
    .slice(1)
    .map((row) => row.split("\t")[0] ?? "")
    .filter((path) => path !== "" && (folder === undefined || path.startsWith(`${folder}/`)))
    .map((path) => join(CORPUS, path));
}
