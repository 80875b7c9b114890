import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { AT, createSigstore, ISSUER, type Json, SUBJECT } from "../../../../../fixtures/signatures/make/sigstore-authority.ts";
import { REPOSITORY } from "../../test-support/fixtures.ts";
import { damage, damages } from "../../test-support/fuzz/damage.ts";
import { watch } from "../../test-support/watching-source.ts";
import { flipped, stateOf } from "../../test-support/verdicts.ts";
import { verifyArtifact } from "../index.ts";
import type { Verdict } from "../verdict.ts";
import { isSignedDigest } from "./signed-digest.ts";
import { parseStatement } from "./statement.ts";
import { isIdentity, readSigstoreTrust } from "./trust.ts";

const FOLDER = join(REPOSITORY, "fixtures/signatures/sigstore");
const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 60);
const NOW = new Date("2026-06-01");
const file = (name: string): Buffer => readFileSync(join(FOLDER, name));
const notes = file("notes.txt");
const pem = (name: string): string => file(`keys/${name}.pub`).toString("latin1");
const bytes = (value: Json | Uint8Array): Uint8Array => (value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value)));
const hex = (name: string): string => createHash(name).update(notes).digest("hex");

const authority = createSigstore();
const ROOT = JSON.stringify(authority.trustedRoot);
const STRANGER = JSON.stringify(createSigstore().trustedRoot);
const identities = (...list: readonly { subject: string; issuer: string }[]): string => JSON.stringify({ sigstoreIdentities: list });
const IDENTITY = identities({ subject: SUBJECT, issuer: ISSUER });
const TRUSTED = [ROOT, IDENTITY];
const STATEMENT = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [
    { name: "other.txt", digest: { sha256: "0".repeat(64) } },
    { name: "notes.txt", digest: { sha256: hex("sha256"), sha512: hex("sha512"), gitCommit: "0" } },
  ],
  predicateType: "https://slsa.dev/provenance/v1",
  predicate: {},
};
const [SIGNED, ATTESTED] = [authority.sign(notes), authority.attest(STATEMENT)];

interface Asked {
  readonly keys?: readonly string[];
  readonly content?: Uint8Array;
  readonly now?: Date;
  readonly name?: string;
  readonly revoked?: readonly string[];
  readonly beside?: Readonly<Record<string, Uint8Array>>;
}

function verify(
  bundle: Json | Uint8Array,
  { keys = TRUSTED, content = notes, now = NOW, name = "notes.txt.sigstore.json", revoked = [], beside = {} }: Asked = {},
): Promise<Verdict> {
  return verifyArtifact(memorySource(content), {
    format: "file",
    fileName: "notes.txt",
    now,
    trust: { certificates: [], keys, revoked: new Set(revoked) },
    beside: new Map(Object.entries({ [name]: bytes(bundle), ...beside }).map(([own, value]) => [own, memorySource(value)])),
  });
}
const state = async (bundle: Json | Uint8Array, asked?: Asked): Promise<string> => stateOf(await verify(bundle, asked));
function changed(bundle: Json, change: (own: Json) => void): Json {
  const own = structuredClone(bundle);
  change(own);
  return own;
}
const entryOf = (own: Json): Json => own["verificationMaterial"].tlogEntries[0] as Json;
const flippedText = (base64: string, at: number): string => flipped(Buffer.from(base64, "base64"), at).toString("base64");

/** A bundle by a key that stands elsewhere, as cosign writes it. */
function keyed(key: KeyObject, hash: "sha256" | "sha384" | "sha512" | null = "sha256"): Json {
  const digest = hash ?? "sha256";
  return {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: { publicKey: { hint: "" }, tlogEntries: [] },
    messageSignature: {
      messageDigest: { algorithm: digest.replace("sha", "SHA2_"), digest: createHash(digest).update(notes).digest("base64") },
      signature: sign(hash, notes, key).toString("base64"),
    },
  };
}
const publicPem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const [P384, RSA, ED25519] = [
  generateKeyPairSync("ec", { namedCurve: "P-384" }),
  generateKeyPairSync("rsa", { modulusLength: 2048 }),
  generateKeyPairSync("ed25519"),
];

