// Agreement with the platforms' own tools (aapt, aapt2, apksig, plistutil, openssl) on files nobody here wrote. Every apk and ipa of the
// corpus is read; where facts legitimately differ the table below says why. The corpus lies beside the repository and is not part of it.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import type { ArtifactFacts } from "@distd/core";
import { inspectArtifact } from "./index.ts";
import { isBroken } from "./broken.ts";
import { compareApk, compareIpa } from "./test-support/corpus-truth.ts";
import { withFile } from "./test-support/file-source.ts";
import { REPOSITORY } from "./test-support/fixtures.ts";

const CORPUS = join(REPOSITORY, "../shared/corpus");
const REFUSED = "refused";

const NOT_A_ZIP = "is not a zip; Android's tools refuse it too";
const UNVERIFIED = "apksig names no signer whose signature does not verify; the certificate is in the file and is listed, unverified";
const NEVER_ASKED = "the v1 signature is in the file; apksig does not look at it once v2 or later is there and minSdk is 24 or more";
const STOPPED_EARLY = "v1 (and v2) signatures are in the file; apksig stops at the later scheme's error and never reports them";

/** File → what differs and why. */
const EXCEPTIONS: Readonly<Record<string, readonly [fields: string, reason: string]>> = {
  "appium__FakeAndroidApp.apk": [REFUSED, NOT_A_ZIP],
  "apksig__v2-only-truncated-cd.apk": [REFUSED, NOT_A_ZIP],
  "apksig__v1-only-with-nul-in-entry-name.apk": [REFUSED, "an entry name holds NUL; Android's tools refuse it too"],
  "apksig__v2-only-garbage-between-cd-and-eocd.apk": [
    REFUSED,
    "bytes between directory and end record: two readers, two directories; no signature verifies",
  ],
  "apktool__issue1498.apk": [REFUSED, "an entry is called ../assets/0/logo.png; no signature verifies, so no device installs it"],
  "fastlane__with_swift_twice.ipa": [REFUSED, "its app has no Info.plist; plistutil has nothing to say either"],
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
};

async function inspectOrRefuse(path: string): Promise<ArtifactFacts | undefined> {
  try {
    return await withFile(path, (source) => inspectArtifact(source, path));
  } catch (thrown) {
    if (isBroken(thrown)) return undefined;
    throw thrown;
  }
}

function listCorpus(folder: string): readonly string[] {
  const rows = readFileSync(join(CORPUS, "INDEX.tsv"), "utf8").split("\n");
  return rows.map((row) => row.split("\t")[0] as string).filter((path) => path.startsWith(`${folder}/`));
}

const skip = existsSync(join(CORPUS, "INDEX.tsv")) ? false : `no corpus at ${CORPUS}`;

for (const [folder, compare] of [
  ["apk", compareApk],
  ["ipa", compareIpa],
] as const) {
  describe(`corpus: ${folder}`, { skip }, () => {
    for (const path of skip === false ? listCorpus(folder) : []) {
      it(basename(path), async () => {
        const facts = await inspectOrRefuse(join(CORPUS, path));
        const truth: unknown = JSON.parse(readFileSync(join(CORPUS, "truth", `${path}.json`), "utf8"));
        const differences = facts === undefined ? [{ field: REFUSED, ours: undefined, theirs: "facts" }] : compare(facts, truth);
        const fields = differences.map(({ field }) => field).join(" ");
        assert.equal(fields, EXCEPTIONS[basename(path)]?.[0] ?? "", JSON.stringify(differences));
      });
    }
  });
}

describe("corpus: exceptions", { skip }, () => {
  it("name only files that are there", () => {
    const known = new Set([...listCorpus("apk"), ...listCorpus("ipa")].map((path) => basename(path)));
    assert.deepEqual(
      Object.keys(EXCEPTIONS).filter((name) => !known.has(name)),
      [],
    );
  });
});
