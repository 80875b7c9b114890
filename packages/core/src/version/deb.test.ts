import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compareVersions, parseVersion } from "./scheme.ts";

const order = (a: string, b: string) => compareVersions(parseVersion(a, "deb"), parseVersion(b, "deb"));

/** -1, 0 or 1 for each pair, by the tool whose order this is. */
function askDpkg(pairs: readonly (readonly [string, string])[]): number[] {
  const script =
    'while read a b; do if dpkg --compare-versions "$a" lt "$b"; then echo -1; elif dpkg --compare-versions "$a" eq "$b"; then echo 0; else echo 1; fi; done';
  const run = spawnSync("sh", ["-c", script], { input: pairs.map((pair) => `${pair.join(" ")}\n`).join(""), encoding: "utf8" });
  assert.equal(run.stderr, "");
  return run.stdout.trim().split("\n").map(Number);
}

const isMissing = spawnSync("dpkg", ["--version"]).status !== 0;
const skip = isMissing && process.env["CI"] !== "true" ? "dpkg is not installed" : false;

// Few different pieces, so that versions often share a beginning.
const tail = fc
  .array(fc.constantFrom("0", "1", "01", "9", "10", "a", "b", "Z", "rc", "~", "+", ".", "-"), { maxLength: 5 })
  .map((parts) => parts.join(""));
const upstream = fc.tuple(fc.constantFrom("0", "1", "1.0", "01."), tail).map(([head, rest]) => head + rest);
const version = fc
  .tuple(fc.constantFrom("", "", "0:", "1:"), upstream)
  .map(([epoch, rest]) => epoch + rest)
  .filter((text) => /^[^-]*(?:-.*)?[^-]$/.test(text) && !/-[^-]*\+[^-]*$/.test(text));

describe("deb versions", () => {
  it("are ordered as dpkg orders them", { skip }, () => {
    const pairs = fc.sample(fc.tuple(version, version), 250);
    const truth = askDpkg(pairs);
    assert.equal(truth.length, pairs.length);
    for (const [index, [a, b]] of pairs.entries()) assert.equal(order(a, b), truth[index], `${a} ${b}`);
  });

  it("are ordered as in the examples of deb-version(7)", () => {
    const ascending = ["1.0~~", "1.0~~a", "1.0~", "1.0~rc1", "1.0", "1.0-1", "1.0-1.1", "1.0a", "1.0+b1", "1.0.1", "1.2", "1.10", "1:0.1"];
    for (const [index, lower] of ascending.entries()) {
      for (const higher of ascending.slice(index + 1)) assert.equal(order(lower, higher), -1, `${lower} < ${higher}`);
    }
  });

  it("are equal whatever the leading zeros, a zero epoch and a zero revision", () => {
    for (const [a, b] of [
      ["1.0", "1.00"],
      ["1.0", "0:1.0"],
      ["1.0", "1.0-0"],
      ["1a", "1a0"],
    ] as const) {
      assert.equal(order(a, b), 0, `${a} ${b}`);
    }
  });
});
