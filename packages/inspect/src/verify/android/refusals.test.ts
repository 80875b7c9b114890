// Packages made to deceive: properly signed in part, so that each is refused for its own reason, by AOSP's name for it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Entry, writeZip } from "../../../../../fixtures/formats/make/zip-writer.ts";
import { entriesOf } from "../../../../../fixtures/signatures/make/android-unsigned.ts";
import { FIXTURES } from "../../test-support/fixtures.ts";
import {
  type Attribute,
  lineageOf,
  NO_END,
  prefixed,
  type SignerRecipe,
  signBlocks,
  u32,
  V2,
  withBlock,
} from "../../test-support/android/sign-blocks.ts";
import { type JarRecipe, signJar } from "../../test-support/android/sign-jar.ts";
import { fixtureCertificate, makeCertificate, makeKey } from "../../test-support/android/test-key.ts";
import { codesOf, issuesOf, readSigned, signatureOf, verify } from "../../test-support/android/verify.ts";

const [key, other, third, rsa] = [makeKey("KEY"), makeKey("OTHER"), makeKey("THIRD"), makeKey("RSA", "rsa")];
/** Same name and number as the signer's certificate, another key. */
const impostor = makeKey("KEY");

const jar = (recipe: Partial<JarRecipe>, minSdk = 21, entries: readonly Entry[] = entriesOf(minSdk)): Buffer =>
  writeZip(signJar(entries, { keys: [key], ...recipe }));
const unsigned = (minSdk = 24): Buffer => writeZip(entriesOf(minSdk));
const v2 = (...signers: readonly Partial<SignerRecipe>[]): Buffer =>
  signBlocks(unsigned(), { v2: signers.map((one) => ({ key, ...one })) });
const v3 = (...signers: readonly Partial<SignerRecipe>[]): Buffer =>
  signBlocks(unsigned(28), { v3: signers.map((one) => ({ key, range: [28, NO_END], ...one })) });
const ALSO_V3: Attribute = { id: 0xbeeff00d, value: u32(3) };
const rotatesFrom = (level: number): Attribute => ({ id: 0x559f8b02, value: u32(level) });

interface Refusal {
  readonly name: string;
  readonly bytes: () => Buffer;
  readonly issue: string;
  readonly code: string;
}

const DIGEST = "signing/digest-mismatch";
const SIGNATURE = "signing/signature-mismatch";
const MALFORMED = "signing/malformed";
const STRIPPED = "signing/stripped";
const CONTRADICTION = "signing/contradiction";
const UNCOVERED = "signing/uncovered";
const UNSUPPORTED = "signing/unsupported";

