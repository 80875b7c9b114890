// Packages signed by the tools that people use, and what is said of them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createPublicKey } from "node:crypto";
import { sha256 } from "@distd/core";
import { FIXTURES } from "../../test-support/fixtures.ts";
import { fixtureCertificate, fixtureKey } from "../../test-support/android/test-key.ts";
import { codesOf, readSigned, signatureOf, verify } from "../../test-support/android/verify.ts";

const fingerprint = (name: string): string => sha256(fixtureCertificate(name));
const NEW = "new";

interface Expected {
  readonly file: string;
  /** Scheme, algorithm, signer's key file, API levels. */
  readonly signatures: readonly (readonly [scheme: string, algorithm: string, signer: string, levels: string])[];
  readonly codes?: readonly string[];
}

const RSA = "rsa-sha256";
const PARTIAL = "signing/partial";
const IGNORED = "signing/ignored";

const SIGNED_FILES: readonly Expected[] = [
  { file: "v1.apk", signatures: [["v1", RSA, NEW, "21+"]], codes: [PARTIAL] },
  {
    file: "v1-sha1-short-key.apk",
    signatures: [["v1", "rsa-sha1", "short", "9+"]],
    codes: [PARTIAL, "signing/weak-algorithm", "signing/weak-key"],
  },
  {
    file: "v1-v2-dsa.apk",
    signatures: [
      ["v1", "dsa-sha256", "dsa", "21-23"],
      ["v2", "dsa-sha256", "dsa", "24+"],
    ],
    codes: [PARTIAL, "signing/weak-algorithm"],
  },
  { file: "v2.apk", signatures: [["v2", RSA, NEW, "24+"]], codes: [IGNORED] },
  {
    file: "v1-v2-v3.apk",
    signatures: [
      ["v1", RSA, NEW, "21-23"],
      ["v2", RSA, NEW, "24-27"],
      ["v3", RSA, NEW, "28+"],
    ],
    codes: [PARTIAL],
  },
  {
    file: "v2-v3-curve.apk",
    signatures: [
      ["v2", "ecdsa-p256-sha256", "curve", "24-27"],
      ["v3", "ecdsa-p256-sha256", "curve", "28+"],
    ],
    codes: [IGNORED],
  },
  {
    file: "verity.apk",
    signatures: [
      ["v2", RSA, NEW, "24-27"],
      ["v3", RSA, NEW, "28+"],
    ],
    codes: [IGNORED],
  },
  {
    file: "two-signers.apk",
    signatures: [
      ["v1", RSA, NEW, "21-23"],
      ["v1", RSA, "other", "21-23"],
      ["v2", RSA, NEW, "24+"],
      ["v2", RSA, "other", "24+"],
    ],
    codes: [PARTIAL],
  },
  {
    file: "rotated.apk",
    signatures: [
      ["v1", RSA, "old", "21-23"],
      ["v2", RSA, "old", "24-27"],
      ["v3", RSA, NEW, "28+"],
    ],
    codes: [PARTIAL],
  },
  { file: "bundle.aab", signatures: [["jar", RSA, NEW, ""]] },
  {
    file: "splits.apks",
    signatures: [
      ["v2", RSA, NEW, "24-27"],
      ["v3", RSA, NEW, "28+"],
    ],
    codes: [IGNORED, PARTIAL],
  },
];

describe("packages as the tools sign them are intact, and trusted when their signer is", () => {
  for (const { file, signatures, codes = [] } of SIGNED_FILES) {
    it(file, async () => {
      const bytes = readSigned(file);
      const verdict = await verify(bytes, { fileName: file });
      assert.deepEqual([verdict.intact, verdict.trusted], [true, false]);
      const found = verdict.signatures.map(({ scheme, algorithm, signer, details }) => [
        scheme,
        algorithm,
        signer?.certificates[0]?.sha256,
        ((details?.["apiLevels"] ?? []) as string[]).join(),
      ]);
      assert.deepEqual(
        found,
        signatures.map(([scheme, algorithm, signer, levels]) => [scheme, algorithm, fingerprint(signer), levels]),
      );
      assert.deepEqual(codesOf(verdict), [...codes, "signing/unknown-signer"].sort());

      const [, , signer = ""] = signatures.at(-1) ?? [];
      const trusting = await verify(bytes, { fileName: file, trust: { certificates: [fixtureCertificate(signer)] } });
      assert.deepEqual([trusting.intact, trusting.trusted], [true, true]);
      const wrong = await verify(bytes, { fileName: file, trust: { certificates: [fixtureCertificate("store")] } });
      assert.deepEqual([wrong.intact, wrong.trusted], [true, false]);
    });
  }

  it("v4 beside its APK, seen from both", async () => {
    const [apk, idsig] = [readSigned("streamed.apk"), readSigned("streamed.apk.idsig")];
    const trust = { certificates: [fixtureCertificate(NEW)] };
    const ofApk = await verify(apk, { fileName: "streamed.apk", beside: { "streamed.apk.idsig": idsig }, trust });
    assert.deepEqual(
      ofApk.signatures.map(({ scheme, intact }) => [scheme, intact]),
      [
        ["v2", true],
        ["v3", true],
        ["v4", true],
      ],
    );
    const ofIdsig = await verify(idsig, { fileName: "streamed.apk.idsig", beside: { "streamed.apk": apk }, trust });
    assert.deepEqual([ofIdsig.intact, ofIdsig.trusted], [true, true]);
    assert.deepEqual(
      ofIdsig.signatures.map(({ scheme, signer }) => [scheme, signer?.certificates[0]?.sha256]),
      [["v4", fingerprint(NEW)]],
    );
  });

  it("the store that stamped a package, and not as its signer", async () => {
    const verdict = await verify(readSigned("stamped.apk"), { trust: { certificates: [fixtureCertificate("store")] } });
    assert.deepEqual([verdict.intact, verdict.trusted], [true, false]);
    const stamp = signatureOf(verdict, "source-stamp");
    assert.equal(stamp?.intact, true);
    assert.deepEqual((stamp?.details?.["certificate"] as { sha256: string } | undefined)?.sha256, fingerprint("store"));
  });

  it("nothing signed", async () => {
    for (const file of ["apk/ok/unsigned.apk", "apk/ok/adaptive-icon.apk", "aab/ok/two-modules.aab"])
      assert.deepEqual(await verify(readFixture(file), { fileName: file }), { signatures: [], problems: [] }, file);
  });
});

