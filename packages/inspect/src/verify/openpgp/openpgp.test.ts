import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { damage, damages } from "../../test-support/fuzz/damage.ts";
import { openPgpSigner } from "../../test-support/openpgp-signer.ts";
import { flipped, stateOf } from "../../test-support/verdicts.ts";
import { readArmor } from "./armor.ts";
import { CURVES, isOnCurve, verifyEcdsa } from "./curves.ts";
import { readKeyRing } from "./key-ring.ts";
import { readPackets } from "./packets.ts";
import { type Asked, keyOf, notes, signatureOf, verifyNotes } from "../../test-support/openpgp-signatures.ts";

const binary = (text: string | Buffer): Buffer => Buffer.from(readArmor(text.toString("latin1"))[0]?.bytes as Uint8Array);
const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 150);
const stateWith = async (signature: Uint8Array, asked: Asked): Promise<string> => stateOf(await verifyNotes(signature, asked));

const GOOD: Readonly<Record<string, readonly [key: string, algorithm: string, state: string]>> = {
  rsa: ["rsa-3072", "rsa-sha512", "intact trusted"],
  short: ["rsa-1024", "rsa-sha512", "intact trusted weak-key"],
  dsa: ["dsa-2048", "dsa-sha256", "intact trusted"],
  ed25519: ["ed25519", "ed25519", "intact trusted"],
  p256: ["ecdsa-p256", "ecdsa-p256-sha256", "intact trusted"],
  p384: ["ecdsa-p384", "ecdsa-p384-sha384", "intact trusted"],
  p521: ["ecdsa-p521", "ecdsa-p521-sha512", "intact trusted"],
  subkey: ["ed25519", "ed25519", "intact trusted"],
};

describe("a detached signature", () => {
  for (const [name, [key, algorithm, state]] of Object.entries(GOOD))
    it(`by ${name}: ${state}`, async () => {
      const verdict = await verifyNotes(signatureOf(name), { keys: [keyOf("stranger"), keyOf(name)] });
      assert.equal(stateOf(verdict), state);
      const [{ signer, algorithm: made } = {}] = verdict.signatures;
      assert.equal(signer?.key, key);
      assert.equal(made, algorithm);
      assert.equal(signer?.name, `Test ${name}, never trust it`);
      assert.match(signer?.keyId ?? "", /^[0-9A-F]{40}$/);
    });

  it("may be binary, and so may the key", async () => {
    assert.equal(await stateWith(binary(signatureOf("rsa")), { keys: [keyOf("rsa.gpg")] }), "intact trusted");
  });

  it("by SHA-1 is said to be weak", async () => {
    assert.equal(await stateWith(signatureOf("sha1"), { keys: [keyOf("rsa")] }), "intact trusted weak-algorithm");
  });

  it("beside another whose key was not given says enough", async () => {
    assert.equal(await stateWith(signatureOf("two"), { keys: [keyOf("rsa")] }), "intact trusted ignored");
  });

  it("is looked for by the file's name alone", async () => {
    const { signatures, intact } = await verifyNotes(Buffer.from("untrusted comment: of another family\n"), {
      beside: { "other.txt.asc": signatureOf("rsa") },
    });
    assert.deepEqual([signatures, intact], [[], undefined]);
  });
});

/** What is given → the verdict. */
const REFUSED: Readonly<Record<string, readonly [state: string, signature: string, asked: () => Asked]>> = {
  "another key": ["unsigned", "rsa", () => ({ keys: [keyOf("ed25519")] })],
  "no key": ["unsigned", "rsa", () => ({})],
  "a key of another family": [
    "unsigned",
    "rsa",
    () => ({ keys: ["RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3", "-----BEGIN PUBLIC KEY-----"] }),
  ],
  "a damaged key": ["unsigned", "rsa", () => ({ keys: [keyOf("rsa").replace("m", "n")] })],
  "a key that was revoked": ["intact revoked", "revoked", () => ({ keys: [keyOf("revoked")] })],
  "a key that ended": ["intact expired", "expiring", () => ({ keys: [keyOf("expiring")], now: new Date("2027-06-01") })],
  "a signature that ended": ["intact expired", "ending", () => ({ keys: [keyOf("ed25519")], now: new Date("2026-06-01") })],
  "a signature from the future": ["intact not-yet-valid", "rsa", () => ({ keys: [keyOf("rsa")], now: new Date("2025-06-01") })],
  "a signature of a text": ["unsupported", "text", () => ({ keys: [keyOf("rsa")] })],
  "a signed text": ["malformed", "clear", () => ({ keys: [keyOf("rsa")] })],
  "a shorter file": ["digest-mismatch", "rsa", () => ({ keys: [keyOf("rsa")], content: notes.subarray(1) })],
  "a longer file": ["digest-mismatch", "rsa", () => ({ keys: [keyOf("rsa")], content: Buffer.concat([notes, Buffer.of(0)]) })],
  "an empty file": ["digest-mismatch", "ed25519", () => ({ keys: [keyOf("ed25519")], content: new Uint8Array() })],
  "another file, and no key": ["digest-mismatch", "p256", () => ({ content: notes.subarray(1) })],
  "one of two over another file": [
    "digest-mismatch",
    "two",
    () => ({ keys: [keyOf("rsa"), keyOf("stranger")], content: Buffer.concat([notes, notes]) }),
  ],
  "an empty .asc beside a good one": ["malformed", "rsa", () => ({ keys: [keyOf("rsa")], beside: { "notes.txt.asc": new Uint8Array() } })],
};

