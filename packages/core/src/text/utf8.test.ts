import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeUtf8, decodeValidStart, encodeUtf8, utf8Length } from "./utf8.ts";

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));

describe("UTF-8", () => {
  it("is decoded to the text it is", () => {
    for (const [hex, text] of [
      ["", ""],
      ["61 c3a9 e282ac f09f9880", "aé€😀"],
      ["00", "\0"],
      ["efbfbd", "\ufffd"],
      ["efbfbe f48fbfbf", "\ufffe\u{10ffff}"],
      ["efbbbf 61", "a"],
      ["61 efbbbf", "a\ufeff"],
    ] as const) {
      assert.equal(decodeUtf8(bytes(hex)), text, hex);
    }
  });

  it("is refused when invalid, never mended", () => {
    // Alone, cut off, overlong, half a surrogate pair, beyond U+10FFFF, Latin-1, UTF-16.
    for (const hex of [
      "80",
      "ff",
      "61 c3",
      "e282",
      "f09f98",
      "c080",
      "e0809f",
      "f0808080",
      "eda080",
      "edbfbf",
      "f4908080",
      "f8888080 80",
      "63 61 66 e9 21",
      "fffe 6100",
    ]) {
      assert.throws(() => decodeUtf8(bytes(hex)), { name: "DistError", code: "text/invalid-utf8" }, hex);
    }
  });

  it("is text up to the first invalid byte", () => {
    for (const [hex, text] of [
      ["", ""],
      ["61", "a"],
      ["61 c3", "a"],
      ["61 c3a9 ff 62", "aé"],
      ["61 0a c328", "a\n"],
      ["efbfbd 80", "\ufffd"],
      ["f09f9880 f09f98", "😀"],
      ["61 eda080", "a"],
    ] as const) {
      assert.equal(decodeValidStart(bytes(hex)), text, hex);
    }
  });

  it("is the same after encoding and decoding, and its length is in bytes", () => {
    assert.equal(utf8Length("aé€😀"), 10);
    const text = fc.string({ unit: "binary" }).filter((one) => !one.startsWith("\ufeff"));
    fc.assert(
      fc.property(text, (one) => {
        assert.equal(decodeUtf8(encodeUtf8(one)), one);
        assert.equal(utf8Length(one), encodeUtf8(one).length);
      }),
    );
  });
});
