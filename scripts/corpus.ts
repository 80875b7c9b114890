/**
 * `npm run corpus`: agreement with the platforms' own tools on real files that lie beside the repository, per format and field, with
 * denominators; then every file that differs, with the reason.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Line {
  readonly folder: string;
  readonly file: string;
  readonly rows: readonly string[];
  readonly differing: readonly string[];
  readonly reason?: string;
}

const folder = mkdtempSync(join(tmpdir(), "distd-corpus-"));
const report = join(folder, "lines");
const run = Bun.spawnSync([process.execPath, "test", "packages/inspect/src/formats", "--test-name-pattern", "corpus"], {
  env: { ...process.env, DIST_CORPUS_REPORT: report },
  stdout: "pipe",
  stderr: "pipe",
});
const lines = readFileSync(report, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Line);
rmSync(folder, { recursive: true });

for (const [kind, files] of Object.entries(Object.groupBy(lines, (line) => line.folder)).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  const fields = new Map<string, { agree: number; all: number }>();
  for (const { rows, differing } of files ?? []) {
    for (const field of rows) {
      const count = fields.get(field) ?? { agree: 0, all: 0 };
      fields.set(field, { agree: count.agree + (differing.includes(field) ? 0 : 1), all: count.all + 1 });
    }
  }
  console.log(`${kind}: ${files?.length ?? 0} files`);
  for (const [field, { agree, all }] of fields) console.log(`  ${agree === all ? " " : "!"} ${field.padEnd(24)} ${agree} of ${all}`);
}
const reasons = lines.filter(({ differing }) => differing.length > 0);
console.log(`\n${reasons.length} of ${lines.length} files differ somewhere:`);
for (const { folder: kind, file, differing, reason } of reasons)
  console.log(`  ${kind}/${file}: ${differing.join(", ")}\n      ${reason ?? "NO REASON"}`);
process.exitCode = run.exitCode;
