import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign, verify } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Envelope, keyId, openEnvelope, sealEnvelope } from "./dsse.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const other = generateKeyPairSync("ed25519");
/** The example of the DSSE specification, section "Test Vectors". */
const TYPE = "http://example.com/HelloWorld";
const PRE_AUTHENTICATION = "DSSEv1 29 http://example.com/HelloWorld 11 hello world";

const refused = { name: "DistError", code: "blob/digest-mismatch" };
const sealed = sealEnvelope(TYPE, "hello world", privateKey);
const signatureOf = (envelope: Envelope) => Buffer.from(envelope.signatures[0]?.sig ?? "", "base64");

describe("DSSE envelopes", () => {
  it("sign the pre-authentication encoding of the specification's example", () => {
    assert.equal(sealed.payload, "aGVsbG8gd29ybGQ=");
    assert.ok(verify(null, Buffer.from(PRE_AUTHENTICATION), publicKey, signatureOf(sealed)));
  });

  it("count bytes, not characters", () => {
    const envelope = sealEnvelope("é", "日本", privateKey);
    assert.ok(verify(null, Buffer.from("DSSEv1 2 é 6 日本"), publicKey, signatureOf(envelope)));
  });

  it("open with the key that sealed them, among others", () => {
    assert.equal(openEnvelope(sealed, TYPE, [other.publicKey, publicKey]), "hello world");
    for (const keys of [[], [other.publicKey]]) assert.throws(() => openEnvelope(sealed, TYPE, keys), refused);
  });

  it("open again with any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (type, text) => {
        assert.equal(openEnvelope(JSON.parse(JSON.stringify(sealEnvelope(type, text, privateKey))), type, [publicKey]), text);
      }),
      { numRuns: 30 },
    );
  });

  it("do not open after any change, or as another type", () => {
    const [signature] = sealed.signatures;
    assert.ok(signature);
    const bytes = signatureOf(sealed);
    bytes[5] = (bytes[5] ?? 0) ^ 1;
    const changes: Partial<Envelope>[] = [
      { payload: Buffer.from("hello worle").toString("base64") },
      { payload: "" },
      { payloadType: "http://example.com/Other" },
      { signatures: [] },
      { signatures: [{ ...signature, sig: "" }] },
      { signatures: [{ ...signature, sig: bytes.toString("base64") }] },
      { signatures: [{ ...signature, sig: signature.sig.slice(0, 20) }] },
      { signatures: sealEnvelope(TYPE, "other", privateKey).signatures },
    ];
    for (const change of changes)
      assert.throws(() => openEnvelope({ ...sealed, ...change }, TYPE, [publicKey]), refused, JSON.stringify(change));
    assert.throws(() => openEnvelope(sealed, "http://example.com/Other", [publicKey]), refused);
  });

  it("do not let the type and the payload trade places", () => {
    const shifted: Envelope = {
      ...sealEnvelope("a 1 b", "", privateKey),
      payloadType: "a",
      payload: Buffer.from("b 0 ").toString("base64"),
    };
    assert.throws(() => openEnvelope(shifted, "a", [publicKey]), refused);
  });

  it("may be written in URL-safe base64, and name any key: neither is signed", () => {
    const text = "~~~???>>>";
    const envelope = sealEnvelope(TYPE, text, privateKey);
    const urlSafe = (base64: string) => base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    const rewritten = {
      ...envelope,
      payload: urlSafe(envelope.payload),
      signatures: [{ keyid: "?", sig: urlSafe(signatureOf(envelope).toString("base64")) }],
    };
    assert.notEqual(rewritten.payload, envelope.payload);
    assert.equal(openEnvelope(rewritten, TYPE, [publicKey]), text);
  });

  it("refuse a payload that is not UTF-8, though well signed", () => {
    const payload = Buffer.from([0xff]);
    const sig = sign(null, Buffer.concat([Buffer.from("DSSEv1 1 t 1 "), payload]), privateKey).toString("base64");
    const envelope = { payloadType: "t", payload: payload.toString("base64"), signatures: [{ keyid: "", sig }] };
    assert.throws(() => openEnvelope(envelope, "t", [publicKey]), { code: "text/invalid-utf8" });
  });

  it("name the key by the SHA-256 of its public half", () => {
    const expected = createHash("sha256")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest("hex");
    assert.equal(sealed.signatures[0]?.keyid, expected);
    assert.equal(keyId(publicKey), expected);
    assert.equal(keyId(privateKey), expected);
  });
});