const V1_REFUSALS: readonly Refusal[] = [
  {
    name: "an entry that the manifest does not have",
    bytes: () => jar({ leaveOut: ["classes.dex"] }),
    issue: "JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_MANIFEST",
    code: UNCOVERED,
  },
  {
    name: "an entry that no signature file has",
    bytes: () => jar({ unsigned: { KEY: ["classes.dex"] } }),
    issue: "JAR_SIG_ZIP_ENTRY_NOT_SIGNED",
    code: UNCOVERED,
  },
  {
    name: "an entry of somebody else",
    bytes: () => jar({ keys: [key, other], unsigned: { OTHER: ["classes.dex"] } }),
    issue: "JAR_SIG_ZIP_ENTRY_SIGNERS_MISMATCH",
    code: CONTRADICTION,
  },
  {
    name: "an entry that was taken out",
    bytes: () => writeZip(signJar(entriesOf(21), { keys: [key] }).filter(({ name }) => name !== "classes.dex")),
    issue: "JAR_SIG_MISSING_ZIP_ENTRY_REFERENCED_IN_MANIFEST",
    code: DIGEST,
  },
  {
    name: "an entry's digest changed in the manifest",
    bytes: () => jar({ manifest: (text) => text.replace(/(Name: classes\.dex\r\nSHA-256-Digest: )./, "$1!") }),
    issue: "JAR_SIG_MANIFEST_SECTION_DIGEST_DID_NOT_VERIFY",
    code: DIGEST,
  },
  {
    name: "two sections for an entry",
    bytes: () => jar({ manifest: (text) => `${text}Name: classes.dex\r\nSHA-256-Digest: AAAA\r\n\r\n` }),
    issue: "JAR_SIG_DUPLICATE_MANIFEST_SECTION",
    code: MALFORMED,
  },
  {
    name: "a section without a name",
    bytes: () => jar({ manifest: (text) => `${text}Digest: AAAA\r\n\r\n` }),
    issue: "JAR_SIG_UNNNAMED_MANIFEST_SECTION",
    code: MALFORMED,
  },
  {
    name: "a signature file that was written anew",
    bytes: () => jar({ signatureFile: (text) => text.replace("Signature-Version: 1.0", "Signature-Version: 1.0\r\nCreated-By: somebody") }),
    issue: "JAR_SIG_DID_NOT_VERIFY",
    code: SIGNATURE,
  },
  {
    name: "a v2 signature that was taken out",
    bytes: () => jar({ alsoSigned: "2" }),
    issue: "JAR_SIG_MISSING_APK_SIG_REFERENCED",
    code: STRIPPED,
  },
  {
    name: "v2 and v3 signatures that were taken out, among schemes nobody knows",
    bytes: () => jar({ alsoSigned: "2, 3, 99, x" }),
    issue: "JAR_SIG_MISSING_APK_SIG_REFERENCED",
    code: STRIPPED,
  },
  {
    name: "v1 alone, of a package that Android demands more of",
    bytes: () => jar({}, 21, entriesOf(21, { targetSdk: 30 })),
    issue: "MIN_SIG_SCHEME_FOR_TARGET_SDK_NOT_MET",
    code: STRIPPED,
  },
  {
    name: "a signer whose certificate is not enclosed",
    bytes: () => jar({ block: (parts) => ({ ...parts, enclosed: [other.certificate] }) }),
    issue: "JAR_SIG_VERIFY_EXCEPTION",
    code: SIGNATURE,
  },
  {
    name: "a certificate of somebody who did not sign",
    bytes: () => jar({ block: (parts) => ({ ...parts, enclosed: [impostor.certificate] }) }),
    issue: "JAR_SIG_DID_NOT_VERIFY",
    code: SIGNATURE,
  },
  {
    name: "a certificate of the same name and number before the signer's",
    bytes: () => jar({ block: (parts) => ({ ...parts, enclosed: [impostor.certificate, key.certificate] }) }),
    issue: "JAR_SIG_DID_NOT_VERIFY",
    code: SIGNATURE,
  },
  {
    name: "eleven signers",
    bytes: () => jar({ keys: Array.from({ length: 11 }, (_, index) => makeKey(`KEY${index}`)) }),
    issue: "JAR_SIG_MAX_SIGNATURES_EXCEEDED",
    code: UNSUPPORTED,
  },
  {
    name: "an algorithm that old phones do not know",
    bytes: () => jar({}, 16),
    issue: "JAR_SIG_UNSUPPORTED_SIG_ALG",
    code: "signing/not-everywhere",
  },
  {
    name: "a signature that is none",
    bytes: () =>
      writeZip(
        signJar(entriesOf(21), { keys: [key] }).map((one) =>
          one.name === "META-INF/KEY.EC" ? { ...one, data: Buffer.from("0123") } : one,
        ),
      ),
    issue: "JAR_SIG_PARSE_EXCEPTION",
    code: MALFORMED,
  },
];

