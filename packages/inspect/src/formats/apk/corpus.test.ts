// Agreement with aapt, aapt2 and apksig. Schemes and certificates are held against everything apksig named in any run.
import type { ArtifactFacts } from "@distd/core";
import { describeCorpus, type Json, known, listed, REFUSED } from "../../test-support/corpus.ts";

const NOT_A_ZIP = "is not a zip; Android's tools refuse it too";
const UNVERIFIED = "apksig names no signer whose signature does not verify; the certificate is in the file and is listed, unverified";
const NEVER_ASKED = "the v1 signature is in the file; apksig does not look at it once v2 or later is there and minSdk is 24 or more";
const STOPPED_EARLY = "v1 (and v2) signatures are in the file; apksig stops at the later scheme's error and never reports them";

describeCorpus({
  folder: "apk",
  compare(facts, { summary, aapt, aapt2, apksig }) {
    if (facts === undefined) return [[REFUSED, true, false]];
    return [
      ["identifier", facts.identifier, summary.package],
      ["version", facts.version, summary.versionName],
      ["build", facts.build, summary.versionCode],
      ["minOs", facts.minOs, summary.minSdk],
      ["targetOs", facts.targetOs, summary.targetSdk],
      ["maxSdk", facts.details["maxSdk"], aapt.maxSdk],
      ["split", facts.details["split"], summary.split],
      ["nativeAbis", listed(facts.details["nativeAbis"]), listed(summary.nativeAbis)],
      ["debuggable", facts.details["debuggable"], summary.debuggable],
      ["testOnly", facts.details["testOnly"], aapt2.testOnly],
      ["name", facts.name, agreedLabel(facts.name, [summary.label, aapt2.label])],
      ["schemes", listed(facts.signing.schemes), listed(presentSchemes(apksig, summary))],
      ["certificates", listed(facts.signing.certificates.map(({ sha256 }) => sha256)), listed(signers(apksig).keys())],
      ["subjects", subjects(facts, signers(apksig)), ""],
      ["lineage", listed((facts.details["lineage"] as Json[] | undefined)?.map(({ sha256 }) => sha256)), listed(lineage(apksig))],
    ];
  },
  exceptions: {
    "appium__FakeAndroidApp.apk": [REFUSED, NOT_A_ZIP],
    "apksig__v2-only-truncated-cd.apk": [REFUSED, NOT_A_ZIP],
    "apksig__v1-only-with-nul-in-entry-name.apk": [REFUSED, "an entry name holds NUL; Android's tools refuse it too"],
    "apksig__v2-only-garbage-between-cd-and-eocd.apk": [
      REFUSED,
      "bytes between directory and end record: two readers, two directories; no signature verifies",
    ],
    "apktool__issue1498.apk": [REFUSED, "an entry is called ../assets/0/logo.png; no signature verifies, so no device installs it"],
    "apksig__original-minSdk32.apk": ["schemes", NEVER_ASKED],
    "apksig__v1v2v3-rotated-v3-key-valid-stamp.apk": ["schemes", NEVER_ASKED],
    "apksig__v2-rsa-2048-with-extra-sig-block.apk": ["schemes", NEVER_ASKED],
    "apksig__two-signers-second-signer-v2-broken.apk": ["schemes certificates", `${STOPPED_EARLY}; ${UNVERIFIED}`],
    "apksig__v31-block-stripped-v3-attr-value-33.apk": ["schemes", STOPPED_EARLY],
    "apksig__v31-tgt-33-no-v3-block.apk": ["schemes certificates", `${STOPPED_EARLY}; their signer is the key before rotation`],
    "apksig__v31-tgt-34-v3-attr-value-33.apk": ["schemes", STOPPED_EARLY],
    "apksig__v1-sha1-sha256-manifest-and-sf-with-sha256-wrong-in-manifest.apk": [
      "schemes certificates",
      `apksig stops at an entry's digest; ${UNVERIFIED}`,
    ],
    "apktool__unknown_compression.apk": ["schemes certificates", `apksig stops at an entry without digest; ${UNVERIFIED}`],
    "apksig__v1-only-with-dsa-sha384-2.16.840.1.101.3.4.3.3-1024.apk": ["certificates", UNVERIFIED],
    "apksig__v1-only-with-dsa-sha384-2.16.840.1.101.3.4.3.3-2048.apk": ["certificates", UNVERIFIED],
    "apksig__v1-only-with-dsa-sha512-2.16.840.1.101.3.4.3.4-1024.apk": ["certificates", UNVERIFIED],
    "apksig__v1-only-with-signed-attrs-signerInfo1-missing-content-type-signerInfo2-good.apk": ["certificates", UNVERIFIED],
    "apksig__v1-only-with-signed-attrs-wrong-digest.apk": ["certificates", UNVERIFIED],
    "apksig__v2-only-two-signers-second-signer-no-sig.apk": ["certificates", UNVERIFIED],
    "apksig__v2-only-with-dsa-sha256-1024-sig-does-not-verify.apk": ["certificates", UNVERIFIED],
    "apksig__v2-only-with-rsa-pss-sha256-2048-sig-does-not-verify.apk": ["certificates", UNVERIFIED],
    "apksig__v3-only-no-supported-sig-algs.apk": ["certificates", UNVERIFIED],
    "apksig__v3-only-with-ecdsa-sha512-p521-sig-does-not-verify.apk": ["certificates", UNVERIFIED],
    "apksig__v3-only-with-rsa-pkcs1-sha256-3072-sig-does-not-verify.apk": ["certificates", UNVERIFIED],
  },
});

/** aapt and aapt2 differ now and then: one of them is enough. Where both are silent, a label we can read is no disagreement. */
function agreedLabel(ours: string | undefined, theirs: readonly unknown[]): unknown {
  const labels = theirs.map(known);
  return labels.includes(known(ours)) || labels.every((label) => label === "") ? ours : labels[0];
}

function runs(apksig: Json): readonly Json[] {
  return [apksig["default"], apksig["minSdk24"], apksig["minSdk33"]].filter((run) => run?.schemeSigners !== undefined);
}

/** Every scheme apksig found signers of, valid or not, in any run. */
function presentSchemes(apksig: Json, summary: Json): ReadonlySet<string> {
  const found = [...runs(apksig).flatMap((run) => Object.keys(run["schemeSigners"])), ...summary["schemesValidInAnyRun"]];
  return new Set(found.map((scheme) => scheme.replace("v31", "v3.1")));
}

/** Every certificate apksig named in any run, with its subject. */
function signers(apksig: Json): ReadonlyMap<string, string> {
  const found = runs(apksig).flatMap((run) => [...Object.values(run["schemeSigners"] as Json).flat(), ...run["signerCerts"]]);
  return new Map(found.filter((signer) => signer !== null).map((signer) => [signer.sha256, signer.subject]));
}

function subjects(facts: ArtifactFacts, theirs: ReadonlyMap<string, string>): string {
  const wrong = facts.signing.certificates.filter(({ sha256, subject }) => theirs.has(sha256) && theirs.get(sha256) !== subject);
  return wrong.map(({ subject }) => subject).join(" ");
}

function lineage(apksig: Json): readonly string[] {
  const found = runs(apksig).find((run) => run["lineage"] !== null)?.["lineage"] ?? [];
  return found.map((certificate: Json) => certificate["sha256"]);
}
