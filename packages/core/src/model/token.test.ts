import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { isWellFormedToken, renderToken, TOKEN_PREFIX } from "./token.ts";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const randomBytes = fc.uint8Array({ minLength: 64, maxLength: 64 }).filter((bytes) => bytes.filter((byte) => byte < 248).length >= 30);

describe("tokens", () => {
  it("are the prefix, 30 characters, and 6 of their CRC-32 in base 62", () => {
    fc.assert(
      fc.property(randomBytes, (bytes) => {
        const token = renderToken(bytes);
        const [, secret = "", sum = ""] = /^dist_ci_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/.exec(token) ?? [];
        const value = Array.from(sum).reduce((total, digit) => total * 62 + BASE62.indexOf(digit), 0);
        assert.equal(value, crc32(secret));
        assert.ok(isWellFormedToken(token));
      }),
    );
  });

  it("use every character alike: bytes from 248 on are passed over", () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, index) => (index < 34 ? 248 + (index % 8) : index - 34));
    assert.ok(renderToken(bytes).startsWith(TOKEN_PREFIX + BASE62.slice(0, 30)));
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 248; byte++) {
      const first = renderToken(new Uint8Array(64).fill(byte)).charAt(TOKEN_PREFIX.length);
      counts.set(first, (counts.get(first) ?? 0) + 1);
    }
    assert.deepEqual(new Set(counts.values()), new Set([4]));
    assert.equal(counts.size, 62);
  });

  it("are not made of too little randomness", () => {
    assert.throws(() => renderToken(new Uint8Array(64).fill(255)), RangeError);
    assert.throws(() => renderToken(new Uint8Array(29)), RangeError);
  });

  it("are malformed after any change of one character", () => {
    const token = renderToken(Uint8Array.from({ length: 64 }, (_, index) => (index * 37) % 248));
    for (let index = 0; index < token.length; index++) {
      for (const other of [...Array.from(BASE62), "_", "-", " ", "é", ""].filter((character) => character !== token[index])) {
        assert.ok(!isWellFormedToken(token.slice(0, index) + other + token.slice(index + 1)), `${index} ${other}`);
      }
    }
  });

  it("are malformed with two neighbours swapped, or with anything around", () => {
    const token = renderToken(Uint8Array.from({ length: 64 }, (_, index) => (index * 53) % 248));
    for (let index = TOKEN_PREFIX.length; index + 1 < token.length; index++) {
      const [a, b] = [token.charAt(index), token.charAt(index + 1)];
      if (a !== b) assert.ok(!isWellFormedToken(token.slice(0, index) + b + a + token.slice(index + 2)));
    }
    for (const text of ["", TOKEN_PREFIX, ` ${token}`, `${token} `, `${token}\n`, `${token}0`, token.slice(0, -1), token.toUpperCase()])
      assert.ok(!isWellFormedToken(text));
  });

  it("are not guessed: 100,000 random ones are all malformed", () => {
    // A fixed sequence (xorshift), so that the one guess in four thousand million that is right never fails a build.
    let state = 20_261_120;
    const next = (): string => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return BASE62.charAt((state >>> 0) % 62);
    };
    for (let count = 0; count < 100_000; count++) {
      const guess = TOKEN_PREFIX + Array.from({ length: 36 }, next).join("");
      assert.ok(!isWellFormedToken(guess), guess);
    }
  });
});