const V2_REFUSALS: readonly Refusal[] = [
  { name: "no certificate", bytes: () => v2({ certificates: [] }), issue: "V2_SIG_NO_CERTIFICATES", code: MALFORMED },
  {
    name: "a certificate that is none",
    bytes: () => v2({ certificates: [Buffer.from("3003020101", "hex")] }),
    issue: "V2_SIG_MALFORMED_CERTIFICATE",
    code: MALFORMED,
  },
  {
    name: "somebody else's certificate",
    bytes: () => v2({ certificates: [other.certificate, key.certificate] }),
    issue: "V2_SIG_PUBLIC_KEY_MISMATCH_BETWEEN_CERTIFICATE_AND_SIGNATURES_RECORD",
    code: CONTRADICTION,
  },
  {
    name: "somebody else's key",
    bytes: () => v2({ publicKey: other.spki }),
    issue: "V2_SIG_DID_NOT_VERIFY",
    code: SIGNATURE,
  },
  {
    name: "a digest for another algorithm than the signature's",
    bytes: () => v2({ digestAlgorithm: 0x0202 }),
    issue: "V2_SIG_SIG_ALG_MISMATCH_BETWEEN_SIGNATURES_AND_DIGESTS_RECORDS",
    code: CONTRADICTION,
  },
  { name: "another digest", bytes: () => v2({ digest: Buffer.alloc(32) }), issue: "V2_SIG_APK_DIGEST_DID_NOT_VERIFY", code: DIGEST },
  { name: "an algorithm nobody knows", bytes: () => v2({ algorithm: 0x9999 }), issue: "V2_SIG_NO_SUPPORTED_SIGNATURES", code: UNSUPPORTED },
  { name: "a key of the wrong kind", bytes: () => v2({ algorithm: 0x0103 }), issue: "V2_SIG_MALFORMED_PUBLIC_KEY", code: MALFORMED },
  { name: "nobody", bytes: () => v2(), issue: "V2_SIG_NO_SIGNERS", code: MALFORMED },
  {
    name: "a second signer whose signature does not hold",
    bytes: () =>
      v2({}, { key: other, signature: (right) => Buffer.from(right.map((byte, index) => (index === right.length - 1 ? byte ^ 1 : byte))) }),
    issue: "V2_SIG_DID_NOT_VERIFY",
    code: SIGNATURE,
  },
  {
    name: "eleven signers",
    bytes: () => v2(...Array.from({ length: 11 }, () => ({ key }))),
    issue: "V2_SIG_MAX_SIGNATURES_EXCEEDED",
    code: UNSUPPORTED,
  },
  {
    name: "a v3 signature that was taken out",
    bytes: () => v2({ attributes: [ALSO_V3] }),
    issue: "V2_SIG_MISSING_APK_SIG_REFERENCED",
    code: STRIPPED,
  },
  {
    name: "an attribute that is cut short",
    bytes: () => v2({ attributes: [{ id: 0xbeeff00d, value: Buffer.of(3) }] }),
    issue: "V2_SIG_MALFORMED_ADDITIONAL_ATTRIBUTE",
    code: MALFORMED,
  },
  {
    name: "signers that cannot be read",
    bytes: () => withBlock(unsigned(), [[V2, prefixed(u32(1000), Buffer.alloc(10))]]),
    issue: "V2_SIG_MALFORMED_SIGNERS",
    code: MALFORMED,
  },
  {
    name: "a signer that cannot be read",
    bytes: () => withBlock(unsigned(), [[V2, prefixed(prefixed(u32(1000), Buffer.alloc(10)))]]),
    issue: "V2_SIG_MALFORMED_SIGNER",
    code: MALFORMED,
  },
  {
    name: "verity in a file that is not laid out for it",
    bytes: () => signBlocks(unsigned(28), { v3: [{ key, range: [28, NO_END], algorithm: 0x0423 }] }),
    issue: "MALFORMED_APK",
    code: MALFORMED,
  },
];

const oldest = { range: [24, 32] as const, key: other };
const newest = { range: [33, NO_END] as const, attributes: [lineageOf([other, key])] };

