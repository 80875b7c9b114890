import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memorySource, sha256 } from "@distd/core";
import { noise } from "../../../../../fixtures/signatures/make/windows-unsigned.ts";
import { writePe } from "../../../../../fixtures/formats/make/pe.ts";
import {
  attribute,
  countersignature,
  testCertificate,
  testSigner,
  timestampToken,
  type TimestampRecipe,
} from "../../../../../fixtures/signatures/make/windows-cms.ts";
import {
  authenticodeMessage,
  catalogue,
  peDigest,
  SIGNED_AT,
  signedNupkg,
  withTable,
} from "../../../../../fixtures/signatures/make/windows-recipes.ts";
import { LATER, readSigned, trusting, verifyBytes, type VerifyOptions } from "../../test-support/windows-signatures.ts";
import { stateOf } from "../../test-support/verdicts.ts";

const PROGRAM = writePe({ sections: { ".text": noise(700, 20) } });
const TIMESTAMP = "1.3.6.1.4.1.311.3.3.1";
const NESTED = "1.3.6.1.4.1.311.2.4.1";
const COUNTERSIGNATURE = "1.2.840.113549.1.9.6";

/** Fixture → what becomes of it under the test root, while the certificates last. */
const HOLDING: Readonly<Record<string, string>> = {
  "exe/signed.exe": "intact trusted",
  "exe/page-hashes.exe": "intact trusted",
  "exe/narrow-sha384.dll": "intact trusted",
  "exe/curve.exe": "intact trusted",
  "exe/lifetime.exe": "intact trusted",
  "exe/pkcs9-timestamp.exe": "intact trusted",
  "exe/sha1-and-sha256.exe": "intact trusted weak-algorithm",
  "exe/short-key.exe": "intact trusted weak-key",
  "exe/without-timestamp.exe": "intact trusted no-timestamp",
  "msi/signed.msi": "intact trusted partial",
  "msi/signed-with-names.msi": "intact trusted",
  "cab/signed.cab": "intact trusted",
  "msix/signed.msix": "intact trusted",
  "msix/signed.msixbundle": "intact trusted",
  "nupkg/author.nupkg": "intact trusted",
  "nupkg/repository.nupkg": "intact trusted",
  "nupkg/author-and-repository.nupkg": "intact trusted",
  "nupkg/signature-first.nupkg": "intact trusted",
  "exe/for-a-server.exe": "intact wrong-purpose",
  "exe/stranger.exe": "intact no-timestamp unknown-signer",
  "msix/another-publisher.msix": "contradiction no-timestamp unknown-signer",
};

describe("fixtures signed by osslsigncode, or by hand where it cannot", () => {
  for (const [path, state] of Object.entries(HOLDING))
    it(path, async () => assert.equal(stateOf(await verifyBytes(path, readSigned(path))), state));

  it("say who, when, with what, until when", async () => {
    const { signatures } = await verifyBytes("signed.exe", readSigned("exe/signed.exe"));
    const [one] = signatures;
    assert.equal(one?.signer?.name, "Test Signer, everybody has its key");
    assert.equal(one?.signer?.certificates.length, 3);
    assert.equal(one?.signer?.validUntil, "2027-01-01T00:00:00Z");
    assert.equal(one?.signer?.key, "rsa-2048");
    assert.equal(one?.algorithm, "rsa-sha256");
    assert.equal(one?.signedAt, "2025-06-01T12:00:00Z");
    assert.equal(one?.timestampedBy, "Test Timestamps");
  });

  it("say each of several signatures", async () => {
    const { signatures } = await verifyBytes("a.exe", readSigned("exe/sha1-and-sha256.exe"));
    assert.deepEqual(
      signatures.map(({ algorithm, details }) => [algorithm, details?.["nested"] ?? false]),
      [
        ["rsa-sha1", false],
        ["rsa-sha256", true],
      ],
    );
    const nupkg = await verifyBytes("a.nupkg", readSigned("nupkg/author-and-repository.nupkg"));
    assert.deepEqual(
      nupkg.signatures.map(({ details, signer }) => [details?.["role"], signer?.name]),
      [
        ["author", "Test Signer, everybody has its key"],
        ["repository", "Test Repository"],
      ],
    );
  });

  it("have page hashes that are named", async () => {
    const { signatures } = await verifyBytes("a.exe", readSigned("exe/page-hashes.exe"));
    assert.equal(signatures[0]?.details?.["pageHashes"], "sha256");
  });
});

