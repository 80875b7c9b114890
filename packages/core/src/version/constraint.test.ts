import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DistError } from "../errors/dist-error.ts";
import { isPreRelease, parseConstraint } from "./constraint.ts";
import { compareVersions, parseVersion, type VersionScheme } from "./scheme.ts";

const accepts = (constraint: string, version: string, scheme?: VersionScheme) =>
  parseConstraint(constraint, scheme).accepts(parseVersion(version, scheme));

/** Constraint: versions it accepts | versions it does not. */
function check(table: Readonly<Record<string, string>>, scheme?: VersionScheme): void {
  for (const [constraint, row] of Object.entries(table)) {
    const [good = [], bad = []] = row.split("|").map((list) => list.split(" ").filter(Boolean));
    for (const version of good) assert.ok(accepts(constraint, version, scheme), `'${constraint}' accepts ${version}`);
    for (const version of bad) assert.ok(!accepts(constraint, version, scheme), `'${constraint}' does not accept ${version}`);
  }
}

const number = fc.oneof(fc.nat(3), fc.nat(12), fc.nat(3000));
const triple = fc.tuple(number, number, number);
const range = fc
  .tuple(fc.constantFrom("^", "~", ">=", ">", "<", "<=", "=", ""), fc.array(number, { minLength: 1, maxLength: 3 }))
  .map(([operator, numbers]) => operator + numbers.join("."));

