// One byte flipped in each region that a signature covers: the signature does not hold any more.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import { writeZip } from "../../../../../fixtures/formats/make/zip-writer.ts";
import { entriesOf } from "../../../../../fixtures/signatures/make/android-unsigned.ts";
import { ALGORITHM, lineageOf, signBlocks, STAMP, u32, V2, V3 } from "../../test-support/android/sign-blocks.ts";
import { signJar } from "../../test-support/android/sign-jar.ts";
import { fixtureCertificate, fixtureKey, makeKey } from "../../test-support/android/test-key.ts";
import { codesOf, readSigned, signatureOf, verify, type VerifyInput } from "../../test-support/android/verify.ts";
import { openApkFile } from "./apk-file.ts";

type Find = (bytes: Buffer) => number | Promise<number>;
/** Region, where a byte of it lies, codes of which one has to be told. */
type Region = readonly [what: string, find: Find, ...codes: readonly string[]];

const DIGEST = "signing/digest-mismatch";
const SIGNATURE = "signing/signature-mismatch";
const MALFORMED = "signing/malformed";
const STRIPPED = "signing/stripped";
const CONTRADICTION = "signing/contradiction";
const UNCOVERED = "signing/uncovered";
const UNSUPPORTED = "signing/unsupported";

/** The n-th place where some bytes are, from their start. */
const at =
  (needle: string | Uint8Array, { nth = 0, plus = 0 }: { readonly nth?: number; readonly plus?: number } = {}): Find =>
  (bytes) => {
    let found = -1;
    for (let count = 0; count <= nth; count += 1) found = bytes.indexOf(needle, found + 1);
    assert.notEqual(found, -1);
    return found + plus;
  };
const layout = async (bytes: Buffer) => openApkFile(memorySource(bytes));
const inDirectory =
  (plus: number): Find =>
  async (bytes) =>
    (await layout(bytes)).directoryOffset + plus;
const inEnd =
  (plus: number): Find =>
  async (bytes) =>
    (await layout(bytes)).endOffset + plus;
/** Modification time, of which no zip reader thinks anything. */
const LOCAL_TIME = 10;
const DIRECTORY_TIME = 12;
/** In the pair of the signing block with this id: the n-th record of an algorithm. The first is the digest's, the second the signature's. */
const inPair =
  (pair: number, algorithm: number, { nth = 0, plus }: { readonly nth?: number; readonly plus: number }): Find =>
  (bytes) => {
    let found = bytes.indexOf(u32(pair), bytes.lastIndexOf("PK\x03\x04"));
    for (let count = 0; count <= nth; count += 1) found = bytes.indexOf(u32(algorithm), found + 1);
    return found + plus;
  };
const digestOf = (pair: number, algorithm: number): Find => inPair(pair, algorithm, { plus: 20 });
const signatureIn = (pair: number, algorithm: number): Find => inPair(pair, algorithm, { nth: 1, plus: 40 });

interface Case {
  readonly name: string;
  readonly bytes: Buffer;
  readonly scheme: string;
  readonly regions: readonly Region[];
  readonly input?: VerifyInput;
}

const jarKey = makeKey("KEY");
const jar = writeZip(signJar(entriesOf(21), { keys: [jarKey], alsoSigned: "" }));
const certificate = fixtureCertificate("new");
const { spki } = fixtureKey("new");
const contents: readonly Region[] = [
  ["an entry's content", at("ELF, so to say"), DIGEST],
  ["a compressed entry's content", at("assets/words.txt", { plus: 30 }), DIGEST],
  ["META-INF", at("example.lantern.Wick"), DIGEST],
  ["a local header", at("PK\x03\x04", { plus: LOCAL_TIME }), DIGEST],
  ["the directory", inDirectory(DIRECTORY_TIME), DIGEST],
  ["the end record", inEnd(20), DIGEST, MALFORMED],
];
const v3Key = { old: makeKey("old"), new: makeKey("new") };
const rotated = signBlocks(writeZip(entriesOf(28)), {
  v3: [{ key: v3Key.new, range: [28, 0x7fffffff], attributes: [lineageOf([v3Key.old, v3Key.new])] }],
});