describe("what is not trusted", () => {
  for (const [name, [state, signature, asked]] of Object.entries(REFUSED))
    it(`${name}: ${state}`, async () => {
      const verdict = await verifyNotes(signatureOf(signature), asked());
      assert.equal(stateOf(verdict), state);
      assert.notEqual(verdict.trusted, true);
      // Where nothing could be computed the reason is there all the same.
      if (state === "unsigned") assert.equal(verdict.signatures[0]?.problems[0]?.code, "signing/unknown-signer");
    });

  it("a key that is not for signing", async () => {
    const ring = readKeyRing([keyOf("subkey")]).keys;
    assert.deepEqual(
      ring.map(({ canSign }) => canSign),
      [false, true],
    );
  });

  it("a subkey for which the primary key does not vouch", () => {
    const own = readArmor(keyOf("subkey"))[0]?.bytes as Uint8Array;
    const at = own.length - 20;
    assert.equal(readKeyRing([flipped(own, at).toString("latin1")]).keys.length, 1);
  });

  it("a subkey that somebody took from another", () => {
    const stranger = Buffer.from(readArmor(keyOf("stranger"))[0]?.bytes as Uint8Array);
    const own = Buffer.from(readArmor(keyOf("subkey"))[0]?.bytes as Uint8Array);
    // The subkey and its binding stand last.
    const at = own.lastIndexOf(readPackets(own).at(-2)?.body ?? Buffer.from("nowhere")) - 2;
    const tail = own.subarray(at);
    const keys = readKeyRing([Buffer.concat([stranger, tail]).toString("latin1")]).keys;
    assert.deepEqual(
      keys.map(({ name }) => name),
      ["Test stranger, never trust it"],
    );
  });

  it("a key or a signature by MD5", async () => {
    assert.deepEqual(readKeyRing([openPgpSigner("Test, never trust it", "md5").key]), { keys: [], unusable: 1 });
    assert.equal(readKeyRing([openPgpSigner("Test, never trust it").key]).keys.length, 1);
    assert.equal(await stateWith(openPgpSigner("Test, never trust it", "md5").sign(notes), {}), "unsupported");
  });

  it("a key whose name nobody certified", () => {
    const own = readArmor(keyOf("ed25519"))[0]?.bytes as Uint8Array;
    const ring = readKeyRing([flipped(own, own.length - 10).toString("latin1")]);
    assert.deepEqual([ring.keys.length, ring.unusable], [0, 1]);
  });
});

describe("one flipped bit", () => {
  const rsa = binary(signatureOf("rsa"));
  const hashed = rsa.readUInt16BE(3 + 4);
  const unhashed = 3 + 6 + hashed;
  const numbers = unhashed + 2 + rsa.readUInt16BE(unhashed);
  /** Region → where in the signature. All but the hints that are not hashed are covered. */
  const regions: Readonly<Record<string, readonly [at: number, state: string]>> = {
    "the packet's head": [0, "malformed"],
    "the version": [3, "unsupported"],
    "the type": [4, "unsupported"],
    "the algorithm of the key": [5, "unsupported"],
    "the algorithm of the digest": [6, "digest-mismatch"],
    "what is hashed with it": [3 + 6 + hashed - 1, "digest-mismatch"],
    "the start of the digest": [numbers, "digest-mismatch"],
    "the signature's value": [rsa.length - 9, "signature-mismatch"],
  };
  for (const [region, [at, state]] of Object.entries(regions))
    it(`${region}: ${state}`, async () => {
      assert.equal(await stateWith(flipped(rsa, at), { keys: [keyOf("rsa")] }), state);
    });
  for (const [place, at] of [
    ["first", 0],
    ["middle", 2000],
    ["last", notes.length - 1],
  ] as const)
    it(`the file's ${place} byte: digest-mismatch`, async () => {
      for (const name of Object.keys(GOOD))
        assert.equal(await stateWith(signatureOf(name), { keys: [keyOf(name)], content: flipped(notes, at) }), "digest-mismatch", name);
    });
  for (const name of Object.keys(GOOD))
    it(`of the value of ${name}: signature-mismatch`, async () => {
      const bytes = binary(signatureOf(name));
      for (const at of [bytes.length - 1, bytes.length - 30])
        assert.equal(await stateWith(flipped(bytes, at), { keys: [keyOf(name)] }), "signature-mismatch");
    });
});

