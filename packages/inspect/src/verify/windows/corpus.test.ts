// Agreement with osslsigncode, and with what the MSIX SDK's tests assert, on files nobody here wrote.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { type Exceptions, type Json, known, type Row } from "../../test-support/corpus.ts";
import { withFile } from "../../test-support/file-source.ts";
import { REPOSITORY } from "../../test-support/fixtures.ts";
import { commonName } from "../../test-support/subjects.ts";
import type { Verdict } from "../verdict.ts";
import { formatOf, verifySource } from "../../test-support/windows-signatures.ts";

const CORPUS = join(REPOSITORY, "../shared/corpus");
const FOLDERS = ["exe", "msi", "cab", "msix", "nupkg"];

const EXCEPTIONS: Exceptions = {
  "uthenticode__YourPhone.exe": [
    "signed intact signer",
    "its certificate table is not at the end of the file: osslsigncode does not look at it. The digest over all but the table, what follows it " +
      "too, is the one that was signed",
  ],
  "msix-packaging__ManifestIsMissing.appxbundle": [
    "signer",
    "osslsigncode names no signer once a digest differs; we say who signed what it was",
  ],
  "msix-packaging__PayloadPackageHasNonAppxExtension.appxbundle": [
    "refused",
    "the SDK refuses the name of a package in the bundle's manifest; nothing is signed, and no block map contradicts it",
  ],
  "msix-packaging__FlatBundleWithAsset.appxbundle": [
    "refused",
    "the second of the SDK's tests unpacks it where the packages it refers to are not beside it; the bundle itself is whole",
  ],
};

/** What there is to compare; the chain is not, for want of Microsoft's roots on both sides. */
function rowsOf(verdict: Verdict, truth: Json): readonly Row[] {
  const { osslsigncode, upstreamExpected, signed } = truth;
  const [first] = verdict.signatures;
  if (osslsigncode === undefined) return [["signed", verdict.signatures.length > 0, signed === true]];
  const rows: Row[] = [
    ["signed", verdict.signatures.length > 0, osslsigncode.signatures > 0],
    ["intact", first === undefined ? undefined : verdict.intact, osslsigncode.digestMatches],
    ["signer", first?.signer?.name, commonName(osslsigncode.signer?.subject)],
  ];
  if (upstreamExpected === undefined) return rows;
  const refused = (upstreamExpected as readonly Json[]).some(({ expected }) => expected !== "S_OK");
  return [...rows, ["refused", verdict.problems.length > 0, refused]];
}

const skip = existsSync(join(CORPUS, "INDEX.tsv")) ? false : `no corpus at ${CORPUS}`;
const paths = skip === false ? listPaths() : [];
for (const folder of FOLDERS)
  describe(`verdicts of the corpus: ${folder}`, { skip }, () => {
    for (const path of paths.filter((one) => one.startsWith(`${folder}/`)))
      it(basename(path), async () => {
        const truth = JSON.parse(readFileSync(join(CORPUS, "truth", `${path}.json`), "utf8")) as Json;
        const verdict = await withFile(join(CORPUS, path), (source) => verifySource(path, source));
        const rows = rowsOf(verdict, truth).filter(([, ours, theirs]) => known(ours) !== known(theirs));
        const differing = rows.map(([field]) => field).join(" ");
        assert.equal(differing, EXCEPTIONS[basename(path)]?.[0] ?? "", JSON.stringify(rows));
      });
  });

describe("verdicts of the corpus", { skip }, () => {
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
  return rows
    .map((row) => row.split("\t")[0] as string)
    .filter((path) => formatOf(path) !== "" && FOLDERS.includes(path.split("/")[0] ?? ""));
}
