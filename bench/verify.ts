import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY } from "./distd-process.ts";
import { alternate, type Bar, type Measurement, seconds } from "./measurement.ts";
import { processMemory } from "./process-memory.ts";
import { ANDROID_KEYS, makeApk, makeExe, makeMsi, makeMsix, WINDOWS_KEYS } from "./verify-files.ts";

const MAX_MEGABYTES = 128;
const LOOK_MS = 5;
/** Within the test certificates' time. */
const AT = "2026-01-01T00:00:00Z";

interface Case {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  /** Certificate that is trusted. */
  readonly key: string;
  /** Of Debian's packages. */
  readonly tools: readonly string[];
  make(path: string): Promise<void>;
  /** The platform's own tool at the same work. */
  command(path: string): readonly string[];
  readonly leastRatio?: number;
}

const apk = (id: string, title: string, minSdk: number, options: readonly string[]): Case => ({
  id: `apk-${id}`,
  title: `an APK with ${title}`,
  file: `${id}.apk`,
  key: join(ANDROID_KEYS, "new.pem"),
  tools: ["apksigner"],
  make: (path) => makeApk(path, minSdk, options),
  command: (path) => ["apksigner", "verify", "--min-sdk-version", String(minSdk), path],
  leastRatio: 1.5,
});

const windows = (format: string, make: (path: string) => Promise<void>, more: Partial<Case>): Case => ({
  id: format,
  title: `a signed ${format}`,
  file: `signed.${format}`,
  key: join(WINDOWS_KEYS, "root.pem"),
  tools: ["osslsigncode"],
  make,
  command: (path) => [
    "osslsigncode",
    "verify",
    "-time",
    String(Date.parse(AT) / 1000),
    "-CAfile",
    join(WINDOWS_KEYS, "root.pem"),
    "-in",
    path,
  ],
  ...more,
});

const CASES: readonly Case[] = [
  apk("block", "v2 and v3", 24, ["--v1-signing-enabled", "false"]),
  apk("jar", "v1, v2 and v3", 21, []),
  windows("exe", makeExe, { leastRatio: 1 }),
  windows("msi", makeMsi, { leastRatio: 1, tools: ["osslsigncode", "msibuild"] }),
  // osslsigncode does not look into a package's blocks; we inflate and hash them all. No bar.
  windows("msix", makeMsix, {}),
];

/** Verifying signed files of 100 MB, `dist verify` against the platforms' own tools, both as whole processes; and the memory it takes. */
export async function measureVerify(rounds: number): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), "distd-verify-"));
  try {
    const measurements: Measurement[] = [];
    for (const one of CASES) {
      const missing = one.tools.filter((tool) => Bun.which(tool) === null);
      if (missing.length === 0) measurements.push(...(await measureCase(one, folder, rounds)));
      else console.log(`no ${missing.join(", ")}: verifying ${one.title} is not measured`);
    }
    return measurements;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureCase(
  { id, title, file, key, tools, make, command, leastRatio }: Case,
  folder: string,
  rounds: number,
): Promise<Measurement[]> {
  const path = join(folder, file);
  await make(path);
  const tool = tools[0] ?? "";
  const ours = [BINARY.dist, "verify", "--at", AT, "--key", key, path];
  const runs = await alternate(rounds, { distd: () => seconds(ours), [tool]: () => seconds(command(path)) });
  const memory = await peakMegabytes(ours);
  rmSync(path);
  const bars: readonly Bar[] = leastRatio === undefined ? [] : [{ against: tool, leastRatio }];
  return [
    { id: `verify-${id}`, title: `Verifying ${title} of 100 MB, the whole process`, unit: "s", runs, better: "less", bars },
    {
      id: `verify-${id}-memory`,
      title: `Memory of the process that verifies ${title} of 100 MB; most`,
      unit: "MB",
      runs: { distd: [memory] },
      better: "less",
      bars: [{ of: "distd", limit: MAX_MEGABYTES }],
    },
  ];
}

/** The most a process ever had, looked at until it ends: the mark only rises. */
async function peakMegabytes(command: readonly string[]): Promise<number> {
  const child = Bun.spawn([...command], { stdout: "ignore", stderr: "inherit" });
  let peak = 0;
  while (child.exitCode === null) {
    try {
      peak = Math.max(peak, processMemory(child.pid).peakMb || 0);
    } catch {
      // It has just ended.
    }
    await Bun.sleep(LOOK_MS);
  }
  if (child.exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${child.exitCode}`);
  return peak;
}