/** cosign's older file, of a bundle of ours. */
function oldForm(bundle: Json): Json {
  const entry = entryOf(bundle);
  const certificate = bundle["verificationMaterial"].certificate.rawBytes as string;
  const text = `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`;
  return {
    base64Signature: bundle["messageSignature"].signature,
    cert: Buffer.from(text).toString("base64"),
    rekorBundle: {
      SignedEntryTimestamp: entry["inclusionPromise"].signedEntryTimestamp,
      Payload: {
        body: entry["canonicalizedBody"],
        integratedTime: Number(entry["integratedTime"]),
        logIndex: Number(entry["logIndex"]),
        logID: Buffer.from(entry["logId"].keyId as string, "base64").toString("hex"),
      },
    },
  };
}

const HELD: Readonly<Record<string, readonly [wanted: string, bundle: () => Json | Uint8Array, asked?: Asked]>> = {
  "a certificate, a log": ["intact trusted", () => SIGNED],
  "a statement": ["intact trusted", () => ATTESTED],
  "a statement that has another digest alone": [
    "intact trusted",
    () => authority.attest({ ...STATEMENT, subject: [{ digest: { sha512: hex("sha512").toUpperCase() } }] }),
  ],
  "a promise without a proof: the older bundle": [
    "intact trusted",
    () =>
      changed(authority.sign(notes, { withoutProof: true }), (own) => {
        own["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.1";
        const material = own["verificationMaterial"] as Json;
        material["x509CertificateChain"] = { certificates: [material["certificate"]] };
        delete material["certificate"];
      }),
  ],
  "under the shorter name": ["intact trusted", () => SIGNED, { name: "notes.txt.sigstore" }],
  "cosign's name": ["intact trusted", () => SIGNED, { name: "notes.txt.bundle" }],
  "cosign's older file": ["intact trusted", () => oldForm(SIGNED), { name: "notes.txt.bundle" }],
  "two roots, one of which stands for it": ["intact trusted", () => SIGNED, { keys: [STRANGER, ...TRUSTED] }],
  "an identity up to a star": [
    "intact trusted",
    () => SIGNED,
    { keys: [ROOT, identities({ subject: "https://github.com/acme/lantern/.github/workflows/release.yml@refs/tags/*", issuer: ISSUER })] },
  ],
  "a key, by cosign": ["intact trusted no-timestamp", () => file("notes.txt.test.sigstore"), { keys: [pem("stranger"), pem("test")] }],
  "a statement by a key, by cosign": ["intact trusted no-timestamp", () => file("notes.txt.statement.sigstore"), { keys: [pem("test")] }],
  "a longer curve": ["intact trusted no-timestamp", () => keyed(P384.privateKey, "sha384"), { keys: [publicPem(P384.publicKey)] }],
  "a longer curve over a shorter digest": [
    "intact trusted no-timestamp",
    () => keyed(P384.privateKey),
    { keys: [publicPem(P384.publicKey)] },
  ],
  "an RSA key": ["intact trusted no-timestamp", () => keyed(RSA.privateKey, "sha512"), { keys: [publicPem(RSA.publicKey)] }],
  "an Ed25519 key": ["intact trusted no-timestamp", () => keyed(ED25519.privateKey, null), { keys: [publicPem(ED25519.publicKey)] }],
};

describe("a bundle", () => {
  for (const [name, [wanted, bundle, asked]] of Object.entries(HELD))
    it(`${name}: ${wanted}`, async () => assert.equal(await state(bundle(), asked), wanted));

  it("says who, by whose word, when and by which log", async () => {
    const { signatures } = await verify(ATTESTED);
    const [{ signer, signedAt, timestampedBy, algorithm, details } = {}] = signatures;
    assert.deepEqual(
      [signer?.name, details?.["issuer"], signedAt, timestampedBy],
      [SUBJECT, ISSUER, "2026-01-01T00:00:00Z", "https://rekor.test"],
    );
    assert.deepEqual([algorithm, details?.["predicateType"]], ["ecdsa-p256-sha256", STATEMENT.predicateType]);
  });

  it("names whom the certificate is for where a root stands for it, else the certificate alone: anybody writes what he likes into his own", async () => {
    const [vouched, claimed] = [await verify(SIGNED), await verify(SIGNED, { keys: [STRANGER, IDENTITY] })].map(
      ({ signatures }) => signatures[0]?.signer,
    );
    assert.deepEqual([vouched?.keyId, vouched?.certificates.length], [`${SUBJECT} ${ISSUER}`, 0]);
    assert.deepEqual([claimed?.keyId, claimed?.certificates[0]?.sha256], [undefined, fingerprintOf(SIGNED)]);
  });

  it("has the file read once", async () => {
    const watched = watch(memorySource(notes));
    const beside = new Map([
      ["notes.txt.sigstore.json", memorySource(bytes(SIGNED))],
      ["notes.txt.sigstore", memorySource(bytes(ATTESTED))],
    ]);
    const trust = { certificates: [], keys: TRUSTED, revoked: new Set<string>() };
    const verdict = await verifyArtifact(watched, { format: "file", fileName: "notes.txt", now: NOW, trust, beside });
    assert.deepEqual([stateOf(verdict), watched.bytesRead], ["intact trusted", notes.length]);
  });

  it("stands for a list of digests too", async () => {
    const list = Buffer.from(`${hex("sha256")}  notes.txt\n`);
    const beside = { SHA256SUMS: list, "SHA256SUMS.sigstore.json": bytes(authority.sign(list)) };
    const verdict = await verify(Buffer.from("x"), { beside, name: "unrelated" });
    assert.deepEqual([stateOf(verdict), verdict.signatures[0]?.scheme], ["intact trusted", "sigstore"]);
    assert.equal(await state(Buffer.from("x"), { beside, name: "unrelated", content: Buffer.from("y") }), "digest-mismatch");
  });
});

/** What is given → the verdict. `unsigned`: neither answer. */
const REFUSED: Readonly<Record<string, readonly [wanted: string, bundle: () => Json | Uint8Array, asked?: Asked]>> = {
  "no root": ["intact unknown-signer", () => SIGNED, { keys: [IDENTITY] }],
  "nothing trusted": ["intact unknown-signer", () => SIGNED, { keys: [] }],
  "another root": ["intact unknown-signer", () => SIGNED, { keys: [STRANGER, IDENTITY] }],
  "a root that is none": ["intact unknown-signer", () => SIGNED, { keys: [ROOT.replace('"tlogs":[{', '"tlogs":[7,{'), IDENTITY] }],
  "a root that does not say since when its logs count": [
    "intact unknown-signer",
    () => SIGNED,
    { keys: [ROOT.replaceAll('"start"', '"begin"'), IDENTITY] },
  ],
  "a root, and nobody named": ["intact unknown-signer", () => SIGNED, { keys: [ROOT] }],
  "everybody named": ["intact unknown-signer", () => SIGNED, { keys: [ROOT, identities({ subject: "*", issuer: ISSUER })] }],
  "another subject": ["intact unknown-signer", () => SIGNED, { keys: [ROOT, identities({ subject: `${SUBJECT}.1`, issuer: ISSUER })] }],
  "the start of the subject": [
    "intact unknown-signer",
    () => SIGNED,
    { keys: [ROOT, identities({ subject: SUBJECT.slice(0, -3), issuer: ISSUER })] },
  ],
  "another issuer": [
    "intact unknown-signer",
    () => SIGNED,
    { keys: [ROOT, identities({ subject: SUBJECT, issuer: "https://example.com" })] },
  ],
  "a subject like it by another issuer": ["intact unknown-signer", () => authority.sign(notes, { issuer: "https://accounts.example.com" })],
  "another file": ["digest-mismatch", () => SIGNED, { content: notes.subarray(1) }],
  "another file, nothing trusted": ["digest-mismatch", () => SIGNED, { content: notes.subarray(1), keys: [] }],
  "another file under its digest": [
    "signature-mismatch",
    () => changed(SIGNED, (own) => (own["messageSignature"].messageDigest.digest = createHash("sha256").update("x").digest("base64"))),
    { content: Buffer.from("x") },
  ],
  "a statement of other files": ["digest-mismatch", () => authority.attest({ ...STATEMENT, subject: STATEMENT.subject.slice(0, 1) })],
  "a statement of no file": ["digest-mismatch", () => authority.attest({ ...STATEMENT, subject: [] })],
  "a statement with one of two digests right": [
    "digest-mismatch",
    () => authority.attest({ ...STATEMENT, subject: [{ digest: { sha256: hex("sha256"), sha512: "0".repeat(128) } }] }),
  ],
  "a statement with digests that are not known": [
    "digest-mismatch",
    () => authority.attest({ ...STATEMENT, subject: [{ digest: { md5: hex("md5") } }] }),
  ],
  "a statement that is none": ["malformed", () => authority.attest({ subject: [] })],
  "an envelope of something else": ["unsupported", () => changed(ATTESTED, (own) => (own["dsseEnvelope"].payloadType = "text/plain"))],
  "two signatures in an envelope": [
    "malformed",
    () => changed(ATTESTED, (own) => own["dsseEnvelope"].signatures.push(own["dsseEnvelope"].signatures[0])),
  ],
  "the log has another digest": ["contradiction", () => authority.sign(notes, { logged: { digest: "0".repeat(64) } })],
  "the log has another signature": ["contradiction", () => authority.sign(notes, { logged: { signature: "MEUCIQ==" } })],
  "the log has another statement": ["contradiction", () => authority.attest(STATEMENT, { logged: { digest: "0".repeat(64) } })],
  "the entry of another bundle": ["contradiction", () => withEntryOf(SIGNED, authority.sign(Buffer.from("x")))],
  "the entry of another log": ["intact log-mismatch", () => withEntryOf(SIGNED, createSigstore().sign(notes))],
  "no entry of a log": ["intact timestamp-mismatch", () => changed(SIGNED, (own) => (own["verificationMaterial"].tlogEntries = []))],
  "no proof that the log has it": ["malformed", () => authority.sign(notes, { withoutProof: true })],
  "no promise, and so no time": ["intact timestamp-mismatch", () => authority.sign(notes, { withoutPromise: true })],
  "no promise of a log of certificates": ["intact unknown-signer", () => authority.sign(notes, { withoutCertificateLog: true })],
  "signed before its certificate": ["intact expired", () => authority.sign(notes, { certificateFrom: new Date(AT.getTime() + 60_000) })],
  "signed after its certificate": ["intact expired", () => authority.sign(notes, { certificateFrom: new Date(AT.getTime() - 3_600_000) })],
  "from the future": ["intact not-yet-valid", () => SIGNED, { now: new Date("2025-12-01") }],
  "a certificate for something else": ["intact wrong-purpose", () => authority.sign(notes, { purpose: "1.3.6.1.5.5.7.3.1" })],
  "a certificate that is trusted no more": ["intact revoked", () => SIGNED, { revoked: [fingerprintOf(SIGNED)] }],
  "the certificate of another": [
    "signature-mismatch",
    () => changed(SIGNED, (own) => (own["verificationMaterial"].certificate = authority.sign(notes)["verificationMaterial"].certificate)),
  ],
  "no certificate": ["malformed", () => changed(SIGNED, (own) => delete own["verificationMaterial"].certificate)],
  "a certificate that is none": ["malformed", () => changed(SIGNED, (own) => (own["verificationMaterial"].certificate.rawBytes = "AAAA"))],
  "a digest of another kind": [
    "unsupported",
    () => changed(SIGNED, (own) => (own["messageSignature"].messageDigest.algorithm = "SHA3_256")),
  ],
  "a version that is not known": [
    "unsupported",
    () => changed(SIGNED, (own) => (own["mediaType"] = own["mediaType"].replace("v0.3", "v0.9"))),
  ],
  "a kind of entry that is not known": [
    "malformed contradiction",
    () => changed(SIGNED, (own) => (entryOf(own)["kindVersion"].kind = "helm")),
  ],
  "no JSON": ["malformed", () => Buffer.from("signed")],
  nothing: ["malformed", () => Buffer.alloc(0)],
  "JSON of something else": ["malformed", () => ({ a: 1 })],
  "something else under cosign's name": ["unsigned", () => Buffer.from("# v2 git bundle\n"), { name: "notes.txt.bundle" }],
  "cosign's older file, of another file": [
    "digest-mismatch",
    () => oldForm(SIGNED),
    { name: "notes.txt.bundle", content: Buffer.from("x") },
  ],
  "cosign's older file without a log": [
    "unsupported",
    () => ({ base64Signature: SIGNED["messageSignature"].signature }),
    { name: "notes.txt.bundle" },
  ],
  "cosign's older file with another promise": [
    "intact log-mismatch",
    () => changed(oldForm(SIGNED), (own) => (own["rekorBundle"].Payload.integratedTime += 1)),
    { name: "notes.txt.bundle" },
  ],
  "a key that was not given": ["unsigned", () => file("notes.txt.test.sigstore")],
  "another key": ["unsigned", () => file("notes.txt.test.sigstore"), { keys: [pem("stranger")] }],
  "another key's signature": ["unsigned", () => file("notes.txt.stranger.sigstore"), { keys: [pem("test")] }],
  "a key, and another signature": [
    "signature-mismatch",
    () =>
      changed(
        JSON.parse(file("notes.txt.test.sigstore").toString()) as Json,
        (own) => (own["messageSignature"].signature = flippedText(own["messageSignature"].signature as string, 20)),
      ),
    { keys: [pem("test")] },
  ],
  "a key, and another file": ["digest-mismatch", () => file("notes.txt.test.sigstore"), { keys: [pem("test")], content: Buffer.from("x") }],
  "a key, and a statement of another file": [
    "digest-mismatch",
    () => file("notes.txt.statement.sigstore"),
    { keys: [pem("test")], content: Buffer.from("x") },
  ],
  "an Ed25519 key, and a statement by another": [
    "unsigned",
    () => file("notes.txt.statement.sigstore"),
    { keys: [publicPem(ED25519.publicKey)] },
  ],
  "one good bundle and one over another file": [
    "digest-mismatch",
    () => SIGNED,
    { beside: { "notes.txt.sigstore": bytes(authority.sign(Buffer.from("x"))) } },
  ],
  "one good bundle and one that cannot be read": ["malformed", () => SIGNED, { beside: { "notes.txt.sigstore": Buffer.from("{") } }],
};

function withEntryOf(own: Json, other: Json): Json {
  return changed(own, (bundle) => (bundle["verificationMaterial"].tlogEntries = other["verificationMaterial"].tlogEntries));
}

function fingerprintOf(bundle: Json): string {
  return createHash("sha256")
    .update(Buffer.from(bundle["verificationMaterial"].certificate.rawBytes as string, "base64"))
    .digest("hex");
}

describe("what is not trusted", () => {
  for (const [name, [wanted, bundle, asked]] of Object.entries(REFUSED))
    it(`${name}: ${wanted}`, async () => {
      const verdict = await verify(bundle(), asked);
      const found = stateOf(verdict);
      assert.ok(found === wanted || (!wanted.startsWith("intact") && wanted.split(" ").includes(found)), found);
      assert.notEqual(verdict.trusted, true);
    });

  it("a bundle that is too long", async () => {
    assert.equal(await state(Buffer.alloc(9 * 1024 * 1024, " ")), "unsupported");
  });

  it("a key whose log nobody vouches for is trusted, and its time is not believed", async () => {
    const own = JSON.parse(file("notes.txt.test.sigstore").toString()) as Json;
    own["verificationMaterial"].tlogEntries = authority.sign(notes)["verificationMaterial"].tlogEntries;
    assert.equal(await state(own, { keys: [pem("test")] }), "intact trusted timestamp-untrusted");
    assert.equal(await state(own, { keys: [pem("test"), ROOT] }), "contradiction");
  });
});

describe("one flipped bit", () => {
  const at = (object: Json, path: readonly string[]): Json => path.slice(0, -1).reduce<Json>((own, name) => own[name] as Json, object);
  const flipAt = (bundle: Json, path: readonly string[], place: number): Json =>
    changed(bundle, (own) => {
      const parent = at(own, path);
      const last = path.at(-1) ?? "";
      parent[last] = flippedText(parent[last] as string, place);
    });
  const log = ["verificationMaterial", "tlogEntries", "0"];
  /** Region → bundle, path, byte, verdict. */
  const regions: Readonly<Record<string, readonly [bundle: Json, path: readonly string[], place: number, wanted: string]>> = {
    "the digest": [SIGNED, ["messageSignature", "messageDigest", "digest"], 5, "digest-mismatch"],
    "the signature": [SIGNED, ["messageSignature", "signature"], 20, "signature-mismatch"],
    "the certificate's key": [SIGNED, ["verificationMaterial", "certificate", "rawBytes"], spkiAt(SIGNED), "malformed signature-mismatch"],
    "the certificate's signature": [SIGNED, ["verificationMaterial", "certificate", "rawBytes"], -8, "unknown-signer"],
    "the log's name": [SIGNED, [...log, "logId", "keyId"], 4, "log-mismatch"],
    "the log's entry": [SIGNED, [...log, "canonicalizedBody"], 30, "log-mismatch"],
    "the log's promise": [SIGNED, [...log, "inclusionPromise", "signedEntryTimestamp"], 30, "log-mismatch"],
    "the log's proof": [SIGNED, [...log, "inclusionProof", "hashes", "0"], 3, "log-mismatch"],
    "the payload": [ATTESTED, ["dsseEnvelope", "payload"], -12, "signature-mismatch malformed"],
    "the payload's signature": [ATTESTED, ["dsseEnvelope", "signatures", "0", "sig"], 20, "signature-mismatch"],
  };
  for (const [region, [bundle, path, place, wanted]] of Object.entries(regions))
    it(`${region}: ${wanted}`, async () => {
      const own = at(bundle, path)[path.at(-1) ?? ""] as string;
      const index = place < 0 ? Buffer.from(own, "base64").length + place : place;
      const found = await verify(flipAt(bundle, path, index));
      assert.ok(
        stateOf(found)
          .split(" ")
          .some((code) => wanted.split(" ").includes(code)),
        stateOf(found),
      );
      assert.equal(found.trusted, false);
    });

  for (const [region, change] of Object.entries({
    "the time": (own: Json): string => (entryOf(own)["integratedTime"] = String(Number(entryOf(own)["integratedTime"]) + 1)),
    "the place in the log": (own: Json): string => (entryOf(own)["logIndex"] = "0"),
    "the checkpoint's top": (own: Json) =>
      changeCheckpoint(own, (text) => text.replace(/\n2\n./, (start) => `${start.slice(0, -1)}${start.endsWith("A") ? "B" : "A"}`)),
    "the checkpoint's size": (own: Json) => changeCheckpoint(own, (text) => text.replace("\n2\n", "\n3\n")),
    "the checkpoint's name": (own: Json) => changeCheckpoint(own, (text) => text.replace("— rekor.test", "— rekor.tesu")),
  }))
    it(`${region}: log-mismatch`, async () => assert.equal(await state(changed(SIGNED, change)), "intact log-mismatch"));

  for (const place of [0, 2000, notes.length - 1])
    it(`byte ${place} of the file: digest-mismatch`, async () => {
      for (const bundle of [SIGNED, ATTESTED]) assert.equal(await state(bundle, { content: flipped(notes, place) }), "digest-mismatch");
    });

  it("anywhere in the certificate: not trusted", async () => {
    const path = ["verificationMaterial", "certificate", "rawBytes"];
    const length = Buffer.from(SIGNED["verificationMaterial"].certificate.rawBytes as string, "base64").length;
    for (let place = 0; place < length; place += 5) assert.notEqual((await verify(flipAt(SIGNED, path, place))).trusted, true, `${place}`);
  });
});

function spkiAt(bundle: Json): number {
  const der = Buffer.from(bundle["verificationMaterial"].certificate.rawBytes as string, "base64");
  return der.indexOf(Buffer.from("03420004", "hex")) + 20;
}

function changeCheckpoint(own: Json, change: (text: string) => string): void {
  const { checkpoint } = entryOf(own)["inclusionProof"] as Json;
  checkpoint.envelope = change(checkpoint.envelope as string);
}

describe("whom a caller trusts", () => {
  it("is read from what is JSON or PEM, and nothing else", () => {
    const trust = readSigstoreTrust([
      ROOT,
      IDENTITY,
      pem("test"),
      "RWQ",
      "{",
      "[]",
      '{"sigstoreIdentities":[1,{"subject":"a"}]}',
      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    ]);
    assert.deepEqual([trust.roots.length, trust.identities.length, trust.keys.length], [1, 1, 1]);
  });
  for (const [subject, own, is] of [
    ["a@example.com", "a@example.com", true],
    ["a@example.com", "a@example.com.evil", false],
    ["https://x/*", "https://x/y", true],
    ["https://x/*", "https://xy", false],
    ["*", "anybody", true],
  ] as const)
    it(`${subject} is ${is ? "" : "not "}${own}`, () =>
      assert.equal(isIdentity({ subject, issuer: ISSUER }, { subject: own, issuer: ISSUER }), is));
});

describe("a statement", () => {
  for (const [name, value] of Object.entries({
    "no type": { subject: [], predicateType: "x" },
    "another type": { ...STATEMENT, _type: "https://example.com/Statement/v1" },
    "no predicate type": { ...STATEMENT, predicateType: undefined },
    "no list": { ...STATEMENT, subject: {} },
    "a file without a digest": { ...STATEMENT, subject: [{ name: "notes.txt" }] },
    "too many files": { ...STATEMENT, subject: Array.from({ length: 10_001 }, () => STATEMENT.subject[0]) },
  }))
    it(`is refused: ${name}`, () => assert.throws(() => parseStatement(bytes(value)), { code: "artifact/broken" }));
});

describe("a signature over a digest", () => {
  it("agrees with node:crypto", () => {
    for (const [{ privateKey, publicKey }, hash] of [
      [generateKeyPairSync("ec", { namedCurve: "P-256" }), "sha256"],
      [P384, "sha384"],
      [generateKeyPairSync("ec", { namedCurve: "P-521" }), "sha512"],
      [RSA, "sha256"],
    ] as const) {
      const spki = publicKey.export({ type: "spki", format: "der" });
      const [made, digest] = [sign(hash, notes, privateKey), createHash(hash).update(notes).digest()];
      assert.ok(isSignedDigest(spki, hash, digest, made));
      assert.equal(isSignedDigest(spki, hash, flipped(digest, 3), made), false);
      for (const at of [0, 1, 3, made.length - 1]) assert.equal(isSignedDigest(spki, hash, digest, flipped(made, at)), false, `${at}`);
      assert.equal(isSignedDigest(spki, hash, digest, Buffer.concat([made, Buffer.of(0)])), false);
      assert.equal(isSignedDigest(spki, hash, digest, new Uint8Array()), false);
    }
  });
  it("is not made by keys that sign no digests", () => {
    const spki = ED25519.publicKey.export({ type: "spki", format: "der" });
    assert.throws(() => isSignedDigest(spki, "sha256", new Uint8Array(32), new Uint8Array(64)), { code: "artifact/broken" });
  });
});

describe("whatever is damaged", () => {
  it("gives a verdict, never an exception", async () => {
    for (const bundle of [SIGNED, ATTESTED, oldForm(SIGNED)])
      await fc.assert(
        fc.asyncProperty(damages, fc.boolean(), async (list, ofRoot) => {
          const { intact, trusted } = ofRoot
            ? await verify(bundle, { keys: [Buffer.from(damage(Buffer.from(ROOT), list)).toString("latin1"), IDENTITY] })
            : await verify(damage(Buffer.from(bytes(bundle)), list));
          assert.ok(trusted !== true || intact === true);
        }),
        { numRuns: RUNS, seed: SEED },
      );
  });
  it("gives one too where values are others than they must be", async () => {
    const values = [null, 7, -1, "", "x", "AAAA", [], {}, [null], true];
    const paths = (own: unknown, path: readonly string[] = []): readonly (readonly string[])[] =>
      typeof own === "object" && own !== null
        ? [path, ...Object.entries(own).flatMap(([name, value]) => paths(value, [...path, name]))]
        : [path];
    for (const bundle of [SIGNED, ATTESTED])
      for (const path of paths(bundle).filter(({ length }) => length > 0))
        for (const value of values) {
          const own = structuredClone(bundle);
          const parent = path.slice(0, -1).reduce<Json>((object, name) => object[name] as Json, own);
          parent[path.at(-1) ?? ""] = value;
          const { intact, trusted } = await verify(own);
          assert.ok(trusted !== true || intact === true, path.join("."));
        }
  });
});

const hasCosign = spawnSync("cosign", ["version"]).status === 0;
describe("agreement with cosign", { skip: hasCosign ? false : "no cosign here" }, () => {
  it("over bundles of a root of our own, as they are and changed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dist-cosign-"));
    try {
      const [artifact, bundle, root] = ["notes.txt", "bundle.json", "root.json"].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      writeFileSync(root, ROOT);
      const cases: readonly (readonly [name: string, bundle: Json, content: Uint8Array])[] = [
        ["good", SIGNED, notes],
        ["another file", SIGNED, notes.subarray(1)],
        ["no promise of a log of certificates", authority.sign(notes, { withoutCertificateLog: true }), notes],
        ["the log has another digest", authority.sign(notes, { logged: { digest: "0".repeat(64) } }), notes],
        ["signed after its certificate", authority.sign(notes, { certificateFrom: new Date(AT.getTime() - 3_600_000) }), notes],
        ["the entry of another log", withEntryOf(SIGNED, createSigstore().sign(notes)), notes],
        ["another issuer", authority.sign(notes, { issuer: "https://accounts.example.com" }), notes],
        ["no entry", changed(SIGNED, (own) => (own["verificationMaterial"].tlogEntries = [])), notes],
        ["another time", changed(SIGNED, (own) => (entryOf(own)["integratedTime"] = "1767225601")), notes],
        ["another checkpoint", changed(SIGNED, (own) => changeCheckpoint(own, (text) => text.replace("\n2\n", "\n3\n"))), notes],
      ];
      const differing: string[] = [];
      for (const [name, own, content] of cases) {
        writeFileSync(artifact, content);
        writeFileSync(bundle, JSON.stringify(own));
        const identity = ["--certificate-identity", SUBJECT, "--certificate-oidc-issuer", ISSUER];
        const theirs = spawnSync("cosign", [
          "verify-blob",
          "--new-bundle-format",
          "--bundle",
          bundle,
          "--trusted-root",
          root,
          ...identity,
          artifact,
        ]);
        const ours = (await verify(own, { content })).trusted === true;
        if (ours !== (theirs.status === 0)) differing.push(`${name}: cosign ${theirs.stderr.toString()}`);
      }
      assert.deepEqual(differing, []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