describe("whatever is damaged", () => {
  it("gives a verdict, never an exception", async () => {
    for (const name of ["rsa", "ed25519", "p256", "two"]) {
      const [signature, key] = [
        name === "two" ? signatureOf(name) : binary(signatureOf(name)),
        Buffer.from(keyOf(name === "two" ? "rsa" : name), "latin1"),
      ];
      await fc.assert(
        fc.asyncProperty(damages, fc.boolean(), async (list, ofKey) => {
          const { intact, trusted } = ofKey
            ? await verifyNotes(signature, { keys: [Buffer.from(damage(key, list)).toString("latin1")] })
            : await verifyNotes(damage(signature, list), { keys: [key.toString("latin1")] });
          assert.ok(trusted !== true || intact === true);
        }),
        { numRuns: RUNS, seed: SEED },
      );
    }
  });

  it("is not trusted when it is cut short", async () => {
    const [signature, keys] = [binary(signatureOf("p256")), [keyOf("p256")]];
    for (let length = 0; length < signature.length; length += 1)
      assert.notEqual((await verifyNotes(signature.subarray(0, length), { keys })).trusted, true, `${length}`);
  });
});

describe("ECDSA over a digest", () => {
  for (const [oid, [name, hash]] of Object.entries({
    "2a8648ce3d030107": ["P-256", "sha256"],
    "2b81040022": ["P-384", "sha384"],
    "2b81040023": ["P-521", "sha512"],
  } as const))
    it(`${name} agrees with node:crypto`, () => {
      const curve = CURVES[oid];
      assert.ok(curve);
      for (let round = 0; round < 5; round += 1) {
        const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: name });
        const { x = "", y = "" } = publicKey.export({ format: "jwk" });
        const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
        const key = { x: number(Buffer.from(x, "base64url")), y: number(Buffer.from(y, "base64url")) };
        const made = sign(hash, Buffer.from(`data ${round}`), { key: privateKey, dsaEncoding: "ieee-p1363" });
        const r: bigint = number(made.subarray(0, curve.bytes));
        const s: bigint = number(made.subarray(curve.bytes));
        const z = number(createHash(hash).update(`data ${round}`).digest());
        assert.ok(isOnCurve(curve, key));
        assert.equal(isOnCurve(curve, { ...key, x: key.x ^ 1n }), false);
        assert.ok(verifyEcdsa(curve, key, z, r, s));
        for (const [otherZ, otherR, otherS] of [
          [z ^ 1n, r, s],
          [z, r ^ 1n, s],
          [z, r, s ^ 1n],
          [z, 0n, s],
          [z, r, 0n],
          [z, r + curve.n, s],
          [0n, curve.n, curve.n],
        ] as const)
          assert.equal(verifyEcdsa(curve, key, otherZ, otherR, otherS), false);
      }
    });
});

/** Where a signature names the key in the part that is not hashed. */
function hintAt(signature: Buffer): number {
  const hashed = signature.indexOf(Buffer.of(33, 4));
  const keyId = signature.subarray(hashed + 14, hashed + 22);
  return signature.indexOf(Buffer.concat([Buffer.of(9, 16), keyId])) + 2;
}

const hasGpgv = spawnSync("gpgv", ["--version"]).status === 0;
describe("agreement with gpgv", { skip: hasGpgv ? false : "no gpgv here" }, () => {
  it("over every test signature, as it is and with every ninth byte flipped", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dist-gpgv-"));
    try {
      let compared = 0;
      const [ring, file, made] = ["ring.gpg", "notes.txt", "notes.sig"].map((name) => join(folder, name)) as [string, string, string];
      writeFileSync(file, notes);
      for (const name of [...Object.keys(GOOD), "sha1"]) {
        const key = keyOf(name === "sha1" ? "rsa" : name);
        const signature = name === "sha1" ? signatureOf(name) : binary(signatureOf(name));
        writeFileSync(ring, binary(Buffer.from(key, "latin1")));
        for (let at = -1; at < signature.length; at += at < 0 ? 1 : 9) {
          const changed = at < 0 ? signature : flipped(signature, at);
          writeFileSync(made, changed);
          const theirs = spawnSync("gpgv", ["--keyring", ring, made, file], { env: { ...process.env, GNUPGHOME: folder } }).status === 0;
          const ours = await verifyNotes(changed, { keys: [key] });
          // gpgv passes over the digest's first bytes, which stand behind the hint.
          const part = at - hintAt(signature);
          if (part >= 8 && part < 10) assert.deepEqual([ours.intact, theirs], [false, true], `${name} ${at}`);
          else assert.equal(ours.intact === true, theirs, `${name}, byte ${at}: ${JSON.stringify(ours)}`);
          compared += 1;
        }
      }
      assert.ok(compared > 100, `${compared}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