const V3_REFUSALS: readonly Refusal[] = [
  { name: "no certificate", bytes: () => v3({ certificates: [] }), issue: "V3_SIG_NO_CERTIFICATES", code: MALFORMED },
  {
    name: "other API levels than those that are signed",
    bytes: () => v3({ outerRange: [28, 30] }),
    issue: "V3_MAX_SDK_VERSION_MISMATCH_BETWEEN_SIGNER_AND_SIGNED_DATA_RECORD",
    code: CONTRADICTION,
  },
  { name: "API levels that are none", bytes: () => v3({ range: [33, 28] }), issue: "V3_SIG_INVALID_SDK_VERSIONS", code: MALFORMED },
  {
    name: "a hole between API levels",
    bytes: () => v3({ range: [28, 30] }, { range: [32, NO_END] }),
    issue: "V3_INCONSISTENT_SDK_VERSIONS",
    code: CONTRADICTION,
  },
  {
    name: "API levels of two signers",
    bytes: () => v3({ range: [28, 32] }, { range: [30, NO_END] }),
    issue: "V3_INCONSISTENT_SDK_VERSIONS",
    code: CONTRADICTION,
  },
  { name: "nobody for the newest phones", bytes: () => v3({ range: [28, 30] }), issue: "V3_MISSING_SDK_VERSIONS", code: UNSUPPORTED },
  {
    name: "a history that the older key did not sign",
    bytes: () => v3({ attributes: [lineageOf([other, key], { 1: third })] }),
    issue: "V3_SIG_POR_DID_NOT_VERIFY",
    code: SIGNATURE,
  },
  {
    name: "a history that ends with another key",
    bytes: () => v3({ attributes: [lineageOf([key, other])] }),
    issue: "V3_SIG_POR_CERT_MISMATCH",
    code: CONTRADICTION,
  },
  {
    name: "a history in which a key comes twice",
    bytes: () => v3({ attributes: [lineageOf([key, other, key])] }),
    issue: "V3_SIG_POR_DID_NOT_VERIFY",
    code: SIGNATURE,
  },
  {
    name: "a history that cannot be read",
    bytes: () => v3({ attributes: [{ id: 0x3ba06f8c, value: Buffer.concat([u32(1), u32(77)]) }] }),
    issue: "V3_SIG_MALFORMED_LINEAGE",
    code: MALFORMED,
  },
  {
    name: "a v3.1 signature that was taken out",
    bytes: () => v3({ attributes: [rotatesFrom(33)] }),
    issue: "V31_BLOCK_MISSING",
    code: STRIPPED,
  },
  {
    name: "a v3 signature that was taken out from beside v3.1",
    bytes: () => signBlocks(unsigned(), { v31: [{ key, ...newest }] }),
    issue: "V31_BLOCK_FOUND_WITHOUT_V3_BLOCK",
    code: STRIPPED,
  },
  {
    name: "v3.1 that takes over later than v3 says",
    bytes: () =>
      signBlocks(unsigned(28), { v3: [{ ...oldest, attributes: [rotatesFrom(33)] }], v31: [{ key, ...newest, range: [34, NO_END] }] }),
    issue: "V31_ROTATION_MIN_SDK_MISMATCH",
    code: CONTRADICTION,
  },
  {
    name: "v3.1 of other contents",
    bytes: () =>
      signBlocks(unsigned(28), { v3: [{ ...oldest, attributes: [rotatesFrom(33)] }], v31: [{ key, ...newest, digest: Buffer.alloc(32) }] }),
    issue: "V3_SIG_APK_DIGEST_DID_NOT_VERIFY",
    code: DIGEST,
  },
];

for (const [scheme, refusals] of [
  ["v1", V1_REFUSALS],
  ["v2", V2_REFUSALS],
  ["v3", V3_REFUSALS],
] as const) {
  describe(`${scheme} is refused with`, () => {
    for (const { name, bytes, issue, code } of refusals) {
      it(name, async () => {
        const verdict = await verify(bytes(), {
          trust: { certificates: code === "signing/not-everywhere" ? [] : [key.certificate, other.certificate] },
        });
        assert.equal(verdict.intact, code === "signing/not-everywhere");
        assert.equal(verdict.trusted, false);
        assert.ok(verdict.signatures.every(({ trusted }) => !trusted));
        assert.ok(issuesOf(verdict).includes(issue), `${issuesOf(verdict).join()} is not ${issue}`);
        assert.ok(codesOf(verdict).includes(code), codesOf(verdict).join());
      });
    }
  });
}

