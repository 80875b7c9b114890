// Agreement with rpmkeys on files nobody here wrote. It was run without keys: what it says of digests, and by whom packages are signed.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { type Exceptions, type Json, known, listed, type Row } from "../../test-support/corpus.ts";
import { withFile } from "../../test-support/file-source.ts";
import { REPOSITORY } from "../../test-support/fixtures.ts";
import { VERDICT_CODES, type Verdict } from "../verdict.ts";
import { rpm } from "./index.ts";

const CORPUS = join(REPOSITORY, "../shared/corpus");
const EXCEPTIONS: Exceptions = {
  "createrepo_c__empty-signed-v6-multiple-0-0.x86_64.rpm": [
    "signed by",
    "rpm 4.18 does not know the tag in which version 6 has its signatures; there is one more, of another key",
  ],
};

function rowsOf({ intact, signatures, problems }: Verdict, { rpmkeys }: Json): readonly Row[] {
  const lines = rpmkeys["lines"] as readonly string[];
  const all = [...problems, ...signatures.flatMap((one) => one.problems)];
  const isRead = lines.length > 0 && !lines.some((line) => line.startsWith("error:"));
  const keys = lines.flatMap((line) => /key ID ([0-9a-f]+): /.exec(line)?.[1]?.toUpperCase() ?? []);
  const ours = signatures.map(({ details }) => String(details?.["claimedKey"]).slice(-8));
  return [
    ["read", !all.some(({ code }) => code === "signing/malformed"), isRead],
    ["changed", all.some(({ code }) => VERDICT_CODES[code] === "fatal"), !isRead || lines.some((line) => line.includes("BAD"))],
    ["intact", intact, !isRead || lines.some((line) => line.includes("BAD")) ? false : undefined],
    ["signed by", listed(ours), listed(keys)],
  ];
}

const skip = existsSync(join(CORPUS, "INDEX.tsv")) ? false : `no corpus at ${CORPUS}`;
const paths = skip === false ? listPaths() : [];

describe("verdicts of the corpus: rpm", { skip }, () => {
  for (const path of paths)
    it(basename(path), async () => {
      const truth = JSON.parse(readFileSync(join(CORPUS, "truth", `${path}.json`), "utf8")) as Json;
      const trust = { certificates: [], keys: [], revoked: new Set<string>() };
      const context = { format: "rpm", fileName: basename(path), now: new Date("2026-06-01"), trust, beside: new Map() };
      const verdict = await withFile(join(CORPUS, path), (source) => rpm.verify(source, context));
      const rows = rowsOf(verdict, truth).filter(([, ours, theirs]) => known(ours) !== known(theirs));
      const differing = rows.map(([field]) => field).join(" ");
      assert.equal(differing, EXCEPTIONS[basename(path)]?.[0] ?? "", JSON.stringify({ rows, problems: verdict.problems }));
    });

  it("have no exception for a file that is not there", () => {
    const names = new Set(paths.map((path) => basename(path)));
    assert.deepEqual(
      Object.keys(EXCEPTIONS).filter((name) => !names.has(name)),
      [],
    );
  });
});

function listPaths(): readonly string[] {
  const rows = readFileSync(join(CORPUS, "INDEX.tsv"), "utf8").split("\n");
  return rows.map((row) => row.split("\t")[0] as string).filter((path) => path.startsWith("rpm/"));
}
