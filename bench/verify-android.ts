/**
 * Verifying Android's signatures against apksigner: `sh scripts/bun.sh bench/verify-android.ts`. Packages of 100 MB are made and signed with the test
 * keys of fixtures/signatures/android; both programs run as whole processes, in turn. Needs apksigner.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { type Entry, writeZip } from "../fixtures/formats/make/zip-writer.ts";
import { entriesOf } from "../fixtures/signatures/make/android-unsigned.ts";
import { verify } from "../packages/inspect/src/test-support/android/verify.ts";
import { withFile } from "../packages/inspect/src/test-support/file-source.ts";
import { alternate, type Measurement, median, seconds } from "./measurement.ts";

const KEYS = join(import.meta.dirname, "../fixtures/signatures/android/keys");
const ROUNDS = 7;
const LEAST_RATIO = 1.5;
const MAX_MEGABYTES = 128;
const LIBRARIES = 12;
const LIBRARY_BYTES = 5_000_000;
const TEXTS = 1500;
const TEXT_BYTES = 54_000;

interface Kind {
  readonly id: string;
  readonly title: string;
  readonly minSdk: number;
  readonly options: readonly string[];
}

const KINDS: readonly Kind[] = [
  { id: "block", title: "v2 and v3", minSdk: 24, options: ["--v1-signing-enabled", "false"] },
  { id: "jar", title: "v1, v2 and v3", minSdk: 21, options: [] },
];

/** Two measurements for each kind of package: seconds for one of 100 MB, and how much memory our process took at most. */
export async function measureVerifyAndroid(rounds: number): Promise<Measurement[]> {
  if (Bun.which("apksigner") === null) {
    console.log("no apksigner: verifying Android's signatures is not measured");
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "distd-verify-"));
  try {
    const measurements: Measurement[] = [];
    for (const kind of KINDS) measurements.push(...(await measureKind(kind, await signedPackage(folder, kind), rounds)));
    return measurements;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureKind({ id, title, minSdk }: Kind, path: string, rounds: number): Promise<Measurement[]> {
  const memory: number[] = [];
  const runs = await alternate(rounds, {
    distd: async () => {
      const started = performance.now();
      const child = Bun.spawnSync([process.execPath, import.meta.path, path]);
      const taken = (performance.now() - started) / 1000;
      memory.push(Number(child.stdout.toString()));
      return taken;
    },
    "distd, warm": () => warmSeconds(path),
    apksigner: () => seconds(["apksigner", "verify", "--min-sdk-version", String(minSdk), path]),
  });
  return [
    {
      id: `verify-apk-${id}`,
      title: `Verifying an APK of 100 MB with ${title}, the whole process`,
      unit: "s",
      runs,
      better: "less",
      bars: [{ against: "apksigner", leastRatio: LEAST_RATIO }],
    },
    {
      id: `verify-apk-${id}-memory`,
      title: `Memory of a process that verifies an APK of 100 MB with ${title}; most`,
      unit: "MB",
      runs: { distd: memory },
      better: "less",
      bars: [{ of: "distd", limit: MAX_MEGABYTES }],
    },
  ];
}

async function warmSeconds(path: string): Promise<number> {
  const started = performance.now();
  const verdict = await withFile(path, (source) => verify(source));
  if (verdict.intact !== true) throw new Error(`${path}: ${JSON.stringify(verdict)}`);
  return (performance.now() - started) / 1000;
}

/** The most this process had in memory; `getrusage` would count what its parent had when it was started. */
function mostMegabytes(): number {
  return (Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "latin1"))?.[1]) * 1024) / 1e6;
}

/** As apps are: libraries that lie there as they are, and many files that are compressed. */
async function signedPackage(folder: string, { id, minSdk, options }: Kind): Promise<string> {
  const [unsigned, path] = [join(folder, `${id}-unsigned.apk`), join(folder, `${id}.apk`)];
  const libraries = Array.from({ length: LIBRARIES }, (_, index) => ({
    name: `lib/arm64-v8a/lib${index}.so`,
    data: randomBytes(LIBRARY_BYTES),
  }));
  const texts = Array.from({ length: TEXTS }, (_, index) =>
    deflated(`res/raw/text${index}.txt`, randomBytes(TEXT_BYTES / 2).toString("hex")),
  );
  writeFileSync(unsigned, writeZip([...entriesOf(minSdk), ...libraries, ...texts]));
  const by = ["--key", join(KEYS, "new.pk8"), "--cert", join(KEYS, "new.pem"), "--v4-signing-enabled", "false"];
  await seconds(["apksigner", "sign", ...by, ...options, "--in", unsigned, "--out", path]);
  rmSync(unsigned);
  return path;
}

function deflated(name: string, text: string): Entry {
  const plain = Buffer.from(text);
  const truth = { method: 8, crc: crc32(plain), plain: plain.length };
  return { name, data: deflateRawSync(plain), local: truth, central: truth };
}

const [path] = process.argv.slice(2);
if (import.meta.main && path !== undefined) {
  await warmSeconds(path);
  console.log(mostMegabytes());
} else if (import.meta.main) {
  for (const { title, unit, runs } of await measureVerifyAndroid(ROUNDS))
    console.log(
      `${title}: ${Object.entries(runs)
        .map(([name, values]) => `${name} ${median(values).toFixed(3)} ${unit}, at most ${Math.max(...values).toFixed(3)}`)
        .join("; ")}`,
    );
}
