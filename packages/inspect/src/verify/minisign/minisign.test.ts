import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { REPOSITORY } from "../../test-support/fixtures.ts";
import { damage, damages } from "../../test-support/fuzz/damage.ts";
import { openPgpSigner } from "../../test-support/openpgp-signer.ts";
import { flipped, stateOf } from "../../test-support/verdicts.ts";
import { verifyArtifact } from "../index.ts";
import type { Verdict } from "../verdict.ts";

const FOLDER = join(REPOSITORY, "fixtures/signatures/minisign");
const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 200);
const NOW = new Date("2026-06-01");
const notes = readFileSync(join(FOLDER, "notes.txt"));
const signatureOf = (name: string): Buffer => readFileSync(join(FOLDER, `notes.txt.${name}.minisig`));
const keyOf = (name: string): string => readFileSync(join(FOLDER, "keys", `${name}.pub`), "latin1");
const [KEY, STRANGER] = [keyOf("test"), keyOf("stranger")];

interface Asked {
  readonly keys?: readonly string[];
  readonly content?: Uint8Array;
  readonly beside?: Readonly<Record<string, Uint8Array>>;
}

function verify(signature: Uint8Array, { keys = [KEY], content = notes, beside = {} }: Asked = {}): Promise<Verdict> {
  const files = Object.entries({ "notes.txt.minisig": signature, ...beside });
  return verifyArtifact(memorySource(content), {
    format: "file",
    fileName: "notes.txt",
    now: NOW,
    trust: { certificates: [], keys, revoked: new Set() },
    beside: new Map(files.map(([name, bytes]) => [name, memorySource(bytes)])),
  });
}

const lines = (name: string): string[] => signatureOf(name).toString().split("\n");
const changedLine = (name: string, line: number, change: (text: string) => string): Buffer =>
  Buffer.from(
    lines(name)
      .map((text, index) => (index === line ? change(text) : text))
      .join("\n"),
  );
const flippedIn = (at: number) => (base64: string) => flipped(Buffer.from(base64, "base64"), at).toString("base64");

describe("a minisign signature", () => {
  for (const name of ["prehashed", "legacy"])
    it(`${name}: intact and trusted`, async () => {
      const verdict = await verify(signatureOf(name), { keys: [STRANGER, "-----BEGIN PUBLIC KEY-----", KEY] });
      assert.equal(stateOf(verdict), "intact trusted");
      const [{ signer, details } = {}] = verdict.signatures;
      assert.match(signer?.keyId ?? "", /^[0-9A-F]{16}$/);
      assert.equal(details?.["trustedComment"], lines(name)[2]?.slice("trusted comment: ".length));
    });

  it("takes the key's line alone", async () => {
    assert.equal(stateOf(await verify(signatureOf("prehashed"), { keys: [KEY.split("\n")[1] ?? ""] })), "intact trusted");
  });

  it("stands beside an OpenPGP signature: both have to hold, and what is by nobody known says nothing", async () => {
    const signer = openPgpSigner("Test, never trust it");
    const beside = { "notes.txt.sig": signer.sign(notes) };
    const both = await verify(signatureOf("prehashed"), { beside, keys: [KEY, signer.key] });
    assert.deepEqual([stateOf(both), both.signatures.map(({ scheme }) => scheme)], ["intact trusted", ["minisign", "openpgp"]]);
    assert.equal(stateOf(await verify(signatureOf("prehashed"), { beside })), "intact trusted");
    assert.equal(stateOf(await verify(signatureOf("prehashed"), { beside, keys: [signer.key] })), "intact trusted");
    assert.equal(stateOf(await verify(signatureOf("prehashed"), { beside, keys: [] })), "unsigned");
    const bad = { "notes.txt.sig": signer.sign(Buffer.from("another file")) };
    assert.equal(stateOf(await verify(signatureOf("prehashed"), { beside: bad, keys: [KEY, signer.key] })), "digest-mismatch");
  });
});