describe("schemes that contradict each other are refused", () => {
  const both = (minSdk: number, blocks: Parameters<typeof signBlocks>[1], keys = [key]): Buffer =>
    signBlocks(jar({ keys }, minSdk), blocks);
  const CASES: readonly (readonly [name: string, bytes: () => Buffer, issue: string])[] = [
    ["v2 by another signer than v1", () => both(21, { v2: [{ key: other }] }), "V2_SIG_MISSING"],
    ["v2 by one signer more than v1", () => both(21, { v2: [{ key }, { key: other }] }), "JAR_SIG_MISSING"],
    ["v3 by another signer than v2", () => signBlocks(unsigned(), { v2: [{ key }], v3: [{ key: other }] }), "V3_SIG_PAST_SIGNERS_MISMATCH"],
    [
      "v3 whose history begins with another key than v2's",
      () => signBlocks(unsigned(), { v2: [{ key: third }], v3: [{ key, attributes: [lineageOf([other, key])] }] }),
      "V3_SIG_PAST_SIGNERS_MISMATCH",
    ],
    [
      "v3 beside two signers of v2",
      () => signBlocks(unsigned(), { v2: [{ key }, { key: other }], v3: [{ key }] }),
      "V3_SIG_MULTIPLE_PAST_SIGNERS",
    ],
    [
      "the same key under another certificate",
      () => signBlocks(unsigned(), { v2: [{ key }], v3: [{ key, certificates: [makeCertificate(key, 2)] }] }),
      "V3_SIG_PAST_SIGNERS_MISMATCH",
    ],
  ];
  for (const [name, bytes, issue] of CASES) {
    it(name, async () => {
      const verdict = await verify(bytes());
      // The newest phones look at v3 alone, and install it: what older ones refuse is said.
      if (verdict.intact) assert.ok(codesOf(verdict).includes("signing/not-everywhere"));
      assert.ok(issuesOf(verdict).includes(issue), issuesOf(verdict).join());
    });
  }
});

