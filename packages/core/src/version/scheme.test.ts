import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DistError } from "../errors/dist-error.ts";
import { bareVersion, compareVersions, parseVersion, VERSION_SCHEMES } from "./scheme.ts";

const refused = { name: "DistError", code: "usage/invalid" };

/** The lists of valid and invalid versions that semver.org publishes with its regular expression. */
const SEMVER_VALID =
  "0.0.4 1.2.3 10.20.30 1.1.2-prerelease+meta 1.1.2+meta 1.1.2+meta-valid 1.0.0-alpha 1.0.0-alpha.beta.1 1.0.0-alpha0.valid 1.0.0-alpha.0valid 1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay 1.0.0-rc.1+build.1 10.2.3-DEV-SNAPSHOT 1.2.3-SNAPSHOT-123 2.0.0+build.1848 2.0.1-alpha.1227 1.2.3----RC-SNAPSHOT.12.9.1--.12+788 1.2.3----R-S.12.9.1--.12+meta 1.0.0+0.build.1-rc.10000aaa-kk-0.1 99999999999999999999999.999999999999999999.99999999999999999 1.0.0-0A.is.legal";
const SEMVER_INVALID =
  "1 1.2 1.2.3-0123 1.2.3-0123.0123 1.1.2+.123 +invalid -invalid -invalid+invalid -invalid.01 alpha alpha.beta alpha+beta alpha_beta alpha. alpha.. 1.0.0-alpha_beta -alpha. 1.0.0-alpha.. 1.0.0-alpha..1 1.0.0-alpha.......1 01.1.1 1.01.1 1.1.01 1.2.3.DEV 1.2-SNAPSHOT 1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788 1.2-RC-SNAPSHOT -1.0.3-gamma+b7718 +justmeta 9.8.7+meta+meta 9.8.7-whatever+meta+meta";

describe("parseVersion", () => {
  it("finds the scheme that fits", () => {
    for (const [scheme, texts] of Object.entries({
      semver: "1.4.0 1.4.0-rc.1 1.4.0+5 2026.11.1 0.2025.0",
      calver: "2026.01.05 26.04 1.2.3.4 26.04-beta 26.04-rc.10",
      numeric: "7 007 1.2.3.4.5",
      opaque: "nightly-7 1.0~rc1 1.4.0- 1..2",
    })) {
      for (const text of texts.split(" ")) assert.equal(parseVersion(text).scheme, scheme, text);
    }
  });

  it("reads as SemVer what semver.org calls valid, and nothing else", () => {
    for (const text of SEMVER_VALID.split(" ")) assert.equal(parseVersion(text, "semver").text, text);
    for (const text of SEMVER_INVALID.split(" ")) assert.throws(() => parseVersion(text, "semver"), refused, text);
  });

  it("takes one leading v off and keeps the rest as written", () => {
    for (const [text, bare] of [
      ["v1.2.3", "1.2.3"],
      ["v7", "7"],
      ["v0.1.0", "0.1.0"],
      ["v2026.01.05-rc.1", "2026.01.05-rc.1"],
      ["1.2.3", "1.2.3"],
      ["version-7", "version-7"],
      ["V1.2.3", "V1.2.3"],
    ] as const) {
      assert.equal(parseVersion(text).text, bare);
      assert.equal(bareVersion(text), bare);
    }
  });

  it("refuses a second v", () => {
    for (const text of ["vv1", "vv1.2.3", "vvv1", "vv"]) assert.throws(() => parseVersion(text), refused, text);
  });

  it("refuses text that is no path segment, file name or header value", () => {
    const hostile = ["", " 1", "1 ", "1\n", "1\r\nx: y", "1\u0000", "1/2", "../1", "..", ".1", "-1", "~1", "1\\2", "1%2f", "1?", "1#"];
    const unicode = ["1.0\u0660", "\u0661.0", "1.0\u202e", "1.0\u200b", "１.0", "1.0é", "1.0\ud800", "1.0🎉"];
    for (const text of [...hostile, ...unicode]) assert.throws(() => parseVersion(text), refused, text);
  });

  it("takes 128 characters and no more", () => {
    assert.equal(parseVersion(`1.0.0-${"x".repeat(122)}`).text.length, 128);
    assert.throws(() => parseVersion(`1.0.0-${"x".repeat(123)}`), refused);
    assert.throws(() => parseVersion("1".repeat(200)), refused);
  });

  it("refuses a number that its key has no room for", () => {
    const longest = "9".repeat(99);
    assert.ok(parseVersion(longest).sortKey.includes(longest));
    for (const scheme of ["numeric", "pep440", "deb", "rpm", undefined] as const) {
      assert.throws(() => parseVersion(`${longest}9`, scheme), refused, scheme);
    }
    assert.throws(() => parseVersion(`1.0.0-${longest}9`), refused);
  });

  it("names the scheme that the text does not fit", () => {
    assert.throws(() => parseVersion("1.4", "semver"), { ...refused, message: "'1.4' is not a semver version" });
    for (const [text, scheme] of [
      ["1.4.0-", "calver"],
      ["1.4-1", "numeric"],
      ["1.4.x", "pep440"],
      ["a:1_2", "deb"],
      ["1-2-3", "rpm"],
    ] as const) {
      assert.throws(() => parseVersion(text, scheme), refused, `${text} as ${scheme}`);
    }
  });

  it("throws nothing but usage/invalid, whatever the text and scheme", () => {
    const texts = fc.string({ unit: fc.constantFrom(...Array.from("v0199..--+~^!_:rcXpostdev/\u0000é😀")), maxLength: 20 });
    fc.assert(
      fc.property(texts, fc.constantFrom(undefined, ...VERSION_SCHEMES), (text, scheme) => {
        try {
          assert.equal(parseVersion(text, scheme).text, bareVersion(text));
        } catch (error) {
          assert.ok(error instanceof DistError && error.code === "usage/invalid", String(error));
        }
      }),
    );
  });

  it("leaves the order of opaque versions open", () => {
    assert.equal(compareVersions(parseVersion("blue"), parseVersion("green")), 0);
  });
});
