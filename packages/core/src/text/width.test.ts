import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { displayWidth, graphemes, padDisplay } from "./width.ts";

/** Text, grapheme clusters, columns on a terminal. */
const TABLE = [
  ["", 0, 0],
  ["abc", 3, 3],
  ["日本語", 3, 6],
  ["한국어", 3, 6],
  ["\u1112\u1161\u11ab", 1, 2],
  ["ｆｕｌｌ", 4, 8],
  ["ﾊﾝｶｸ", 4, 4],
  ["e\u0301", 1, 1],
  ["é", 1, 1],
  ["a\u0300\u0316\u0301", 1, 1],
  ["\u0301", 1, 0],
  ["👍", 1, 2],
  ["👍🏽", 1, 2],
  ["👨\u200d👩\u200d👧\u200d👦", 1, 2],
  ["🏳\ufe0f\u200d🌈", 1, 2],
  ["🇩🇪🇯🇵", 2, 4],
  ["1\ufe0f\u20e3", 1, 2],
  ["☎", 1, 1],
  ["☎\ufe0f", 1, 2],
  ["שלום", 4, 4],
  ["مرحبا", 5, 5],
  ["हिन्दी", 2, 2],
  ["\u200b", 1, 0],
  ["\u202eabc\u202c", 5, 3],
  ["a\u0000b", 3, 2],
  ["\r\n", 1, 0],
] as const;

describe("text on a terminal", () => {
  it("has the grapheme clusters that people count", () => {
    for (const [text, count] of TABLE) assert.equal(graphemes(text).length, count, JSON.stringify(text));
  });

  it("has the columns that terminals give it", () => {
    for (const [text, , columns] of TABLE) assert.equal(displayWidth(text), columns, JSON.stringify(text));
  });

  it("is padded by columns, not by characters", () => {
    assert.equal(padDisplay("日本", 6), "日本  ");
    assert.equal(padDisplay("e\u0301", 3), "e\u0301  ");
    assert.equal(padDisplay("👨\u200d👩\u200d👧", 4), "👨\u200d👩\u200d👧  ");
    for (const [columns, expected] of [
      [2, "日本語"],
      [6, "日本語"],
      [0, "日本語"],
      [-1, "日本語"],
    ] as const) {
      assert.equal(padDisplay("日本語", columns), expected);
    }
  });

  it("stays whole: its clusters joined are the text, and a pad only adds spaces", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, columns) => {
        assert.equal(graphemes(text).join(""), text);
        const padded = padDisplay(text, columns);
        assert.equal(padded.slice(0, text.length), text);
        assert.match(padded.slice(text.length), /^ *$/);
        if (padded !== text) assert.equal(padded.length - text.length + displayWidth(text), columns);
        else assert.ok(displayWidth(text) >= columns);
      }),
    );
  });
});
