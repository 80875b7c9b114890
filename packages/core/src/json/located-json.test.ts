import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DistError } from "../errors/dist-error.ts";
import { parseLocatedJson } from "./located-json.ts";

const value = (text: string): unknown => parseLocatedJson(text).value;
const fails = (text: string, line: number, column: number, message: string) =>
  assert.throws(() => parseLocatedJson(text), {
    name: "DistError",
    code: "manifest/invalid",
    message: `line ${line}: ${message}`,
    details: { line, column, field: "" },
  });

describe("parseLocatedJson", () => {
  it("reads what JSON.parse reads, however it is spaced", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "grapheme" }), fc.constantFrom(undefined, 1, "\t"), (text, space) => {
        const spaced = JSON.stringify(JSON.parse(text), null, space);
        for (const one of [text, spaced, ` \r\n${spaced}\t\n`]) assert.equal(JSON.stringify(value(one)), JSON.stringify(JSON.parse(one)));
      }),
    );
  });

  it("refuses what JSON.parse refuses, and nothing else but repeated keys", () => {
    const change = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom("", "{", "}", "[", "]", ",", ":", '"', "\\", "0", "-", ".", "e", " ", "\n", "\u00a0", "\ufeff", "t", "\u0000"),
    );
    fc.assert(
      fc.property(change, ([text, at, piece]) => {
        const index = at % (text.length + 1);
        const changed = text.slice(0, index) + piece + text.slice(index + 1);
        let expected: string | undefined;
        try {
          expected = JSON.stringify(JSON.parse(changed));
        } catch {
          expected = undefined;
        }
        try {
          assert.equal(JSON.stringify(value(changed)), expected);
        } catch (error) {
          assert.ok(error instanceof DistError && error.code === "manifest/invalid", String(error));
          assert.ok(expected === undefined || error.message.endsWith("is there twice"), error.message);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("throws nothing but manifest/invalid, with a place in the text, whatever the text", () => {
    const text = fc.string({
      unit: fc.constantFrom("{", "}", "[", "]", ",", ":", '"', '"a"', "\\", "1", "\n", " ", "true", "é", "😀", "\ud83d"),
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, (given) => {
        try {
          parseLocatedJson(given);
        } catch (error) {
          assert.ok(error instanceof DistError && error.code === "manifest/invalid", String(error));
          const { line, column } = error.details as { line: number; column: number };
          const there = given.split("\n")[line - 1];
          assert.ok(there !== undefined && column >= 1 && column <= there.length + 1, `${line}:${column}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("says where the text stops being JSON", () => {
    fails("", 1, 1, "the JSON ends too early");
    fails('{\n  "a": 1,\n', 3, 1, "the JSON ends too early");
    fails('{\n  "a": [1,', 2, 11, "the JSON ends too early");
    fails('{\n  "a": "x', 2, 10, "the JSON ends too early");
    fails('{ "a" 1 }', 1, 7, "expected ':'");
    fails("{ a: 1 }", 1, 3, 'unexpected "a"');
    fails('{ "a": 1 "b": 2 }', 1, 10, "expected ',' or '}'");
    fails('{ "a": 1, }', 1, 11, "expected a key in quotes");
    fails("{ 1: 1 }", 1, 3, "expected a key in quotes");
    fails("[1 2]", 1, 4, "expected ',' or ']'");
    fails("[1,\n ]", 2, 2, 'unexpected "]"');
    fails("[1, // x\n2]", 1, 5, 'unexpected "/"');
    fails('["a\nb"]', 1, 4, 'unexpected "\\n"');
    fails('["\\x"]', 1, 3, 'unexpected "\\\\"');
    fails("[01]", 1, 3, "expected ',' or ']'");
    fails("[é]", 1, 2, 'unexpected "é"');
    fails("[😀]", 1, 2, 'unexpected "😀"');
  });

  it("refuses text after the value", () => {
    fails("{}\n\n  {}", 3, 3, "text after the JSON value");
    fails("1 x", 1, 3, "text after the JSON value");
  });

  it("refuses a key that is there twice, at the second one", () => {
    fails('{\n  "a": 1,\n  "b": { "a": 1 },\n  "a": 2\n}', 4, 3, 'the key "a" is there twice');
    fails('{ "a": 1, "\\u0061": 2 }', 1, 11, 'the key "\\u0061" is there twice');
    fails('{ "__proto__": 1, "__proto__": 2 }', 1, 19, 'the key "__proto__" is there twice');
  });

  it("reads 64 levels and refuses more", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    assert.equal(JSON.stringify(value(nested(65))), nested(65));
    fails(nested(66), 1, 66, "nested deeper than 64");
    fails(nested(200_000), 1, 66, "nested deeper than 64");
    fails('{"a":'.repeat(100_000), 1, 326, "nested deeper than 64");
  });

  it("refuses half a surrogate pair, which is not text", () => {
    assert.equal(value('"\\ud83d\\ude00"'), "😀");
    fails('{\n "a": "\\ud83d" }', 2, 7, "half a surrogate pair is not text");
    fails('{ "x\\ude00": 1 }', 1, 3, "half a surrogate pair is not text");
  });

  it("keeps keys that objects have by themselves as plain members", () => {
    const read = value('{ "__proto__": { "polluted": true }, "constructor": 1, "toString": 2 }') as Record<string, unknown>;
    assert.deepEqual(Object.keys(read), ["__proto__", "constructor", "toString"]);
    assert.equal(Object.getPrototypeOf(read), null);
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });

  it("reads long strings and many keys", () => {
    const long = "x\\n".repeat(700_000);
    assert.equal((value(`"${long}"`) as string).length, 1_400_000);
    const keys = Array.from({ length: 50_000 }, (_, index) => `"k${index}":${index}`);
    assert.equal(Object.keys(value(`{${keys.join(",")}}`) as object).length, 50_000);
    const values = value(`{"${"k".repeat(200_000)}":[${"0,".repeat(20_000)}0]}`) as Record<string, unknown[]>;
    assert.equal(Object.values(values)[0]?.length, 20_001);
  });
});

describe("locate", () => {
  const { locate } = parseLocatedJson('{\n  "a": [1, { "b": true }],\n  "c/d": 1,\n  "c": { "d": 2, "__proto__": 3 },\n  "a/0": 4\n}');

  it("finds the value at a path", () => {
    for (const [path, line, column] of [
      [[], 1, 1],
      [["a"], 2, 8],
      [["a", 0], 2, 9],
      [["a", 1, "b"], 2, 19],
      [["c/d"], 3, 10],
      [["c", "d"], 4, 15],
      [["c", "__proto__"], 4, 31],
      [["a/0"], 5, 10],
    ] as const) {
      assert.deepEqual(locate(path), { line, column }, path.join("."));
    }
  });

  it("finds the nearest parent of what is missing", () => {
    assert.deepEqual(locate(["a", 1, "x", "y"]), { line: 2, column: 12 });
    assert.deepEqual(locate(["x", 0]), { line: 1, column: 1 });
  });
});