describe("trust", () => {
  const stamped = readSigned("exe/signed.exe");
  const plain = readSigned("exe/without-timestamp.exe");
  const cases: readonly (readonly [name: string, bytes: Buffer, options: VerifyOptions, state: string])[] = [
    ["nobody is trusted unless the caller says so", stamped, { trust: trusting() }, "intact chain-incomplete timestamp-untrusted"],
    ["the signer's own certificate is enough", plain, { trust: trusting("signer") }, "intact trusted no-timestamp"],
    ["another root is not", plain, { trust: trusting("stranger") }, "intact chain-incomplete no-timestamp"],
    ["a certificate that ended, without a timestamp", plain, { now: LATER }, "intact expired no-timestamp"],
    ["a certificate that ended after the timestamp", stamped, { now: LATER }, "intact trusted"],
    ["lifetime signing ends with the certificate", readSigned("exe/lifetime.exe"), { now: LATER }, "intact expired"],
    [
      "a timestamp that nobody vouches for does not help",
      stamped,
      { now: LATER, trust: trusting("authority") },
      "intact expired timestamp-untrusted",
    ],
    ["a certificate that has not begun", plain, { now: new Date("2021-01-01T00:00:00Z") }, "intact no-timestamp not-yet-valid"],
    ["the PKCS #9 timestamp counts as the other", readSigned("exe/pkcs9-timestamp.exe"), { now: LATER }, "intact trusted"],
    ["a program of a web server's certificate", readSigned("exe/for-a-server.exe"), { now: LATER }, "intact wrong-purpose"],
    [
      "a revoked signer",
      plain,
      { trust: { ...trusting("root"), revoked: new Set([sha256(testCertificate("signer"))]) } },
      "intact no-timestamp revoked",
    ],
    [
      "a revoked authority",
      plain,
      { trust: { ...trusting("root"), revoked: new Set([sha256(testCertificate("authority"))]) } },
      "intact no-timestamp revoked",
    ],
    [
      "a revoked timestamp authority",
      stamped,
      { now: LATER, trust: { ...trusting("root"), revoked: new Set([sha256(testCertificate("time"))]) } },
      "intact expired timestamp-untrusted",
    ],
  ];
  for (const [name, bytes, options, state] of cases)
    it(name, async () => assert.equal(stateOf(await verifyBytes("a.exe", bytes, options)), state));

  it("says no time that is not believed", async () => {
    const { signatures } = await verifyBytes("a.exe", stamped, { trust: trusting("authority") });
    assert.equal(signatures[0]?.signedAt, undefined);
    assert.deepEqual(signatures[0]?.details?.["timestamps"], [
      { form: "rfc3161", time: "2025-06-01T12:00:00Z", by: "Test Timestamps", trusted: false },
    ]);
  });
});

describe("timestamps", () => {
  const time = testSigner("time");
  const state = async (type: string, value: (signature: Buffer) => Buffer, enclosed = ["time"]): Promise<string> => {
    const unsigned = (signature: Buffer): readonly Buffer[] => [attribute(type, value(signature))];
    const message = authenticodeMessage(peDigest(PROGRAM), { unsigned }, enclosed);
    return stateOf(await verifyBytes("a.exe", withTable(PROGRAM, [message]), { now: LATER }));
  };
  const token = (changes: Partial<TimestampRecipe>) => (signature: Buffer) =>
    timestampToken({ by: time, time: SIGNED_AT, over: signature, ...changes });
  const counter = (changes: Partial<TimestampRecipe>) => (signature: Buffer) =>
    countersignature({ by: time, time: SIGNED_AT, over: signature, ...changes });
  const other = Buffer.from("another signature");

  it("hold in both forms", async () => {
    assert.equal(await state(TIMESTAMP, token({})), "intact trusted");
    assert.equal(await state(COUNTERSIGNATURE, counter({})), "intact trusted");
  });
  it("of another signature do not", async () => {
    assert.equal(await state(TIMESTAMP, token({ over: other })), "intact expired timestamp-mismatch");
    assert.equal(await state(COUNTERSIGNATURE, counter({ over: other })), "intact expired timestamp-mismatch");
  });
  it("by a certificate that is for something else are not believed", async () => {
    const by = testSigner("signer");
    assert.equal(await state(TIMESTAMP, token({ by })), "intact expired timestamp-untrusted");
    assert.equal(await state(COUNTERSIGNATURE, counter({ by })), "intact expired timestamp-untrusted");
  });
  it("by a stranger are not believed", async () => {
    const by = testSigner("stranger");
    assert.equal(await state(TIMESTAMP, token({ by })), "intact expired timestamp-untrusted");
    assert.equal(await state(COUNTERSIGNATURE, counter({ by }), ["stranger"]), "intact expired timestamp-untrusted");
  });
  it("that name another certificate do not hold", async () => {
    assert.equal(await state(TIMESTAMP, token({ names: testCertificate("root") })), "intact expired timestamp-mismatch");
  });
  it("before the certificate began do not help", async () => {
    assert.equal(await state(TIMESTAMP, token({ time: new Date("2023-01-01T00:00:00Z") })), "intact not-yet-valid");
  });
  it("after the certificate ended do not help", async () => {
    assert.equal(await state(TIMESTAMP, token({ time: new Date("2028-01-01T00:00:00Z") })), "intact expired");
  });
  it("whose certificate is not enclosed do not hold", async () => {
    assert.equal(await state(COUNTERSIGNATURE, counter({}), []), "intact expired timestamp-mismatch");
  });
  it("that are no message do not hold", async () => {
    assert.equal(await state(TIMESTAMP, () => Buffer.from([0x04, 1, 0])), "intact expired timestamp-mismatch");
    assert.equal(await state(COUNTERSIGNATURE, () => Buffer.from([0x30, 0])), "intact expired timestamp-mismatch");
  });
});

