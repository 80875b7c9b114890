import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compareVersions, parseVersion, type VersionScheme } from "./scheme.ts";
import { numberKey } from "./sort-key.ts";

const order = (a: string, b: string, scheme?: VersionScheme) => compareVersions(parseVersion(a, scheme), parseVersion(b, scheme));

function ascends(texts: readonly string[], scheme?: VersionScheme): void {
  for (const [index, lower] of texts.entries()) {
    for (const higher of texts.slice(index + 1)) {
      assert.ok(order(lower, higher, scheme) < 0, `${lower} < ${higher}`);
      assert.ok(order(higher, lower, scheme) > 0, `${higher} > ${lower}`);
    }
  }
}

const numeric = fc.oneof(fc.nat(12), fc.nat(), fc.bigInt(0n, 10n ** 20n)).map(String);
const identifier = fc.oneof(numeric, fc.stringMatching(/^[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,3}$/));
const semver = fc
  .tuple(fc.array(numeric, { minLength: 3, maxLength: 3 }), fc.array(identifier, { maxLength: 3 }))
  .map(([numbers, pre]) => `${numbers.join(".")}${pre.length === 0 ? "" : `-${pre.join(".")}`}`);

/** SemVer 2.0.0 section 11, as written there. */
function precedence(a: string, b: string): number {
  const read = (text: string) => {
    const [, core = "", pre] = /^([^-]*)(?:-(.*))?$/.exec(text) ?? [];
    return { core: core.split(".").map(BigInt), pre: pre?.split(".") };
  };
  const [left, right] = [read(a), read(b)];
  for (const [index, number] of left.core.entries()) {
    const other = right.core[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (!left.pre || !right.pre) return left.pre ? -1 : right.pre ? 1 : 0;
  for (let index = 0; index < Math.max(left.pre.length, right.pre.length); index++) {
    const [x, y] = [left.pre[index], right.pre[index]];
    if (x === y) continue;
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    const [xIsNumber, yIsNumber] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (xIsNumber !== yIsNumber) return xIsNumber ? -1 : 1;
    return (xIsNumber ? BigInt(x) < BigInt(y) : x < y) ? -1 : 1;
  }
  return 0;
}

describe("sort keys", () => {
  it("order SemVer as the examples of its section 11", () => {
    ascends(
      ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"],
      "semver",
    );
    ascends(["1.0.0", "2.0.0", "2.1.0", "2.1.1"], "semver");
  });

  it("order any SemVer as section 11 says", () => {
    fc.assert(
      fc.property(semver, semver, (a, b) => assert.equal(order(a, b, "semver"), precedence(a, b))),
      { numRuns: 500 },
    );
  });

  it("order pre-releases of one SemVer as section 11 says", () => {
    const pair = fc.tuple(fc.array(identifier, { minLength: 1, maxLength: 3 }), fc.array(identifier, { minLength: 1, maxLength: 3 }));
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const [left, right] = [`1.0.0-${a.join(".")}`, `1.0.0-${b.join(".")}`];
        assert.equal(order(left, right, "semver"), precedence(left, right));
      }),
      { numRuns: 500 },
    );
  });

  it("know no build metadata", () => {
    assert.equal(order("1.0.0+1", "1.0.0+2"), 0);
    assert.equal(order("1.0.0-rc.1+exp", "1.0.0-rc.1"), 0);
  });

  it("order calendar versions by number, with or without leading zeros", () => {
    ascends(["2025.12.31", "2026.1", "2026.01.05-rc.1", "2026.01.05", "2026.1.12", "2026.02", "2026.10.1", "2026.11"]);
    ascends(["0.2024.12", "0.2025.0", "0.2025.9", "0.2025.10", "0.2026.0"]);
    assert.equal(order("2026.01.05", "2026.1.5"), 0);
    assert.equal(order("26.04", "26.4.0"), 0);
  });

  it("order versions of four numbers, pre-releases before their own release", () => {
    ascends([
      "1.2.3-rc.1",
      "1.2.3",
      "1.2.3.1-rc.1",
      "1.2.3.1",
      "1.2.3.2-alpha",
      "1.2.3.2-rc.1",
      "1.2.3.2",
      "1.2.3.10",
      "1.2.4-rc",
      "1.2.4",
    ]);
  });

  it("order plain numbers by value, however long", () => {
    ascends(["9", "10", "99", "100", "99999999999999999999", "100000000000000000000"], "numeric");
    ascends(["1", "1.0.1", "1.0.1.0.0", "1.0.1.0.1", "1.1"], "numeric");
    fc.assert(fc.property(numeric, numeric, (a, b) => assert.equal(numberKey(a) < numberKey(b), BigInt(a) < BigInt(b))));
    assert.equal(numberKey("007"), numberKey("7"));
  });

  it("agree with each other in SemVer, calendar and plain numbers", () => {
    const version = fc.array(fc.oneof(fc.nat(2), fc.nat(12)), { minLength: 1, maxLength: 6 });
    const pad = (numbers: readonly number[]) => [...numbers, 0, 0].slice(0, Math.max(3, numbers.length));
    fc.assert(
      fc.property(version, version, (a, b) => {
        const [left, right] = [pad(a), pad(b)];
        const at = left.findIndex((number, index) => number !== right[index]);
        const expected = at === -1 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1);
        assert.equal(order(a.join("."), b.join(".")), Math.sign(expected), `${a.join(".")} ${b.join(".")}`);
      }),
      { numRuns: 500 },
    );
  });

  it("compare alike as code units, code points and bytes, in every scheme", () => {
    const text = fc.stringMatching(/^[0-9][0-9A-Za-z.+~^!_:-]{0,12}$/);
    fc.assert(
      fc.property(
        text,
        fc.constantFrom<VersionScheme[]>("semver", "calver", "numeric", "pep440", "deb", "rpm", "opaque"),
        (given, scheme) => {
          let key = "";
          try {
            key = parseVersion(given, scheme).sortKey;
          } catch {
            fc.pre(false);
          }
          assert.match(key, /^[\x20-\x7e]*$/);
        },
      ),
    );
  });
});