describe("version constraints", () => {
  it("follow the table of R2", () => {
    check({
      "1.4.0": "1.4.0 v1.4.0 1.4 1.4.0+7 | 1.4.1 1.3.9 1.4.0-rc.1 1.4.0.1",
      "=1.4.0": "1.4.0 | 1.4.1",
      "v1.4.0": "1.4.0 | 1.4.1",
      "0": "0.0.0 0.2025.3 0.9 | 1.0.0 10.0.0 0.1.0-rc.1",
      "0.2025": "0.2025.0 0.2025.31 | 0.2024.12 0.2026.0 0.20250.0",
      "1.4": "1.4.0 1.4.12 1.4 1.4.0.7 | 1.3.9 1.5.0 1.40.0 2.4.0",
      ">=0.2025.0": "0.2025.0 0.2025.10 0.2026.1 1.0.0 | 0.2024.12 0.2025.1-rc.1",
      ">= 1.4": "1.4.0 2.0.0 | 1.3.9",
      ">1.4": "1.5.0 2.0.0 | 1.4.0 1.4.9",
      ">1.4.0": "1.4.1 | 1.4.0 1.3.0",
      "<=1.4": "1.4.0 1.4.9 0.1.0 | 1.5.0",
      "<=1.4.0": "1.4.0 1.3.0 | 1.4.1",
      "<1.4": "1.3.9 | 1.4.0 1.4.9",
      "<1.4.0": "1.3.9 0.0.1 | 1.4.0",
      "^1.2.3": "1.2.3 1.9.0 | 1.2.2 2.0.0 0.2.3",
      "^0.2.3": "0.2.3 0.2.9 | 0.3.0 0.2.2 1.0.0",
      "^0.0.3": "0.0.3 | 0.0.4 0.1.0",
      "^0": "0.0.0 0.9.0 | 1.0.0",
      "^0.0": "0.0.9 | 0.1.0",
      "^1": "1.0.0 1.9.0 | 2.0.0 0.9.0",
      "^0.2025.3": "0.2025.3 0.2025.30 | 0.2026.0 0.2025.2",
      "~1.2.3": "1.2.3 1.2.9 | 1.3.0 1.2.2",
      "~1.2": "1.2.0 1.2.9 | 1.3.0",
      "~1": "1.0.0 1.9.0 | 2.0.0",
      ">=1.2 <1.5": "1.2.0 1.4.9 | 1.5.0 1.1.0",
      ">=1.2, <1.5, 1.3": "1.3.7 | 1.4.0",
      "1.2 || 1.4": "1.2.5 1.4.5 | 1.3.0",
      "^1.2.3 || >=3": "1.5.0 3.0.0 4.1.0 | 2.0.0",
      latest: "0.0.1 9.9.9 nightly-7 | 1.0.0-rc.1 2026.01-beta",
      " latest ": "1.0.0 | 1.0.0-rc.1",
      "*": "1.0.0 | 1.0.0-rc.1",
    });
  });

  it("order calendar versions by number", () => {
    check({
      "2026": "2026.1 2026.01.05 2026.11.1 | 2025.12 2027.1",
      "2026.01": "2026.1.5 2026.01.31 | 2026.10.1 2026.02",
      "2026.01.05": "2026.1.5 | 2026.1.6",
      ">=2026.9": "2026.09.1 2026.10 2027.01 | 2026.8.31",
      "^2026.01.05": "2026.01.05 2026.12 | 2027.01 2026.01.04",
      "^0.0.0.4": "0.0.0.4 | 0.0.0.5 0.0.0.5-rc 0.0.0.3",
    });
  });

  it("accept a pre-release only where they name one", () => {
    check({
      ">=1.0.0": "1.0.0 | 1.0.0-rc.1 2.0.0-rc.1",
      ">=1.0.0-rc.1": "1.0.0-rc.1 1.0.0-rc.2 1.0.0 | 1.0.0-beta",
      "^1.0.0-rc.1": "1.0.0-rc.2 1.4.0 1.5.0-beta | 2.0.0-rc.1 2.0.0",
      "1.0.0-rc.1": "1.0.0-rc.1 | 1.0.0-rc.2 1.0.0",
      ">=1.0.0-rc.1 <2": "1.9.0-rc.1 | 2.0.0-rc.1",
      ">=1.0.0-rc.1 || 3": "1.0.0-rc.1 | 0.9.0-rc.1",
      ">=1.0.0+5-x": "1.0.0 | 1.1.0-rc.1",
    });
  });

  it("know what a pre-release is in each scheme", () => {
    for (const [text, scheme, expected] of [
      ["1.0.0-rc.1", "semver", true],
      ["1.0.0+rc-1", "semver", false],
      ["2026.01-beta", "calver", true],
      ["2026.01.1.4", "calver", false],
      ["1.0rc1", "pep440", true],
      ["1.0.post1.dev1", "pep440", true],
      ["1.0.post1+abc", "pep440", false],
    ] as const) {
      assert.equal(isPreRelease(parseVersion(text, scheme)), expected, text);
    }
  });

  it("read versions by the scheme they are given", () => {
    check({ "1.4": "1.4.0 1.4.7 | 1.5.0", "^1": "1.4.0 | 2.0.0", ">1": "2.0.0 | 1.9.0" }, "semver");
    check({ "2026": "2026.1 2026.01.05 | 2027.1", "<2026.02": "2026.01.31 | 2026.02.01 2026.2" }, "calver");
    const pep440 = {
      "1.4": "1.4 1.4.7 1.4.post1 | 1.5 1.4rc1 1.5.dev1",
      "1.3rc1": "1.3rc1 | 1.3rc2",
      "~1.3rc1": "1.3rc2 1.3.9 | 1.4rc1 1.4.dev1 1.4.dev0",
    };
    check({ ...pep440, "^10!1.4": "10!1.9 | 10!2.0 1.9", ">=1.0.dev1": "1.0a1 1.1.dev3 | 1.0.dev0" }, "pep440");
    const debian = { "1.2": "1.2 1.2-1 1.2.9-3 | 1.3 1.3~rc1 1.1 1.2~rc1 1.20", "1.2-3": "1.2-3 | 1.2-4", "^1:1.2": "1:1.9-1 | 1:2.0 1.9" };
    check(debian, "deb");
    check({ "1.2": "1.2 1.2-1 1.2.9 1.2^git1 | 1.3 1.3~rc1 1.1 1.2~rc1 1.20", "^1.2": "1.2-1 1.9-7 | 2.0-1 2.0~rc1" }, "rpm");
  });

  it("compare nothing across schemes that have no common order", () => {
    for (const constraint of [">=0", "<9999", "1.0", ">0.1", "<=1.0.0"]) {
      for (const version of [
        parseVersion("1.0", "deb"),
        parseVersion("1.0", "pep440"),
        parseVersion("1.0", "rpm"),
        parseVersion("nightly"),
      ]) {
        assert.equal(parseConstraint(constraint).accepts(version), false, `'${constraint}' and ${version.text} (${version.scheme})`);
      }
    }
  });

  it("accept an opaque version by its text alone", () => {
    check({ "nightly-7": "nightly-7 | nightly-8 1.0.0", "=blue": "blue | green" });
    for (const text of ["^blue", "~blue", ">=blue", "<blue", ">1.4.0.beta"])
      assert.throws(() => parseConstraint(text), { code: "usage/invalid" }, text);
  });

  it("refuse what is no constraint", () => {
    const unfinished = ["", " ", "||", "1 ||", "|| 1", ">=", "^", "~ ", ">=1 <"];
    const malformed = ["==1", ">=vv1", "1/2", "^^1", "1 - 2", "1.0\u0000", "^x", "~x.1", `^${"9".repeat(99)}`, "9".repeat(100)];
    for (const text of [...unfinished, ...malformed])
      assert.throws(() => parseConstraint(text), { name: "DistError", code: "usage/invalid" }, text);
  });

  it("refuse ^ and ~ of a version that begins with no number", () => {
    for (const text of ["^abc", "~abc.1"]) assert.throws(() => parseConstraint(text, "rpm"), { code: "usage/invalid" }, text);
  });

  it("throw nothing but usage/invalid, whatever the text", () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from("^~<>=|v09.-+ x,*!:é\u0000")), maxLength: 8 });
    fc.assert(
      fc.property(text, fc.constantFrom<(VersionScheme | undefined)[]>(undefined, "semver", "pep440", "deb", "rpm"), (given, scheme) => {
        try {
          parseConstraint(given, scheme);
        } catch (error) {
          assert.ok(error instanceof DistError && error.code === "usage/invalid", String(error));
        }
      }),
    );
  });

  it("^x and ~x lie within >=x", () => {
    fc.assert(
      fc.property(triple, triple, fc.constantFrom("^", "~"), (from, given, operator) => {
        const text = from.join(".");
        if (accepts(operator + text, given.join("."))) assert.ok(accepts(`>=${text}`, given.join(".")));
        assert.ok(accepts(operator + text, text));
      }),
    );
  });

  it("a prefix accepts exactly the versions that begin with its numbers", () => {
    const prefix = fc.array(number, { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(prefix, triple, fc.boolean(), (wanted, given, isNear) => {
        const version = isNear ? [...wanted, ...given].slice(0, 3) : given;
        assert.equal(
          accepts(wanted.join("."), version.join(".")),
          wanted.every((part, index) => version[index] === part),
        );
      }),
    );
  });

  it("are met by all alternatives of || and all parts of a list", () => {
    fc.assert(
      fc.property(range, range, triple, (a, b, given) => {
        const version = given.join(".");
        assert.equal(accepts(`${a} || ${b}`, version), accepts(a, version) || accepts(b, version));
        assert.equal(accepts(`${a} ${b}`, version), accepts(a, version) && accepts(b, version));
      }),
    );
  });

  it("< and >= of a full version are each other's opposite, and agree with the order", () => {
    fc.assert(
      fc.property(triple, triple, (a, b) => {
        const [bound, version] = [a.join("."), b.join(".")];
        assert.equal(accepts(`<${bound}`, version), compareVersions(parseVersion(version), parseVersion(bound)) < 0);
        assert.equal(accepts(`>=${bound}`, version), !accepts(`<${bound}`, version));
        assert.equal(accepts(`>${bound}`, version), !accepts(`<=${bound}`, version));
      }),
    );
  });
});