describe("programs", () => {
  const good = authenticodeMessage(peDigest(PROGRAM));
  const state = async (bytes: Buffer): Promise<string> => stateOf(await verifyBytes("a.exe", bytes));
  const cases: readonly (readonly [name: string, bytes: () => Buffer, state: string])[] = [
    ["without a table", () => PROGRAM, "unsigned"],
    ["with a message", () => withTable(PROGRAM, [good]), "intact trusted no-timestamp"],
    ["with the same message twice", () => withTable(PROGRAM, [good, good]), "intact trusted no-timestamp"],
    ["with zeros behind the message", () => withTable(PROGRAM, [good], Buffer.alloc(24)), "intact trusted no-timestamp"],
    ["with a text behind the message", () => withTable(PROGRAM, [good], Buffer.from("hidden")), "no-timestamp uncovered"],
    ["with a message of another program", () => withTable(PROGRAM, [good, messageOf(other)]), "digest-mismatch no-timestamp"],
    ["with bytes behind the table", () => Buffer.concat([withTable(PROGRAM, [good]), Buffer.from("appended")]), "no-timestamp uncovered"],
    [
      "signed twice, and trusted once",
      () => withTable(PROGRAM, [messageOf(PROGRAM, "stranger"), good]),
      "intact trusted no-timestamp unknown-signer",
    ],
    ["with a message that is none", () => withTable(PROGRAM, [Buffer.from("no message")]), "malformed"],
    ["with a nested message of another program", () => withTable(PROGRAM, [nesting(messageOf(other))]), "digest-mismatch no-timestamp"],
    ["with a nested message that is none", () => withTable(PROGRAM, [nesting(Buffer.from([0x30, 0]))]), "malformed no-timestamp"],
    ["signed with a key that is not the certificate's", () => withTable(PROGRAM, [wrongKey()]), "no-timestamp signature-mismatch"],
    ["whose signer's certificate is missing", () => withTable(PROGRAM, [withoutCertificate()]), "malformed"],
    ["with a table that reaches beyond the end", () => withTable(PROGRAM, [good]).subarray(0, -8), "malformed"],
    ["with an empty table", () => emptied(withTable(PROGRAM, [good])), "malformed"],
    ["with an entry of another kind", () => ofKind(withTable(PROGRAM, [good]), 0xef1), "unsupported"],
    ["signed with a hash that is not known here", () => withTable(PROGRAM, [withSha3(good)]), "unsupported"],
    ["with an entry too long", () => entryLength(0xffffff), "malformed"],
    ["with an entry too short", () => entryLength(4), "malformed"],
    ["cut short", () => withTable(PROGRAM, [good]).subarray(0, 100), "malformed"],
    ["that is none", () => Buffer.from("no program"), "malformed"],
  ];
  const other = writePe({ sections: { ".text": noise(700, 21) } });
  const messageOf = (program: Buffer, name = "signer"): Buffer => authenticodeMessage(peDigest(program), { by: testSigner(name) });
  const nesting = (message: Buffer): Buffer => authenticodeMessage(peDigest(PROGRAM), { unsigned: () => [attribute(NESTED, message)] });
  const wrongKey = (): Buffer =>
    authenticodeMessage(peDigest(PROGRAM), { by: { certificate: testCertificate("signer"), key: testSigner("stranger").key } });
  /** The issuer in the message is another than that of every certificate. */
  const withoutCertificate = (): Buffer => {
    const message = Buffer.from(good);
    message.write("W0rks", message.lastIndexOf("Works"), "latin1");
    return message;
  };
  /** SHA3-256 wherever SHA-256 stands. */
  const withSha3 = (message: Buffer): Buffer =>
    Buffer.from(message.toString("hex").replaceAll("0609608648016503040201", "0609608648016503040208"), "hex");
  const tableAt = Math.ceil(PROGRAM.length / 8) * 8;
  const emptied = (bytes: Buffer): Buffer =>
    bytes
      .fill(0, tableAt)
      .fill(8, tableAt, tableAt + 1)
      .fill(2, tableAt + 5, tableAt + 7);
  const ofKind = (bytes: Buffer, kind: number): Buffer => {
    bytes.writeUInt16LE(kind, tableAt + 6);
    return bytes;
  };
  const entryLength = (length: number): Buffer => {
    const bytes = withTable(PROGRAM, [good]);
    bytes.writeUInt32LE(length, tableAt);
    return bytes;
  };
  for (const [name, bytes, expected] of cases) it(name, async () => assert.equal(await state(bytes()), expected));

  it("say that an unsigned attribute is of an unknown kind", async () => {
    const unsigned = (): readonly Buffer[] => [attribute("1.3.6.1.4.1.99999.2", Buffer.from([4, 1, 0]))];
    assert.equal(
      await state(withTable(PROGRAM, [authenticodeMessage(peDigest(PROGRAM), { unsigned })])),
      "intact trusted ignored no-timestamp",
    );
  });

  it("say how often a message repeats", async () => {
    const { signatures } = await verifyBytes("a.exe", withTable(PROGRAM, [good, good]));
    assert.deepEqual(
      signatures.map(({ details }) => details?.["repeatedEntries"]),
      [1],
    );
  });
});

