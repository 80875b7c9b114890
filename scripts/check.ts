/** `npm run check`: types, lint, format, generated documents, unit tests. Every step runs; the first failure decides the exit code. */
import { existsSync, readdirSync } from "node:fs";

const bin = (name: string): string => `node_modules/.bin/${name}`;
const projects = ["packages", "tests", ""]
  .flatMap((folder) =>
    folder === ""
      ? ["tests", "bench", "examples/quickstart", "examples/feeds", "scripts"]
      : readdirSync(folder).map((name) => `${folder}/${name}`),
  )
  .filter((folder) => existsSync(`${folder}/tsconfig.json`));

const steps: readonly (readonly [string, readonly string[]])[] = [
  ...projects.map((folder) => [`types of ${folder}`, [bin("tsc"), "-p", folder]] as const),
  ["lint", [bin("oxlint"), "--type-aware"]],
  ["format", [bin("biome"), "format", "."]],
  ["generated documents", [process.execPath, "scripts/generate.ts", "--check"]],
  ["unit tests", [process.execPath, "scripts/test.ts", "packages"]],
];

let failed = 0;
for (const [name, command] of steps) {
  const started = performance.now();
  const run = Bun.spawnSync([...command], { stdout: "pipe", stderr: "pipe", env: process.env });
  const isGood = run.exitCode === 0;
  console.log(`${isGood ? "ok" : "FAILED"}  ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (isGood) continue;
  failed += 1;
  console.log(`${run.stdout.toString()}${run.stderr.toString()}`.trimEnd());
}
process.exitCode = failed === 0 ? 0 : 1;
