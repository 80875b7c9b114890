import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, hkdfSync } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { CAPABILITY_KINDS, type Capability, createCapabilities } from "./capability.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const LATER = NOW / 1000 + 3600;
const key = generateKeyPairSync("ed25519").privateKey;
const capabilities = createCapabilities(key);
const id = fc.string({ unit: "grapheme-ascii", maxLength: 40 });
const capability: fc.Arbitrary<Capability> = fc.record(
  {
    kind: fc.constantFrom(...CAPABILITY_KINDS),
    bearer: id,
    app: id,
    artifact: id,
    expiresAt: fc.integer({ min: LATER, max: LATER + 1e9 }),
  },
  { noNullPrototype: true },
);

describe("an address that carries a right", () => {
  it("says what it was made for", () =>
    fc.assert(fc.property(capability, (one) => assert.deepEqual(capabilities.parse(capabilities.render(one), NOW), one))));

  it("is another one for another link, app, artifact, use or end: none can be made of another", () =>
    fc.assert(
      fc.property(capability, capability, (one, other) => {
        const [a, b] = [capabilities.render(one), capabilities.render(other)];
        assert.equal(a === b, JSON.stringify(one) === JSON.stringify(other));
        // The other's words behind one's own proof.
        const mixed = Buffer.concat([Buffer.from(a, "base64url").subarray(0, 32), Buffer.from(b, "base64url").subarray(32)]);
        const parsed = capabilities.parse(mixed.toString("base64url"), NOW);
        if (a !== b) assert.equal(parsed, undefined);
      }),
    ));

  it("keeps fields apart: what ends one field never begins the next", () => {
    const base = { kind: "install", expiresAt: LATER } as const;
    const words = new Set(
      [
        ["ab", "c", "d"],
        ["a", "bc", "d"],
        ["", "abc", "d"],
        ["a", "b", "cd"],
      ].map(([bearer = "", app = "", artifact = ""]) => capabilities.render({ ...base, bearer, app, artifact })),
    );
    assert.equal(words.size, 4);
  });

  it("is nothing after any change, cut or other way of writing", () =>
    fc.assert(
      fc.property(capability, fc.nat(), fc.integer({ min: 1, max: 63 }), (one, position, change) => {
        const text = capabilities.render(one);
        const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        const at = position % text.length;
        const other = alphabet[(alphabet.indexOf(text.charAt(at)) + change) % 64] ?? "";
        assert.equal(capabilities.parse(text.slice(0, at) + other + text.slice(at + 1), NOW), undefined);
        for (const changed of [text.slice(0, at), `${text}A`, `${text}=`, ` ${text}`, `${text.slice(0, at)}.${text.slice(at)}`])
          assert.equal(capabilities.parse(changed, NOW), undefined);
      }),
    ));

  it("ends", () => {
    const text = capabilities.render({ kind: "icon", bearer: "l", app: "a", artifact: "r", expiresAt: LATER });
    assert.ok(capabilities.parse(text, LATER * 1000 - 1));
    assert.equal(capabilities.parse(text, LATER * 1000), "ended");
  });

  it("is of one instance, and not signed with the key that signs documents", () => {
    const one: Capability = { kind: "icon", bearer: "l", app: "a", artifact: "r", expiresAt: LATER };
    const text = capabilities.render(one);
    assert.equal(createCapabilities(generateKeyPairSync("ed25519").privateKey).parse(text, NOW), undefined);
    const bytes = Buffer.from(text, "base64url");
    const der = key.export({ format: "der", type: "pkcs8" });
    const direct = createHmac("sha256", der).update(bytes.subarray(32)).digest();
    const drawn = createHmac("sha256", Buffer.from(hkdfSync("sha256", der, "", "distd capabilities", 32)))
      .update(bytes.subarray(32))
      .digest();
    assert.ok(!bytes.subarray(0, 32).equals(direct) && bytes.subarray(0, 32).equals(drawn));
  });

  for (const text of ["", "A", "AAAA", "../../etc/passwd", "é", "A".repeat(5000), "-_-_"])
    it(`is not ${JSON.stringify(text.slice(0, 20))}`, () => assert.equal(capabilities.parse(text, NOW), undefined));
});
