/** `npm run build:bin`: single files of dist and distd. Arguments choose targets (`linux-x64`); all of them when absent. */
import { mkdirSync, statSync } from "node:fs";

/** Our names → Bun's. Linux x64 is the baseline build: many NAS processors lack AVX2. */
const TARGETS: Readonly<Record<string, string>> = {
  "linux-x64": "bun-linux-x64-baseline",
  "linux-arm64": "bun-linux-arm64",
  "linux-x64-musl": "bun-linux-x64-musl-baseline",
  "linux-arm64-musl": "bun-linux-arm64-musl",
  "darwin-x64": "bun-darwin-x64",
  "darwin-arm64": "bun-darwin-arm64",
  "windows-x64": "bun-windows-x64-baseline",
  "windows-arm64": "bun-windows-arm64",
};
const ENTRIES: Readonly<Record<string, string>> = { dist: "packages/cli/src/main.ts", distd: "packages/server/src/main.ts" };

const chosen = process.argv.slice(2);
mkdirSync("build/bin", { recursive: true });
let failed = 0;
for (const [target, bunTarget] of Object.entries(TARGETS)) {
  if (chosen.length > 0 && !chosen.includes(target)) continue;
  for (const [name, entry] of Object.entries(ENTRIES)) {
    const outfile = `build/bin/${name}-${target}${target.startsWith("windows") ? ".exe" : ""}`;
    const run = Bun.spawnSync(
      [
        process.execPath,
        "build",
        "--compile",
        "--minify",
        "--bytecode",
        "--format=esm",
        "--no-compile-autoload-dotenv",
        "--no-compile-autoload-bunfig",
        `--target=${bunTarget}`,
        entry,
        "--outfile",
        outfile,
      ],
      { stdout: "pipe", stderr: "pipe" },
    );
    if (run.exitCode === 0) console.log(`${outfile}  ${(statSync(outfile).size / 1e6).toFixed(0)} MB`);
    else {
      failed += 1;
      console.error(`FAILED  ${outfile}\n${run.stderr.toString()}`);
    }
  }
}
process.exitCode = failed === 0 ? 0 : 1;
