import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeAdc } from "../../../../fixtures/formats/make/adc.ts";
import { LZFSE_CONTENTS } from "../../../../fixtures/formats/make/lzfse-contents.ts";
import { isBroken } from "../broken.ts";
import { decodeAdc } from "./adc.ts";

describe("adc", () => {
  const decode = (bytes: readonly number[], maxBytes = 100): string => Buffer.from(decodeAdc(Buffer.from(bytes), maxBytes)).toString();

  it("reads literals, and copies of both kinds", () => {
    assert.equal(decode([0x82, 0x61, 0x62, 0x63]), "abc");
    assert.equal(decode([0x82, 0x61, 0x62, 0x63, 0x00, 2]), "abcabc");
    assert.equal(decode([0x82, 0x61, 0x62, 0x63, 0x3c, 0]), `abc${"c".repeat(18)}`);
    assert.equal(decode([0x82, 0x61, 0x62, 0x63, 0x41, 0, 1]), "abcbcbcb");
  });

  for (const [name, bytes] of [
    ["a copy from before the beginning", [0x80, 0x61, 0x00, 1]],
    ["literals that end early", [0x82, 0x61]],
    ["a copy that ends early", [0x80, 0x61, 0x40, 0]],
    ["more than announced", [0x80, 0x61, 0x7f, 0, 0]],
  ] as const)
    it(`refuses ${name}`, () => {
      assert.throws(() => decode(bytes, 20), isBroken);
    });

  for (const [name, content] of Object.entries(LZFSE_CONTENTS))
    it(`reads ${name}`, () => {
      const expected = content();
      assert.ok(Buffer.from(decodeAdc(encodeAdc(expected), expected.length)).equals(expected));
    });
});