/** What is given → the verdict. `unsigned`: neither answer, and `unknown-signer` is there. */
const REFUSED: Readonly<Record<string, readonly [state: string, signature: () => Uint8Array, asked?: Asked]>> = {
  "no key": ["unsigned", () => signatureOf("prehashed"), { keys: [] }],
  "another key": ["unsigned", () => signatureOf("stranger")],
  "a key that is cut short": ["unsigned", () => signatureOf("prehashed"), { keys: [KEY.slice(0, -6)] }],
  "another key under the same id": [
    "signature-mismatch",
    () => signatureOf("prehashed"),
    { keys: [flipped(Buffer.from(KEY.split("\n")[1] ?? "", "base64"), 20).toString("base64")] },
  ],
  "another file": ["signature-mismatch", () => signatureOf("prehashed"), { content: notes.subarray(1) }],
  "a longer file": ["signature-mismatch", () => signatureOf("legacy"), { content: Buffer.concat([notes, Buffer.of(0)]) }],
  "an empty file": ["signature-mismatch", () => signatureOf("prehashed"), { content: new Uint8Array() }],
  "no signature in the file": ["malformed", () => new Uint8Array()],
  "signify's form, two lines": ["malformed", () => Buffer.from(lines("legacy").slice(0, 2).join("\n"))],
  "a fifth line": ["malformed", () => Buffer.concat([signatureOf("prehashed"), Buffer.from("more\n")])],
  "an unknown algorithm": ["unsupported", () => changedLine("prehashed", 1, flippedIn(0))],
  "more than a signature can have": ["unsupported", () => Buffer.alloc(70_000)],
  "the old form instead of the new": ["signature-mismatch", () => changedLine("prehashed", 1, flipAlgorithm)],
  "the comment of another signature": ["signature-mismatch", () => changedLine("prehashed", 2, () => lines("legacy")[2] ?? "")],
};

function flipAlgorithm(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  bytes[1] = (bytes[1] as number) ^ 0x20;
  return bytes.toString("base64");
}

describe("what is not trusted", () => {
  for (const [name, [state, signature, asked]] of Object.entries(REFUSED))
    it(`${name}: ${state}`, async () => {
      const verdict = await verify(signature(), asked);
      assert.equal(stateOf(verdict), state);
      assert.notEqual(verdict.trusted, true);
      if (state === "unsigned") assert.equal(verdict.signatures[0]?.problems[0]?.code, "signing/unknown-signer");
    });
});

describe("one flipped bit", () => {
  /** Region → line, byte in it, verdict. The untrusted comment is covered by nothing, as its name says. */
  const regions: Readonly<Record<string, readonly [line: number, at: number, state: string]>> = {
    "the key's id": [1, 5, "unsigned"],
    "the signature's value": [1, 30, "signature-mismatch"],
    "the signature's end": [1, 73, "signature-mismatch"],
    "the value over the comment": [3, 40, "signature-mismatch"],
  };
  for (const name of ["prehashed", "legacy"]) {
    for (const [region, [line, at, state]] of Object.entries(regions))
      it(`${name}: ${region}: ${state}`, async () => {
        assert.equal(stateOf(await verify(changedLine(name, line, flippedIn(at)))), state);
      });
    it(`${name}: the untrusted comment: intact trusted`, async () => {
      assert.equal(stateOf(await verify(changedLine(name, 0, (text) => `${text}!`))), "intact trusted");
    });
    it(`${name}: the trusted comment: signature-mismatch`, async () => {
      assert.equal(stateOf(await verify(changedLine(name, 2, (text) => `${text}!`))), "signature-mismatch");
    });
    for (const at of [0, 2000, notes.length - 1])
      it(`${name}: byte ${at} of the file: signature-mismatch`, async () => {
        assert.equal(stateOf(await verify(signatureOf(name), { content: flipped(notes, at) })), "signature-mismatch");
      });
  }
});

describe("whatever is damaged", () => {
  it("gives a verdict, never an exception", async () => {
    for (const name of ["prehashed", "legacy"])
      await fc.assert(
        fc.asyncProperty(damages, fc.boolean(), async (list, ofKey) => {
          const { intact, trusted } = ofKey
            ? await verify(signatureOf(name), { keys: [Buffer.from(damage(Buffer.from(KEY), list)).toString("latin1")] })
            : await verify(damage(signatureOf(name), list));
          assert.ok(trusted !== true || intact === true);
        }),
        { numRuns: RUNS, seed: SEED },
      );
  });
});

const hasMinisign = spawnSync("minisign", ["-v"]).error === undefined;
describe("agreement with minisign", { skip: hasMinisign ? false : "no minisign here" }, () => {
  it("over both forms, as they are and with every byte flipped", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dist-minisign-"));
    try {
      const [file, made, key] = ["notes.txt", "notes.txt.minisig", "key.pub"].map((name) => join(folder, name)) as [string, string, string];
      writeFileSync(file, notes);
      writeFileSync(key, KEY);
      const differing: string[] = [];
      for (const name of ["prehashed", "legacy"]) {
        const bytes = signatureOf(name);
        for (let at = -1; at < bytes.length; at += 1) {
          const changed = at < 0 ? bytes : flipped(bytes, at);
          writeFileSync(made, changed);
          const theirs = spawnSync("minisign", ["-V", "-q", "-p", key, "-m", file, "-x", made]).status === 0;
          const { intact, trusted } = await verify(changed);
          if ((intact === true && trusted === true) !== theirs) differing.push(`${name} ${at}: minisign ${String(theirs)}`);
        }
      }
      assert.deepEqual(differing, []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
