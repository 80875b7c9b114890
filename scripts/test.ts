/** `npm test`: every test there is. Arguments choose files or folders. Ends with a plain line that counts. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "./postgres.ts";

const folder = mkdtempSync(join(tmpdir(), "distd-test-"));
const report = join(folder, "junit.xml");
const chosen = process.argv.slice(2);
const paths = chosen.length > 0 ? chosen : ["packages", "tests", "examples"];
const postgres = process.env["DISTD_TEST_POSTGRES"] === undefined ? startPostgres() : undefined;
const env = postgres === undefined ? process.env : { ...process.env, DISTD_TEST_POSTGRES: postgres.url };
const run = Bun.spawn(
  [process.execPath, "test", "--parallel=2", "--timeout=60000", "--reporter=junit", `--reporter-outfile=${report}`, ...paths],
  {
    stdout: "inherit",
    stderr: "inherit",
    env,
  },
);
const code = await run.exited;
postgres?.stop();

const root = /<testsuites[^>]*>/.exec(readFileSync(report, "utf8"))?.[0] ?? "";
const count = (name: string): number => Number(new RegExp(`${name}="([0-9]+)"`).exec(root)?.[1] ?? 0);
const skipped = count("skipped");
const failures = count("failures") + count("errors");
rmSync(folder, { recursive: true });
console.log(`${count("tests") - failures - skipped} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = code === 0 && failures === 0 ? 0 : 1;
