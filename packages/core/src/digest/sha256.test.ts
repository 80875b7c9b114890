import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSha256, parseSha256, renderSha256, sha256 } from "./sha256.ts";

/** FIPS 180-2, appendix B. */
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

describe("SHA-256 digests", () => {
  it("are those of the standard, for text and bytes", () => {
    assert.equal(sha256("abc"), ABC);
    assert.equal(sha256(new Uint8Array([0x61, 0x62, 0x63])), ABC);
  });

  it("are read with and without their prefix, and written with it", () => {
    assert.equal(parseSha256(ABC), ABC);
    assert.equal(renderSha256(parseSha256(`sha256:${ABC}`)), `sha256:${ABC}`);
  });

  it("are 64 lower-case digits and nothing else", () => {
    for (const text of [
      "",
      ABC.slice(1),
      `${ABC}0`,
      ABC.toUpperCase(),
      `${ABC.slice(1)}g`,
      `sha256:sha256:${ABC}`,
      `sha512:${ABC}`,
      `${ABC}\n`,
      ` ${ABC}`,
    ]) {
      assert.throws(() => parseSha256(text), { name: "DistError", code: "usage/invalid" }, text);
      assert.equal(isSha256(text), false, text);
    }
  });
});