function readFixture(path: string): Buffer {
  return readFileSync(join(FIXTURES, path));
}

describe("what is told of a signer", () => {
  it("is its certificate, its key, and until when", async () => {
    const { signer } = signatureOf(await verify(readSigned("v2.apk")), "v2") ?? {};
    assert.equal(signer?.name, "Test signer of today, everybody has its key");
    assert.equal(signer?.key, "rsa-2048");
    assert.match(signer?.validUntil ?? "", /^20\d\d-\d\d-\d\dT/);
  });

  it("is the history of its key, with what older keys may still do", async () => {
    const v3 = signatureOf(await verify(readSigned("rotated.apk")), "v3");
    const lineage = v3?.details?.["lineage"] as { sha256: string; capabilities: string[] }[];
    assert.deepEqual(
      lineage.map(({ sha256: digest }) => digest),
      [fingerprint("old"), fingerprint(NEW)],
    );
    assert.ok(lineage[0]?.capabilities.includes("installed-data"));
  });

  it("is, for v3.1, who takes over from which API level on", async () => {
    const verdict = await verify(readFixture("apk/ok/rotated-key-v31.apk"));
    const levels = verdict.signatures.map(({ scheme, signer, details }) => [
      scheme,
      signer?.name,
      ((details?.["apiLevels"] ?? []) as string[]).join(),
    ]);
    assert.deepEqual(levels, [
      ["v1", "rsa-2048", "23"],
      ["v2", "rsa-2048", "24-27"],
      ["v3", "rsa-2048", "28-33"],
      ["v3.1", "rsa-2048_2", "34+"],
    ]);
    assert.equal(verdict.intact, true);
  });
});

describe("trust", () => {
  const trusted = async (trust: Parameters<typeof verify>[1]) => (await verify(readSigned("rotated.apk"), trust)).trusted;

  it("is in any signer that some phones see", async () => {
    assert.equal(await trusted({ trust: { certificates: [fixtureCertificate("old")] } }), true);
    assert.equal(await trusted({ trust: { certificates: [fixtureCertificate("new")] } }), true);
    assert.equal(await trusted({ trust: { certificates: [fixtureCertificate("other")] } }), false);
  });

  it("is also in a public key", async () => {
    const pem = createPublicKey(fixtureKey("new").privateKey).export({ format: "pem", type: "spki" }).toString();
    assert.equal(await trusted({ trust: { keys: [pem] } }), true);
    const other = createPublicKey(fixtureKey("other").privateKey).export({ format: "pem", type: "spki" }).toString();
    assert.equal(await trusted({ trust: { keys: [other, "RWQ-minisign-line", "-----BEGIN PUBLIC KEY-----"] } }), false);
  });

  it("ends when the certificate is revoked", async () => {
    const trust = { certificates: [fixtureCertificate("new")], revoked: new Set([fingerprint("new")]) };
    const verdict = await verify(readSigned("v2.apk"), { trust });
    assert.deepEqual([verdict.intact, verdict.trusted], [true, false]);
    assert.ok(codesOf(verdict).includes("signing/revoked"));
  });

  it("is not in what is not intact", async () => {
    const bytes = readSigned("v2.apk");
    bytes[bytes.indexOf("ELF, so to say")] = 0;
    const verdict = await verify(bytes, { trust: { certificates: [fixtureCertificate("new")] } });
    assert.deepEqual([verdict.intact, verdict.trusted], [false, false]);
  });
});
