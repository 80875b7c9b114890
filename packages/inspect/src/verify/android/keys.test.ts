import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { der } from "../../../../../fixtures/formats/make/apple.ts";
import { childrenOf, parseFirstDer } from "../../x509/der.ts";
import { canonicalKey, keyName, weaknesses } from "./keys.ts";
import { makeKey } from "../../test-support/android/test-key.ts";

/** As OpenSSL writes it: strict DER. */
const right = makeKey("KEY", "rsa").spki;
const [algorithm, bits] = childrenOf(parseFirstDer(right), "a key");
const [modulus, exponent] = childrenOf(parseFirstDer((bits?.content ?? Buffer.of()).subarray(1)), "a key");
const digits = Buffer.from(modulus?.content ?? []).subarray(1);
/** The same key, with lengths in more bytes than they need. */
const written = (n: Buffer, parameters: Buffer): Buffer =>
  der(
    0x30,
    der(0x30, Buffer.from(algorithm?.content.subarray(0, 11) ?? []), parameters),
    der(0x03, Buffer.of(0), der(0x30, der(0x02, n), Buffer.from(exponent?.encoded ?? []))),
  );

describe("keys are compared as Android writes them", () => {
  it("an RSA modulus without its leading zero is positive all the same", () => {
    assert.deepEqual(Buffer.from(canonicalKey(written(digits, der(0x05)))), right);
  });

  it("leading zeros, long lengths and missing parameters make no other key", () => {
    assert.deepEqual(Buffer.from(canonicalKey(written(Buffer.concat([Buffer.alloc(3), digits]), Buffer.alloc(0)))), right);
    assert.deepEqual(Buffer.from(canonicalKey(right)), right);
  });

  it("keys on curves stay as they are", () => {
    const { spki } = makeKey("KEY");
    assert.deepEqual(Buffer.from(canonicalKey(spki)), spki);
  });
});

describe("keys have names", () => {
  it("by family and size", async () => {
    assert.equal(await keyName(right), "rsa-2048");
    assert.equal(await keyName(makeKey("KEY").spki), "ecdsa-p256");
    assert.equal(await keyName(Buffer.from("3000", "hex")), undefined);
  });

  it("and weaknesses", () => {
    const codes = (family: "rsa" | "ecdsa" | "dsa", hash: "sha1" | "sha256", key: string, digests: readonly ("md5" | "sha256")[] = []) =>
      weaknesses({ signature: { family, hash }, key, digests }, "v1").map(({ code }) => code);
    assert.deepEqual(codes("rsa", "sha256", "rsa-2048", ["sha256"]), []);
    assert.deepEqual(codes("ecdsa", "sha256", "ecdsa-p256"), []);
    assert.deepEqual(codes("rsa", "sha1", "rsa-1024", ["md5"]), ["signing/weak-algorithm", "signing/weak-algorithm", "signing/weak-key"]);
    assert.deepEqual(codes("dsa", "sha256", "dsa-1024"), ["signing/weak-algorithm", "signing/weak-key"]);
    assert.deepEqual(codes("ecdsa", "sha256", "ecdsa-secp224r1"), ["signing/weak-key"]);
  });
});