const CASES: readonly Case[] = [
  {
    name: "v1",
    bytes: jar,
    scheme: "v1",
    regions: [
      ["an entry's content", at("ELF, so to say"), DIGEST],
      ["a compressed entry's content", at("assets/words.txt", { nth: 2, plus: 30 }), DIGEST, MALFORMED],
      ["an entry's name in the manifest", at("Name: classes.dex", { plus: 8 }), DIGEST],
      ["an entry's digest in the manifest", at("SHA-256-Digest: ", { plus: 17 }), DIGEST],
      ["the signature file's main section", at("SHA-256-Digest-Manifest: ", { plus: 26 }), SIGNATURE],
      ["the signature file's version", at("Signature-Version", { plus: 19 }), SIGNATURE],
      ["the schemes it names", at("X-Android-APK-Signed", { plus: 22 }), SIGNATURE],
      ["a section of the signature file", at("Name: classes.dex", { nth: 1, plus: 8 }), SIGNATURE],
      ["the signature", (bytes) => bytes.indexOf("PK\x03\x04", bytes.indexOf(jarKey.certificate)) - 10, SIGNATURE],
      ["the signer's key", at(jarKey.spki, { plus: 50 }), SIGNATURE],
    ],
  },
  {
    name: "v2",
    bytes: readSigned("v2.apk"),
    scheme: "v2",
    regions: [
      ...contents,
      ["the digest", digestOf(V2, ALGORITHM.rsa), SIGNATURE],
      ["the certificate", at(certificate, { plus: 60 }), SIGNATURE],
      ["the signature", signatureIn(V2, ALGORITHM.rsa), SIGNATURE],
      ["the algorithm", inPair(V2, ALGORITHM.rsa, { nth: 1, plus: 0 }), SIGNATURE, UNSUPPORTED],
      ["the public key", at(spki, { nth: 1, plus: 60 }), SIGNATURE, MALFORMED, CONTRADICTION],
      ["the block's name", at("APK Sig Block 42"), STRIPPED, UNCOVERED],
    ],
  },
  {
    name: "v3",
    bytes: rotated,
    scheme: "v3",
    regions: [
      ...contents,
      ["the digest", digestOf(V3, ALGORITHM.ec), SIGNATURE],
      ["the certificate", at(v3Key.new.certificate, { plus: 30 }), SIGNATURE],
      ["the signed API levels", at(u32(28, 0x7fffffff)), SIGNATURE],
      ["the stated API levels", at(u32(28, 0x7fffffff), { nth: 1 }), CONTRADICTION],
      ["the older key's certificate", at(v3Key.old.certificate, { plus: 30 }), SIGNATURE],
      ["what the older key may do", at(u32(0x17)), SIGNATURE],
      ["the public key", at(v3Key.new.spki, { nth: 2, plus: 40 }), SIGNATURE, MALFORMED],
    ],
  },
  {
    name: "verity",
    bytes: readSigned("verity.apk"),
    scheme: "v3",
    regions: [...contents, ["the digest", digestOf(V3, 0x0421), SIGNATURE], ["the signature", signatureIn(V3, 0x0421), SIGNATURE]],
  },
  {
    name: "v4, the signature",
    bytes: readSigned("streamed.apk.idsig"),
    scheme: "v4",
    input: { fileName: "streamed.apk.idsig", beside: { "streamed.apk": readSigned("streamed.apk") } },
    regions: [
      ["the version", () => 0, MALFORMED],
      ["the kind of hash", () => 8, SIGNATURE],
      ["the size of blocks", () => 12, SIGNATURE],
      ["the root of the tree", () => 24, SIGNATURE],
      ["the APK's digest", () => 61, SIGNATURE],
      ["the certificate", at(certificate, { plus: 60 }), SIGNATURE],
      ["the public key", at(spki, { nth: 1, plus: 60 }), SIGNATURE, MALFORMED],
      ["the algorithm", at(u32(0x0103)), SIGNATURE, UNSUPPORTED],
      ["the signature", at(u32(0x0103), { plus: 30 }), SIGNATURE],
      ["the tree", (bytes) => bytes.length - 4096, DIGEST],
    ],
  },
  {
    name: "an app bundle",
    bytes: readSigned("bundle.aab"),
    scheme: "jar",
    input: { fileName: "bundle.aab" },
    regions: [
      ["an entry's content", at("BundleConfig.pb", { plus: 19 }), DIGEST, MALFORMED],
      ["the manifest", at("META-INF/MANIFEST.MF", { plus: 60 }), DIGEST, MALFORMED, UNCOVERED],
      ["the signature file", at("META-INF/UPLOAD.SF", { plus: 60 }), SIGNATURE, MALFORMED],
      ["the signature", (bytes) => bytes.indexOf("PK\x03\x04", bytes.indexOf("META-INF/UPLOAD.RSA")) - 60, SIGNATURE, MALFORMED],
    ],
  },
  {
    name: "a set of APKs",
    bytes: readSigned("splits.apks"),
    scheme: "v2",
    input: { fileName: "splits.apks" },
    regions: [
      ["the base APK", at("ELF, so to say"), DIGEST],
      ["another APK", at("example.lantern.Wick", { nth: 1 }), DIGEST],
    ],
  },
];

