import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { canonicalJson } from "./canonical-json.ts";

/** RFC 8785 appendix B: IEEE 754 bits and the text of the number. */
const NUMBERS = `
0000000000000000 0|8000000000000000 0|0000000000000001 5e-324|8000000000000001 -5e-324|7fefffffffffffff 1.7976931348623157e+308
ffefffffffffffff -1.7976931348623157e+308|4340000000000000 9007199254740992|c340000000000000 -9007199254740992
4430000000000000 295147905179352830000|44b52d02c7e14af5 9.999999999999997e+22|44b52d02c7e14af6 1e+23|44b52d02c7e14af7 1.0000000000000001e+23
444b1ae4d6e2ef4e 999999999999999700000|444b1ae4d6e2ef4f 999999999999999900000|444b1ae4d6e2ef50 1e+21|3eb0c6f7a0b5ed8c 9.999999999999997e-7
3eb0c6f7a0b5ed8d 0.000001|41b3de4355555553 333333333.3333332|41b3de4355555554 333333333.33333325|41b3de4355555555 333333333.3333333
41b3de4355555556 333333333.3333334|41b3de4355555557 333333333.33333343|becbf647612f3696 -0.0000033333333333333333|43143ff3c1cb0959 1424953923781206.2`;

const fromBits = (bits: string): number => Buffer.from(bits, "hex").readDoubleBE();

describe("canonicalJson", () => {
  it("writes numbers as RFC 8785 appendix B lists them", () => {
    for (const row of NUMBERS.trim().split(/[|\n]/)) {
      const [bits = "", text = ""] = row.split(" ");
      assert.equal(canonicalJson(fromBits(bits)), text, row);
    }
  });

  it("refuses numbers and values that JSON does not have", () => {
    for (const value of [
      fromBits("7fffffffffffffff"),
      fromBits("7ff0000000000000"),
      -Infinity,
      undefined,
      1n,
      () => 1,
      Symbol("x"),
      [undefined],
    ]) {
      assert.throws(() => canonicalJson({ value: [value] }), { name: "DistError", code: "internal/bug" });
    }
  });

  it("writes the sample of RFC 8785 section 3.2.2", () => {
    const sample = {
      // oxlint-disable-next-line no-loss-of-precision -- as the RFC writes it
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
      literals: [null, true, false],
    };
    const expected =
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}';
    assert.equal(canonicalJson(sample), expected);
  });

  it("orders keys by UTF-16 code units, as in section 3.2.3", () => {
    const sample = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 };
    assert.equal(canonicalJson(sample), '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });

  it("leaves members out that are undefined, at every depth", () => {
    assert.equal(canonicalJson({ b: undefined, a: [{ c: undefined, d: null }] }), '{"a":[{"d":null}]}');
  });

  it("refuses half a surrogate pair, in values and keys", () => {
    for (const value of ["\ud83d", "x\ude00", { "\ud83d": 1 }]) {
      assert.throws(() => canonicalJson([value]), { name: "DistError", code: "text/invalid-utf8" });
    }
  });

  it("says the same for equal values in any order of keys, and loses nothing", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        const turned: unknown = JSON.parse(text, (_, member: unknown) =>
          typeof member === "object" && member !== null && !Array.isArray(member)
            ? Object.fromEntries(Object.entries(member).toReversed())
            : member,
        );
        assert.equal(canonicalJson(turned), canonicalJson(value));
        assert.deepEqual(JSON.parse(canonicalJson(value)), value);
      }),
    );
  });
});
