import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isPreRelease } from "./constraint.ts";
import { pep440Key } from "./pep440.ts";
import { compareVersions, parseVersion } from "./scheme.ts";

const PYTHON = `
import sys
try:
    from packaging.version import InvalidVersion, Version
except ImportError:
    from pip._vendor.packaging.version import InvalidVersion, Version
def read(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None
for line in sys.stdin:
    a, b = map(read, line.split())
    order = "?" if a is None or b is None else (a > b) - (a < b)
    print(order, *("?" if v is None else int(v.is_prerelease) for v in (a, b)))
`;

function askPackaging(pairs: readonly (readonly [string, string])[]): string[] {
  const input = pairs.map((pair) => `${pair.join(" ")}\n`).join("");
  const { error, stdout } = spawnSync("python3", ["-c", PYTHON], { input, encoding: "utf8" });
  return error === undefined ? stdout.trim().split("\n") : [];
}

const isMissing = askPackaging([["1", "2"]])[0] !== "-1 0 0";
const skip = isMissing && process.env["CI"] !== "true" ? "python3 with packaging or pip is not installed" : false;

const number = fc.constantFrom("", "0", "1", "01", "9", "10");
const mark = (...words: string[]) =>
  fc.tuple(fc.constantFrom("", "", ".", "-", "_"), fc.constantFrom(...words), fc.constantFrom("", "", "."), number);
const rarely = <T extends unknown[]>(part: fc.Arbitrary<T>) => fc.option(part, { freq: 2, nil: [] });
/** Mostly valid, mostly close to each other. */
const version = fc
  .tuple(
    fc.constantFrom("", "", "", "0!", "1!"),
    fc.constantFrom("1", "1.0", "01", "1.0.0", "1.1", "1.0.1", "1.10", "0"),
    rarely(mark("a", "b", "c", "rc", "ALPHA", "beta", "pre", "preview")),
    rarely(fc.oneof(mark("post", "rev", "r", "POST"), fc.tuple(fc.constant("-"), number))),
    rarely(mark("dev", "Dev")),
    rarely(fc.tuple(fc.constantFrom("+", "+", "+", "-"), fc.constantFrom("a", "A.1", "1", "01", "10", "1a", "a-b", "a..b", "ab", "a.9"))),
  )
  .map((parts) => parts.flat().join(""));

describe("PEP 440 versions", () => {
  it("are valid, ordered and pre-releases exactly where Python's packaging says so", { skip }, () => {
    const pairs = fc.sample(fc.tuple(version, version), 1000);
    const truth = askPackaging(pairs);
    assert.equal(truth.length, pairs.length);
    for (const [index, [a, b]] of pairs.entries()) {
      const [left, right] = [a, b].map((text) => (pep440Key(text) === undefined ? undefined : parseVersion(text, "pep440")));
      const found = [
        left && right ? compareVersions(left, right) : "?",
        ...[left, right].map((read) => (read ? Number(isPreRelease(read)) : "?")),
      ];
      assert.equal(found.join(" "), truth[index], `${a} ${b}`);
    }
  });

  it("are ordered as the specification's example", () => {
    const ascending =
      "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 1!0.1".split(
        " ",
      );
    const keys = ascending.map((text) => pep440Key(text) ?? "");
    assert.deepEqual(
      keys.toSorted((a, b) => (a < b ? -1 : 1)),
      keys,
    );
    assert.equal(new Set(keys).size, keys.length);
  });

  it("are equal in all their spellings", () => {
    for (const [a, b] of [
      ["1.0", "1.0.0"],
      ["1.0alpha1", "1.0a1"],
      ["1.0-preview_2", "1.0rc2"],
      ["1.0-1", "1.0.post1"],
      ["1.0.R4", "1.0.post4"],
      ["1.0+ubuntu-1", "1.0+UBUNTU.1"],
      ["1.0.dev", "1.0.dev0"],
      ["1.0a", "1.0a0"],
      ["1.0.post", "1.0.post0"],
    ] as const) {
      assert.equal(pep440Key(a), pep440Key(b) ?? "", `${a} ${b}`);
    }
  });
});