for (const { name, bytes, scheme, regions, input } of CASES) {
  describe(`a flipped byte: ${name}`, () => {
    it("in nothing: the signature holds", async () => {
      const verdict = await verify(bytes, input);
      assert.equal(verdict.intact, true, JSON.stringify(verdict));
      assert.equal(signatureOf(verdict, scheme)?.intact, true);
    });

    for (const [what, find, ...codes] of regions) {
      it(`in ${what}`, async () => {
        const damaged = Buffer.from(bytes);
        const place = await find(damaged);
        damaged[place] = (damaged[place] as number) ^ 0x01;
        const verdict = await verify(damaged, input);
        assert.notEqual(verdict.intact, true);
        const found = codesOf(verdict);
        assert.ok(
          codes.some((code) => found.includes(code)),
          `${found.join()} is none of ${codes.join()}`,
        );
      });
    }
  });
}

describe("a flipped byte: the source stamp", () => {
  const bytes = readSigned("stamped.apk");
  const store = fixtureCertificate("store");
  const regions: readonly Region[] = [
    ["the certificate", at(store, { plus: 60 }), CONTRADICTION],
    ["the signature over what v2 signs", inPair(STAMP, 0x0103, { nth: 1, plus: 40 }), SIGNATURE],
    ["the signature over what v3 signs", inPair(STAMP, 0x0103, { nth: 2, plus: 40 }), SIGNATURE],
  ];
  for (const [what, find, ...codes] of regions) {
    it(`in ${what}: the stamp does not hold, the package does`, async () => {
      const damaged = Buffer.from(bytes);
      const place = await find(damaged);
      damaged[place] = (damaged[place] as number) ^ 0x01;
      const verdict = await verify(damaged);
      assert.equal(verdict.intact, true);
      const stamp = signatureOf(verdict, "source-stamp");
      assert.equal(stamp?.intact, false);
      assert.ok(
        stamp?.problems.some(({ code }) => codes.includes(code)),
        JSON.stringify(stamp?.problems),
      );
    });
  }
});

describe("a flipped byte: an APK and the v4 signature beside it", () => {
  it("in the v4 signature: the APK holds without it", async () => {
    const idsig = readSigned("streamed.apk.idsig");
    idsig[30] = (idsig[30] as number) ^ 1;
    const verdict = await verify(readSigned("streamed.apk"), { fileName: "streamed.apk", beside: { "streamed.apk.idsig": idsig } });
    assert.equal(verdict.intact, true);
    assert.equal(signatureOf(verdict, "v4")?.intact, false);
  });

  it("in the APK: neither holds any more", async () => {
    const apk = readSigned("streamed.apk");
    const idsig = readSigned("streamed.apk.idsig");
    apk[apk.indexOf("ELF, so to say")] = 0;
    assert.equal((await verify(apk, { fileName: "streamed.apk", beside: { "streamed.apk.idsig": idsig } })).intact, false);
    const verdict = await verify(idsig, { fileName: "streamed.apk.idsig", beside: { "streamed.apk": apk } });
    assert.equal(verdict.intact, false);
    assert.ok(codesOf(verdict).includes(DIGEST));
  });
});