describe("NuGet packages", () => {
  const state = async (bytes: Buffer): Promise<string> => stateOf(await verifyBytes("a.nupkg", bytes));
  it("without a timestamp", async () => assert.equal(await state(signedNupkg({ stamped: false })), "intact trusted no-timestamp"));
  it("that name another certificate", async () =>
    assert.equal(await state(signedNupkg({ names: testCertificate("root") })), "contradiction"));
  it("that state another version", async () =>
    assert.equal(await state(signedNupkg({ properties: (hash) => `Version:2\n\n2.16.840.1.101.3.4.2.1-Hash:${hash}\n\n` })), "malformed"));
  it("that state no hash", async () => assert.equal(await state(signedNupkg({ properties: () => "Version:1\n\n" })), "malformed"));
  it("that state a hash of an unknown algorithm", async () =>
    assert.equal(await state(signedNupkg({ properties: (hash) => `Version:1\n\n1.2.3-Hash:${hash}\n\n` })), "malformed"));
  it("that state another hash", async () =>
    assert.equal(
      await state(signedNupkg({ properties: () => `Version:1\n\n2.16.840.1.101.3.4.2.1-Hash:${Buffer.alloc(32).toString("base64")}\n\n` })),
      "digest-mismatch",
    ));
});

describe("catalogues", () => {
  const program = readSigned("catalogue/unsigned.exe");
  const state = async (file: Buffer, name = "unsigned.exe", bytes = program): Promise<string> =>
    stateOf(await verifyBytes(name, bytes, { beside: new Map([["files.cat", memorySource(file)]]) }));
  const listed = readSigned("catalogue/files.cat");

  it("sign what they list", async () => assert.equal(await state(listed), "intact trusted"));
  it("sign it under another name too", async () => assert.equal(await state(listed, "renamed.exe"), "intact trusted"));
  it("say nothing of what they do not list", async () =>
    assert.equal(await state(catalogue([{ digest: Buffer.alloc(32, 1) }])), "unsigned"));
  it("contradict a file they name with another digest", async () =>
    assert.equal(await state(catalogue([{ digest: Buffer.alloc(32, 1), file: "Unsigned.EXE" }])), "digest-mismatch"));
  it("do not hold when changed", async () => {
    const bytes = Buffer.from(listed);
    bytes[bytes.indexOf("a list")] = 0x62;
    assert.equal(await state(bytes), "digest-mismatch");
  });
  it("that are none are said", async () => assert.equal(await state(Buffer.from("no catalogue")), "malformed"));
  it("list other files by their whole content", async () => {
    const msi = readSigned("msi/signed-with-names.msi");
    const digest = Buffer.from(sha256(msi), "hex");
    assert.equal(await state(catalogue([{ digest }]), "a.msi", msi), "intact trusted");
    assert.equal(await state(catalogue([{ digest, file: "a.msi" }]), "a.msi", Buffer.concat([msi, Buffer.alloc(1)])), "digest-mismatch");
  });
  it("do not mend a signature that is broken", async () => {
    const bytes = withTable(PROGRAM, [authenticodeMessage(Buffer.alloc(32))]);
    assert.equal(await state(catalogue([{ digest: peDigest(PROGRAM) }]), "a.exe", bytes), "digest-mismatch no-timestamp");
  });
});

describe("fixtures", () => {
  it("are those that hold", () => {
    const rows = readSigned("MANIFEST.tsv").toString().trim().split("\n").slice(1);
    const signed = rows.map((row) => row.split("\t")[0] ?? "").filter((file) => !/^(?:keys|catalogue)\//.test(file));
    assert.deepEqual(signed.toSorted(), Object.keys(HOLDING).toSorted());
  });
});
