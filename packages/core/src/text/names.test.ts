import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DistError } from "../errors/dist-error.ts";
import { parseVersion } from "../version/scheme.ts";
import { foldName, parseChannelName, parseDisplayName, parseFileName, parseSlug } from "./names.ts";
import { utf8Length } from "./utf8.ts";

function check(parse: (text: string) => string, good: readonly string[], bad: readonly string[]): void {
  for (const text of good) assert.equal(parse(text), text);
  for (const text of bad) assert.throws(() => parse(text), { name: "DistError", code: "usage/invalid" }, JSON.stringify(text));
}

const HOSTILE = [
  "",
  " ",
  ".",
  "..",
  "a/b",
  "../a",
  "a\\b",
  "a\u0000",
  "a\nb",
  "a\r\nx: y",
  "\u202ea",
  "a\ud800",
  "\u2066a",
  "a\u2028b",
  "a\u007fb",
  "a\u0085b",
];

describe("names", () => {
  it("of apps: a-z, 0-9 and inner hyphens, up to 64", () => {
    const good = ["a", "0", "ab", "my-app", "a--b", "a".repeat(64), `a${"-".repeat(62)}a`];
    check(parseSlug, good, [...HOSTILE, "-a", "a-", "-", "A", "my_app", "a.b", "ä", "аpp", "a b", "a".repeat(65), "app\n", "a%2fb"]);
  });

  it("of channels: a-z first, then a-z, 0-9 and hyphens, up to 32", () => {
    const good = ["stable", "beta", "nightly-2", "a", "b-", "release", "version-2", "vnext", "a".repeat(32)];
    check(parseChannelName, good, [...HOSTILE, "releases", "Beta", "0beta", "-beta", "be_ta", "bé", "beta\n", "a".repeat(33)]);
  });

  it("of channels never parse as a version that has an order", () => {
    for (const text of ["v1", "v2026", "v1-2", "v0"]) assert.throws(() => parseChannelName(text), { code: "usage/invalid" }, text);
    fc.assert(
      fc.property(fc.stringMatching(/^(?:a|v[0-9a-u]?)[0-9-]{0,5}$/), (text) => {
        try {
          parseChannelName(text);
        } catch {
          fc.pre(false);
        }
        const version = parseVersion(text);
        assert.deepEqual([version.scheme, version.text], ["opaque", text]);
      }),
    );
  });

  it("for people: any script, no controls or direction overrides", () => {
    const good = [
      "Notes",
      "日本語",
      "שלום",
      "👨\u200d👩\u200d👧",
      "a & b <c>",
      "नमस्ते",
      "x".repeat(100),
      "é".repeat(100),
      "👍🏽".repeat(50),
      "👍".repeat(100),
    ];
    check(parseDisplayName, good, [
      ...HOSTILE.filter((text) => !/^[./\\a-z]+$/.test(text)),
      "x".repeat(101),
      `${"👍".repeat(99)}x\u0301\u0301`,
      "👨\u200d👩\u200d👧".repeat(23),
      "\u2029",
    ]);
  });

  it("for people show something", () => {
    for (const text of ["\u200b", "\u200d\u200d", "\u00ad", "\u2060", " \u200b ", "\u0301"])
      assert.throws(() => parseDisplayName(text), { code: "usage/invalid" }, JSON.stringify(text));
  });

  it("for people are composed and trimmed", () => {
    assert.equal(parseDisplayName("  Cafe\u0301\t"), "Café");
    assert.equal(parseDisplayName("e\u0301".repeat(100)), "é".repeat(100));
  });

  it("of files: what can stand in a header and on any disk", () => {
    const good = [
      "app.apk",
      "My App 1.0 (2).ipa",
      "日本語.zip",
      ".profile",
      "a..b",
      "console.txt",
      "com10.zip",
      "x".repeat(255),
      "é".repeat(127),
      "-rf",
      "a%2fb",
    ];
    check(parseFileName, good, [
      ...HOSTILE.filter((text) => text !== " "),
      "x".repeat(256),
      "é".repeat(128),
      "/",
      "C:\\x",
      "a/",
      "\u202eexe.ipa",
    ]);
  });

  it("of files are none that Windows cannot have", () => {
    for (const text of [
      "a:b",
      "a.txt:stream",
      "a*b",
      "a?",
      'a"b',
      "<a>",
      "a|b",
      "a.",
      "a ",
      " ",
      "...",
      "CON",
      "con.txt",
      "nul",
      "NUL.tar.gz",
      "aux",
      "prn",
      "Com1.zip",
      "com0",
      "lpt9",
      "com¹",
    ]) {
      assert.throws(() => parseFileName(text), { code: "usage/invalid" }, JSON.stringify(text));
    }
  });

  it("of files are composed, and measured after that", () => {
    assert.equal(parseFileName("e\u0301.zip"), "é.zip");
    assert.equal(utf8Length(parseFileName("e\u0301".repeat(127))), 254);
  });

  it("are accepted again as they come out, and refused only with usage/invalid", () => {
    const unit = fc.constantFrom("a", "1", "-", ".", " ", "/", ":", "\u0301", "\ud800", "\n", "ﬁ", "é", "\u200d", "👩", "日");
    const text = fc.string({ unit, maxLength: 6 });
    fc.assert(
      fc.property(text, fc.constantFrom(parseSlug, parseChannelName, parseDisplayName, parseFileName), (given, parse) => {
        try {
          const name = parse(given);
          assert.equal(parse(name), name);
        } catch (error) {
          assert.ok(error instanceof DistError && error.code === "usage/invalid", String(error));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("are quoted in part when they are long", () => {
    for (const parse of [parseSlug, parseChannelName, parseFileName]) {
      assert.throws(
        () => parse(`ab/${"x".repeat(10_000)}`),
        ({ message }: Error) => message.startsWith(`'ab/${"x".repeat(77)}' is not`),
      );
    }
  });

  it("that people take for the same fold to the same", () => {
    for (const [a, b] of [
      ["Notes", "nOTES"],
      ["ﬁle", "FILE"],
      ["Ｎotes", "notes"],
      ["e\u0301", "É"],
      ["Straße", "STRASSE"],
      ["STRAẞE", "strasse"],
      ["℡", "tel"],
      ["ΟΔΟΣ", "οδοσ"],
    ] as const) {
      assert.equal(foldName(a), foldName(b), `${a} ${b}`);
    }
    assert.equal(foldName("ΐ"), "ΐ");
    assert.notEqual(foldName("notes"), foldName("note"));
    assert.notEqual(foldName("resume"), foldName("résumé"));
  });
});
