// Agreement with AOSP's apksig (and jarsigner for bundles) on files nobody here wrote: for the package's own API level, from 24 and from 33 on.
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import type { ByteSource } from "@distd/core";
import { isBroken } from "../../broken.ts";
import { describeAgreement, type Exceptions, type Json, listed, type Row } from "../../test-support/corpus.ts";
import { withFile } from "../../test-support/file-source.ts";
import { REPOSITORY } from "../../test-support/fixtures.ts";
import type { Verdict } from "../verdict.ts";
import { judgeApk } from "./apk.ts";
import type { Issue } from "./issues.ts";
import { ownCertificate, type SchemeResult } from "./scheme.ts";
import { codesOf, verify } from "../../test-support/android/verify.ts";
import type { LevelsResult } from "./verify-levels.ts";

const RUNS = ["default", "minSdk24", "minSdk33"] as const;
const REFUSED = "refused";

const EXCEPTIONS: Exceptions = {
  "apksig__v1-only-with-nul-in-entry-name.apk": [
    "intact schemes default minSdk24 minSdk33",
    "an entry is called 'test.txt' and NUL: two readers, two names, so the archive is refused before any signature is looked at, as by aapt",
  ],
  "apktool__issue1498.apk": [
    "default minSdk24 minSdk33",
    "an entry is called ../assets/0/logo.png: refused before any signature is looked at; apksig refuses it for a signature that was taken out",
  ],
  "apksig__v2-only-garbage-between-cd-and-eocd.apk": [
    "default minSdk24 minSdk33",
    "bytes between directory and end record: apksig and phones find no signature; we say what is wrong with the archive",
  ],
};

/** One run in one line: accepted, certificates, errors, what is passed over, lineage, stamp. */
interface Outcome {
  readonly accepted: boolean;
  readonly certificates: readonly string[];
  readonly errors: readonly string[];
  readonly remarks: readonly string[];
  readonly lineage: readonly string[];
  readonly stamp: string;
}

const render = (outcome: Outcome): string =>
  JSON.stringify({ ...outcome, errors: listed(new Set(outcome.errors)), remarks: listed(new Set(outcome.remarks)) });

function ours(run: LevelsResult): Outcome {
  const named = (issues: readonly Issue[], scheme?: string): readonly string[] =>
    issues.map(({ name }) => (scheme === undefined ? name : `${scheme.replace("v3.1", "v31")}:${name}`));
  const { stamp, schemes } = run;
  const stampErrors = named(stamp?.errors ?? []).map((name) => (name === "SOURCE_STAMP_SIG_MISSING" ? name : `stamp:${name}`));
  return {
    accepted: run.isAccepted,
    certificates: run.isAccepted ? certificatesOf(schemes) : [],
    errors: [
      ...named(run.errors),
      ...schemes.flatMap(({ scheme, errors, signers }) => [...named(errors), ...signers.flatMap((one) => named(one.errors, scheme))]),
    ],
    remarks: [
      ...schemes.flatMap(({ scheme, remarks, signers }) => [...named(remarks), ...signers.flatMap((one) => named(one.remarks, scheme))]),
      ...stampErrors,
    ],
    lineage: run.isAccepted ? (run.lineage ?? []).map(({ certificate }) => certificate.facts.sha256) : [],
    stamp: stamp?.certificate ? `${stamp.certificate.facts.sha256} ${stamp.errors.length === 0}` : "",
  };
}

/** The newest scheme's signers; of v3 the last. */
function certificatesOf(schemes: readonly SchemeResult[]): readonly string[] {
  const newest = (["v3.1", "v3", "v2", "v1"] as const)
    .map((name) => schemes.find(({ scheme, holds }) => scheme === name && holds))
    .find((one) => one);
  const signers = newest?.scheme.startsWith("v3") ? newest.signers.slice(-1) : (newest?.signers ?? []);
  return signers.map((signer) => ownCertificate(signer)?.facts.sha256 ?? "");
}

function theirs(run: Json): Outcome {
  const digests = (list: unknown): readonly string[] => ((list ?? []) as Json[]).map(({ sha256 }) => sha256);
  const stamp = run["sourceStamp"] as Json | null;
  return {
    accepted: run["verified"],
    certificates: digests(run["signerCerts"]),
    errors: run["errors"],
    remarks: run["warnings"],
    lineage: run["verified"] ? digests(run["lineage"]) : [],
    stamp: stamp?.["cert"] ? `${stamp["cert"].sha256} ${stamp["verified"]}` : "",
  };
}

async function rowsOf(path: string, source: ByteSource, truth: Json): Promise<readonly Row[]> {
  const { summary, apksig } = truth;
  const verdict = await verify(source, { fileName: basename(path) });
  const runs = await judge(source);
  return [
    [
      "intact",
      verdict.intact ?? false,
      summary.verified === true || summary.verifiedAtMinSdk24 === true || summary.verifiedAtMinSdk33 === true,
    ],
    ["schemes", schemesOf(verdict), listed(summary.schemesValidInAnyRun).replace("v31", "v3.1")],
    ...RUNS.map((name, index): Row => {
      const run = apksig?.[name] as Json | undefined;
      const theirOutcome = run === undefined || run["exception"] ? REFUSED : render(theirs(run));
      return [name, runs?.[index] ? render(ours(runs[index])) : REFUSED, theirOutcome];
    }),
  ];
}

function schemesOf({ signatures }: Verdict): string {
  const held = signatures.filter(({ intact, scheme }) => intact && scheme !== "source-stamp");
  return listed(new Set(held.map(({ scheme }) => scheme)));
}

async function judge(source: ByteSource): Promise<readonly LevelsResult[] | undefined> {
  try {
    return (await judgeApk(source, undefined)).runs;
  } catch (thrown) {
    if (isBroken(thrown)) return undefined;
    throw thrown;
  }
}

describeAgreement({
  about: "verdicts",
  tool: "AOSP's apksig",
  folders: ["apk"],
  rowsOf: (source, truth, path) => rowsOf(path, source, truth),
  exceptions: EXCEPTIONS,
});

describeAgreement({
  about: "verdicts",
  tool: "jarsigner",
  folders: ["aab"],
  async rowsOf(source, { jarsigner }, path) {
    const verdict = await verify(source, { fileName: basename(path) });
    return [["intact", verdict.intact ?? false, jarsigner.verifiedIgnoringAlgPolicy]];
  },
  exceptions: {},
});

// Their APKs are not there: nothing can be said of the bytes.
describeAgreement({
  about: "verdicts",
  tool: "AOSP's apksig",
  folders: ["idsig"],
  async rowsOf(source, _truth, path) {
    const verdict = await verify(source, { fileName: basename(path) });
    return [["subject", codesOf(verdict).join(), "signing/subject-missing"]];
  },
  exceptions: {},
});

describe("a key that everybody has", () => {
  it("is nobody's", async () => {
    const path = join(REPOSITORY, "fixtures/signatures/android/public-test-key.apk");
    const verdict = await withFile(path, (source) => verify(source));
    assert.deepEqual([verdict.intact, verdict.trusted, codesOf(verdict).includes("signing/nobody")], [true, false, true]);
  });
});
