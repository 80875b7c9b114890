/**
 * Verifying Windows' signatures against osslsigncode: `sh scripts/bun.sh bench/verify-windows.ts`. Files of 100 MB are made and signed with the
 * test keys of fixtures/signatures/windows; both programs run as whole processes, in turn. Needs osslsigncode and msibuild.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { noise, writeAppx, APP_FILES } from "../fixtures/signatures/make/windows-unsigned.ts";
import { writePe } from "../fixtures/formats/make/pe.ts";
import { withFile } from "../packages/inspect/src/test-support/file-source.ts";
import { formatOf, stateOf, verifySource } from "../packages/inspect/src/test-support/windows-signatures.ts";
import { alternate, type Measurement, median, seconds } from "./measurement.ts";

const FILE_BYTES = 100 * 1024 * 1024;
const FIXTURES = join(import.meta.dirname, "../fixtures");
const KEYS = join(FIXTURES, "signatures/windows/keys");
const ROUNDS = 7;
const MAX_MEBIBYTES = 128;

/** One measurement per format: seconds for one file, and how much memory our process took at most. */
export async function measureVerifyWindows(rounds: number): Promise<Measurement[]> {
  if (Bun.which("osslsigncode") === null || Bun.which("msibuild") === null) {
    console.log("no osslsigncode or no msibuild: verifying Windows' signatures is not measured");
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "distd-verify-"));
  try {
    const measurements: Measurement[] = [];
    for (const path of await signedFiles(folder)) measurements.push(...(await measureFile(path, rounds)));
    return measurements;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureFile(path: string, rounds: number): Promise<Measurement[]> {
  const format = formatOf(path);
  const memory: number[] = [];
  const runs = await alternate(rounds, {
    distd: () => warmSeconds(path),
    "distd, whole process": async () => {
      const started = performance.now();
      const child = Bun.spawnSync([process.execPath, import.meta.path, path]);
      const taken = (performance.now() - started) / 1000;
      memory.push(Number(child.stdout.toString()));
      return taken;
    },
    osslsigncode: () => seconds(["osslsigncode", "verify", "-time", "1767225600", "-CAfile", join(KEYS, "root.pem"), "-in", path]),
  });
  return [
    {
      id: `verify-${format}`,
      title: `Verifying a signed ${format} of 100 MB, in a warm process`,
      unit: "s",
      runs,
      better: "less",
      // osslsigncode does not look into a package's blocks; we inflate and hash them all.
      bars: format === "msix" ? [] : [{ against: "osslsigncode", leastRatio: 1 }],
    },
    {
      id: `verify-${format}-memory`,
      title: `Memory of a process that verifies a signed ${format} of 100 MB; most`,
      unit: "MiB",
      runs: { distd: memory },
      better: "less",
      bars: [{ of: "distd", limit: MAX_MEBIBYTES }],
    },
  ];
}

async function warmSeconds(path: string): Promise<number> {
  const started = performance.now();
  const state = await withFile(path, async (source) => stateOf(await verifySource(path, source)));
  if (!state.startsWith("intact trusted no-timestamp")) throw new Error(`${basename(path)}: ${state}`);
  return (performance.now() - started) / 1000;
}

/** The most this process had in memory; `getrusage` would count what its parent had when it was started. */
function mostMebibytes(): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "latin1"))?.[1]) / 1024;
}

async function signedFiles(folder: string): Promise<readonly string[]> {
  const content = noise(FILE_BYTES, 1);
  writeFileSync(join(folder, "content"), content);
  writeFileSync(join(folder, "unsigned.exe"), writePe({ sections: { ".text": content } }));
  copyFileSync(join(FIXTURES, "formats/msi/ok/machine-wide-x64.msi"), join(folder, "unsigned.msi"));
  await seconds(["msibuild", join(folder, "unsigned.msi"), "-a", "Binary.Large", join(folder, "content")]);
  writeFileSync(join(folder, "unsigned.msix"), writeAppx([...APP_FILES, { name: "content.bin", data: content }]));
  const paths = ["exe", "msi", "msix"].map((extension) => join(folder, `signed.${extension}`));
  for (const path of paths) {
    const as = ["-certs", join(KEYS, "signer.pem"), "-ac", join(KEYS, "authority.pem"), "-key", join(KEYS, "signer.key.pem")];
    await seconds(["osslsigncode", "sign", ...as, "-h", "sha256", "-in", path.replace("signed.", "unsigned."), "-out", path]);
  }
  return paths;
}

const [path] = process.argv.slice(2);
if (import.meta.main && path !== undefined) {
  await warmSeconds(path);
  console.log(mostMebibytes());
} else if (import.meta.main) {
  for (const { title, unit, runs } of await measureVerifyWindows(ROUNDS))
    console.log(
      `${title}: ${Object.entries(runs)
        .map(([name, values]) => `${name} ${median(values).toFixed(3)} ${unit}`)
        .join(", ")}`,
    );
}