describe("a naive reader would be mistaken about", () => {
  it("certificates before the signer's own: the one the signature names is the signer's", async () => {
    const bytes = jar({ block: (parts) => ({ ...parts, enclosed: [other.certificate, third.certificate, key.certificate] }) });
    const verdict = await verify(bytes, { trust: { certificates: [other.certificate] } });
    assert.deepEqual([verdict.intact, verdict.trusted], [true, false]);
    assert.equal(signatureOf(verdict, "v1")?.signer?.name, "KEY");
    assert.equal((await verify(bytes, { trust: { certificates: [key.certificate] } })).trusted, true);
  });

  it("the signer's certificate enclosed twice: it is the signer's once", async () => {
    const verdict = await verify(jar({ block: (parts) => ({ ...parts, enclosed: [key.certificate, key.certificate] }) }));
    assert.deepEqual([verdict.intact, verdict.signatures.length, signatureOf(verdict, "v1")?.signer?.certificates.length], [true, 1, 1]);
  });

  it("a second pair with the same number in the signing block: phones take the first", async () => {
    const signed = signBlocks(unsigned(), { v2: [{ key }], others: [[V2, prefixed(prefixed(Buffer.from("nonsense")))]] });
    assert.equal(signatureOf(await verify(signed), "v2")?.signer?.name, "KEY");
    const hidden = signBlocks(unsigned(), { others: [[V2, prefixed(prefixed(Buffer.from("nonsense")))]] });
    assert.equal((await verify(hidden)).intact, false);
  });

  it("a signature that belongs to no signature file: it is passed over, and said", async () => {
    const entries = signJar(entriesOf(21), { keys: [key] });
    const stray: Entry = { name: "META-INF/STRAY.RSA", data: Buffer.from("not a signature") };
    const verdict = await verify(writeZip([stray, ...entries]));
    assert.equal(verdict.intact, true);
    assert.ok(issuesOf(verdict).includes("JAR_SIG_MISSING_FILE"));
  });

  it("a code file put before the archive (Janus): it is refused", async () => {
    for (const shift of [0, 1]) {
      const dex = Buffer.from("dex\n035\0 this is what an old phone would run");
      const signed = jar({});
      assert.equal((await verify(signed)).intact, true);
      const janus = Buffer.concat([dex, signed]);
      // With offsets that are right again, as the attack had them.
      if (shift === 1) shiftOffsets(janus, dex.length);
      const verdict = await verify(janus);
      assert.deepEqual([verdict.intact, verdict.trusted, codesOf(verdict)], [false, false, [MALFORMED]]);
    }
  });

  it("two entries of one name: it is refused", async () => {
    const entries = signJar(entriesOf(21), { keys: [key] });
    const verdict = await verify(writeZip([...entries, { name: "classes.dex", data: Buffer.from("dex\n035\0 the other one") }]));
    assert.deepEqual([verdict.intact, codesOf(verdict)], [false, [MALFORMED]]);
  });

  it("a manifest that claims two gigabytes: it is refused before it is read", async () => {
    const lie = { plain: 0x7fffffff, method: 8 };
    const entries = signJar(entriesOf(21), { keys: [key] }).map((one) =>
      one.name === "META-INF/MANIFEST.MF" ? { ...one, central: lie, local: lie } : one,
    );
    const verdict = await verify(writeZip(entries));
    assert.deepEqual([verdict.intact, codesOf(verdict)], [false, [MALFORMED]]);
    const android = await verify(readFileSync(join(FIXTURES, "apk/hostile/declares-2-gib.apk")));
    assert.notEqual(android.intact, true);
  });

  it("a manifest too large for anybody: it is refused", async () => {
    const text = `Manifest-Version: 1.0\r\n\r\n${"Comment: x\r\n".repeat(1_500_000)}`;
    const entries = signJar(entriesOf(21), { keys: [key], manifest: () => text });
    const verdict = await verify(writeZip(entries));
    assert.deepEqual([verdict.intact, codesOf(verdict)], [false, [MALFORMED]]);
  });

  it("what names it holds, and how its parts lie: hostile archives are refused", async () => {
    for (const name of [
      "nul-in-name",
      "climbing-entry-name",
      "garbage-after-directory",
      "two-end-records",
      "concatenated",
      "zip64-contradicts",
    ]) {
      const verdict = await verify(readFileSync(join(FIXTURES, `apk/hostile/${name}.apk`)));
      assert.deepEqual([verdict.intact, verdict.trusted, codesOf(verdict)], [false, false, [MALFORMED]], name);
    }
  });

  it("a damaged signing block: what stands on it is gone, and v1 alone decides", async () => {
    const signed = signBlocks(jar({}), { v2: [{ key }] });
    const size = signed.lastIndexOf("APK Sig Block 42") - 8;
    signed.writeUInt32LE(signed.readUInt32LE(size) + 8, size);
    const old = await verify(signed);
    assert.deepEqual([old.intact, old.problems[0]?.code], [true, "signing/ignored"]);
    const protectedToo = signBlocks(jar({ alsoSigned: "2" }), { v2: [{ key }] });
    protectedToo[protectedToo.lastIndexOf("APK Sig Block 42") - 8] = 1;
    assert.ok(issuesOf(await verify(protectedToo)).includes("JAR_SIG_MISSING_APK_SIG_REFERENCED"));
    const alone = v2({});
    alone[alone.lastIndexOf("APK Sig Block 42") - 8] = 1;
    assert.deepEqual([(await verify(alone)).intact, codesOf(await verify(alone))], [false, [MALFORMED]]);
  });
});

function shiftOffsets(zip: Buffer, by: number): void {
  const end = zip.length - 22;
  const directory = zip.readUInt32LE(end + 16) + by;
  zip.writeUInt32LE(directory, end + 16);
  for (let at = directory; at < end; at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32))
    zip.writeUInt32LE(zip.readUInt32LE(at + 42) + by, at + 42);
}

