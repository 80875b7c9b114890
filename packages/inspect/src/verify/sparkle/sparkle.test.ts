import assert from "node:assert/strict";
import { createHash, createPrivateKey, generateKeyPairSync, sign, verify as verifyWhole } from "node:crypto";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { flipped, stateOf } from "../../test-support/verdicts.ts";
import { findEd25519Signer } from "../ed25519-stream.ts";
import { WholeFile } from "../whole-file.ts";
import { verifyArtifact } from "../index.ts";
import type { Verdict } from "../verdict.ts";

/** A test key that everybody has (RFC 8032 §7.1, "TEST 1"), and its signature of nothing. */
const SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const POINT = Buffer.from("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "hex");
const OF_NOTHING =
  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const secret = createPrivateKey({ key: Buffer.concat([PKCS8, Buffer.from(SEED, "hex")]), format: "der", type: "pkcs8" });
const KEY = POINT.toString("base64");
const STRANGER = Buffer.from(generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");

/** More than one piece. */
const image = Buffer.alloc(3 * 1024 * 1024 + 17, "disk image ");
const signature = sign(null, image, secret);
const base64 = signature.toString("base64");

interface Asked {
  readonly keys?: readonly string[];
  readonly content?: Uint8Array;
  readonly fileName?: string;
}

function verify(text: string, { keys = [STRANGER, KEY], content = image, fileName = "Notes.dmg" }: Asked = {}): Promise<Verdict> {
  return verifyArtifact(memorySource(content), {
    format: "zip",
    fileName,
    now: new Date("2026-06-01"),
    trust: { certificates: [], keys, revoked: new Set() },
    beside: new Map([["Notes.dmg.edsig", memorySource(Buffer.from(text))]]),
  });
}

describe("Sparkle's signature of an update", () => {
  for (const [form, text] of [
    ["alone", base64],
    ["alone, with an end of line", `${base64}\n`],
    ["as attributes", `sparkle:edSignature="${base64}" length="${image.length}"\n`],
    ["as an attribute", `sparkle:edSignature="${base64}"`],
  ] as const)
    it(`${form}: intact and trusted`, async () => {
      const verdict = await verify(text);
      assert.equal(stateOf(verdict), "intact trusted");
      assert.equal(verdict.signatures[0]?.signer?.keyId, KEY);
    });

  const refused: Readonly<Record<string, readonly [state: string, text: string, asked?: Asked]>> = {
    "no key": ["unsigned", base64, { keys: [] }],
    "no key of this family": ["unsigned", base64, { keys: ["-----BEGIN PGP PUBLIC KEY BLOCK-----"] }],
    "another key": ["signature-mismatch", base64, { keys: [STRANGER] }],
    "the first byte changed": ["signature-mismatch", base64, { content: flipped(image, 0) }],
    "the last byte changed": ["signature-mismatch", base64, { content: flipped(image, image.length - 1) }],
    "a byte in the second piece": ["signature-mismatch", base64, { content: flipped(image, 1024 * 1024) }],
    "a byte more": ["signature-mismatch", base64, { content: Buffer.concat([image, Buffer.from("x")]) }],
    "another length said": ["digest-mismatch", `sparkle:edSignature="${base64}" length="12"`],
    "a signature of another file": ["signature-mismatch", sign(null, Buffer.from("other"), secret).toString("base64")],
    "half of the signature": ["malformed", base64.slice(0, 40)],
    nothing: ["malformed", ""],
    words: ["malformed", "error: no key was found in the keychain"],
    "two of them": ["malformed", `${base64}\n${base64}`],
    "a long file": ["malformed", "x".repeat(5000)],
  };
  for (const [name, [state, text, asked]] of Object.entries(refused))
    it(`${name}: ${state}`, async () => assert.equal(stateOf(await verify(text, asked)), state));

  for (const half of [0, 32])
    it(`a byte of its ${half === 0 ? "first" : "second"} half changed: signature-mismatch`, async () =>
      assert.equal(stateOf(await verify(flipped(signature, half).toString("base64"))), "signature-mismatch"));

  it("is another file's: nothing is said", async () => assert.equal(stateOf(await verify(base64, { fileName: "Other.dmg" })), "unsigned"));
});

describe("Ed25519 over a stream", () => {
  const isBy = (point: Uint8Array, data: Uint8Array, value: Uint8Array): boolean => {
    const whole = new WholeFile(data.length);
    const find = findEd25519Signer(whole, [{ point }], value);
    for (const hash of whole.hashes) hash.update(data);
    return find() !== undefined;
  };

  it("takes RFC 8032's first vector", async () => assert.equal(isBy(POINT, new Uint8Array(), Buffer.from(OF_NOTHING, "hex")), true));

  it("says what node:crypto says, of whole and of changed signatures", () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(63), fc.nat(255), async (data, at, change) => {
        const value = sign(null, data, secret);
        value[at] = (value[at] ?? 0) ^ change;
        const jwk = { kty: "OKP", crv: "Ed25519", x: POINT.toString("base64url") };
        assert.equal(isBy(POINT, data, value), verifyWhole(null, data, { key: jwk, format: "jwk" }, value));
      }),
      { numRuns: 60 },
    ));

  it("refuses a key of small order, which signs anything", async () => {
    const identity = Buffer.alloc(32);
    identity[0] = 1;
    assert.equal(isBy(identity, Buffer.from("anything"), Buffer.concat([identity, Buffer.alloc(32)])), false);
  });

  it("refuses the second form of a signature: s plus the order", async () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const value = sign(null, Buffer.from("notes"), secret);
    const s = BigInt(`0x${Buffer.from(value.subarray(32)).reverse().toString("hex")}`) + order;
    const other = Buffer.concat([value.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse()]);
    assert.equal(isBy(POINT, Buffer.from("notes"), value), true);
    assert.equal(isBy(POINT, Buffer.from("notes"), other), false);
  });

  it("refuses what is no point, and what is no signature", async () => {
    const hash = createHash("sha256").update("no point").digest();
    assert.equal(isBy(Buffer.alloc(32, 0xff), hash, signature), false);
    assert.equal(isBy(POINT, image, signature.subarray(1)), false);
  });
});
