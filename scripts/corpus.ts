/**
 * `npm run corpus`: agreement with the platforms' own tools on real files that lie beside the repository: what files say, and who signed them. Per
 * format and field, with denominators; then every file that differs, with the reason.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AgreementLine, CORPUS } from "../packages/inspect/src/test-support/corpus.ts";

const TITLES = { facts: "What files say", verdicts: "Who signed them, and whether it holds" } as const;

if (existsSync(CORPUS)) {
  const { lines, exitCode } = compareAll();
  for (const about of ["facts", "verdicts"] as const) {
    printTable(
      TITLES[about],
      lines.filter((line) => line.about === about),
    );
  }
  printReasons(lines.filter(({ differing }) => differing.length > 0));
  process.exitCode = exitCode;
} else {
  console.log(`there are no files to compare: ${CORPUS} does not exist`);
}

function compareAll(): { readonly lines: readonly AgreementLine[]; readonly exitCode: number } {
  const folder = mkdtempSync(join(tmpdir(), "distd-corpus-"));
  const report = join(folder, "lines");
  try {
    const tests = ["packages/inspect/src/formats", "packages/inspect/src/verify"];
    const { exitCode } = Bun.spawnSync([process.execPath, "test", ...tests, "--test-name-pattern", "^corpus, "], {
      env: { ...process.env, DIST_CORPUS_REPORT: report },
      stdout: "pipe",
      stderr: "pipe",
    });
    const text = readFileSync(report, "utf8").trim().split("\n");
    return { lines: text.map((line) => JSON.parse(line) as AgreementLine), exitCode };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function printTable(title: string, lines: readonly AgreementLine[]): void {
  console.log(`\n${title}`);
  const kinds = Object.groupBy(lines, ({ path }) => path.slice(0, path.indexOf("/")));
  for (const [kind, files = []] of Object.entries(kinds).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    console.log(`${kind}: ${files.length} files, against ${files[0]?.tool ?? ""}`);
    for (const field of new Set(files.flatMap(({ rows }) => rows))) {
      const all = files.filter(({ rows }) => rows.includes(field));
      const agree = all.filter(({ differing }) => !differing.includes(field));
      console.log(`  ${agree.length === all.length ? " " : "!"} ${field.padEnd(24)} ${agree.length} of ${all.length}`);
    }
  }
}

function printReasons(lines: readonly AgreementLine[]): void {
  console.log(`\n${lines.length} files differ somewhere:`);
  for (const { about, path, differing, reason } of lines)
    console.log(`  ${path} (${about}): ${differing.join(", ")}\n      ${reason ?? "NO REASON"}`);
}