describe("what holds, although it looks odd", () => {
  const accepted: readonly (readonly [name: string, bytes: () => Buffer])[] = [
    ["sections alone decide, without a digest of the whole manifest", () => jar({ sectionsOnly: true })],
    ["an RSA signer beside one on a curve", () => jar({ keys: [key, rsa] })],
    ["schemes that nobody knows are named", () => jar({ alsoSigned: "7, 99" })],
    ["an attribute that nobody knows", () => v2({ attributes: [{ id: 0x12345678, value: Buffer.alloc(0) }] })],
    [
      "v3.1 that takes over where v3 says",
      () => signBlocks(unsigned(28), { v3: [{ ...oldest, attributes: [rotatesFrom(33)] }], v31: [{ key, ...newest }] }),
    ],
    ["a history of three keys", () => v3({ attributes: [lineageOf([third, other, key])] })],
    ["signers for ranges of API levels", () => v3({ ...oldest, range: [28, 32] }, newest)],
  ];
  for (const [name, bytes] of accepted) it(name, async () => assert.equal((await verify(bytes())).intact, true));
});

describe("sets, bundles and v4 are refused with", () => {
  it("an APK of another owner", async () => {
    const verdict = await verify(readSigned("two-owners.apks"), {
      fileName: "a.apks",
      trust: { certificates: [fixtureCertificate("new")] },
    });
    assert.deepEqual([verdict.intact, verdict.trusted], [false, false]);
    assert.ok(verdict.problems.some(({ code, where }) => code === CONTRADICTION && where === "splits/base-arm64_v8a.apk"));
  });

  it("an APK that nobody signed", async () => {
    const verdict = await verify(readSigned("one-unsigned.apks"), { fileName: "a.apks" });
    assert.equal(verdict.intact, false);
    assert.ok(verdict.problems.some(({ code, where }) => code === UNCOVERED && where === "splits/base-arm64_v8a.apk"));
  });

  it("an APK that is none", async () => {
    const set = writeZip([
      { name: "toc.pb", data: Buffer.alloc(0) },
      { name: "base.apk", data: v2({}) },
      { name: "other.apk", data: Buffer.from("PK, not quite") },
    ]);
    const verdict = await verify(set, { fileName: "a.apks" });
    assert.equal(verdict.intact, false);
    assert.ok(verdict.problems.some(({ code, where }) => code === MALFORMED && where === "other.apk"));
  });

  it("no APK at all", async () => {
    const verdict = await verify(writeZip([{ name: "toc.pb", data: Buffer.alloc(0) }]), { fileName: "a.apks" });
    assert.deepEqual([verdict.intact, codesOf(verdict)], [false, [MALFORMED]]);
  });

  it("a file in a bundle that nothing signs", async () => {
    const signed = signJar(entriesOf(21), { keys: [key], leaveOut: ["classes.dex"] });
    const verdict = await verify(writeZip(signed), { fileName: "a.aab" });
    assert.equal(verdict.intact, false);
    assert.ok(codesOf(verdict).includes(UNCOVERED));
  });

  it("no APK beside a v4 signature", async () => {
    const verdict = await verify(readSigned("streamed.apk.idsig"), {
      fileName: "streamed.apk.idsig",
      beside: { "other.apk": readSigned("streamed.apk") },
    });
    assert.deepEqual([verdict.intact, verdict.trusted, codesOf(verdict)], [false, false, ["signing/subject-missing"]]);
  });

  it("another APK beside a v4 signature", async () => {
    const verdict = await verify(readSigned("streamed.apk.idsig"), {
      fileName: "streamed.apk.idsig",
      beside: { "streamed.apk": readSigned("verity.apk") },
    });
    assert.equal(verdict.intact, false);
    assert.ok(issuesOf(verdict).some((name) => name.startsWith("V4_SIG_")));
  });

  it("a v4 signature that is cut short", async () => {
    const idsig = readSigned("streamed.apk.idsig");
    for (const bytes of [0, 3, 60, 700, idsig.length - 1]) {
      const verdict = await verify(idsig.subarray(0, bytes), {
        fileName: "streamed.apk.idsig",
        beside: { "streamed.apk": readSigned("streamed.apk") },
      });
      assert.deepEqual([verdict.intact, codesOf(verdict).includes(MALFORMED)], [false, true]);
    }
  });
});
