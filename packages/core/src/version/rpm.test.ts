import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compareVersions, parseVersion } from "./scheme.ts";

/** Rows of rpm's own tests/rpmvercmp.at, each as `a b result`. */
const PUBLISHED = `
1.0 1.0 0|1.0 2.0 -1|2.0 2.0.1 -1|2.0.1a 2.0.1 1|2.0.1a 2.0.1a 0|5.5p1 5.5p2 -1|5.5p10 5.5p1 1|10xyz 10.1xyz -1|xyz10 xyz10.1 -1
xyz.4 8 -1|xyz.4 2 -1|5.5p2 5.6p1 -1|5.6p1 6.5p1 -1|6.0.rc1 6.0 1|10b2 10a1 1|10a2 10b2 -1|1.0aa 1.0a 1|10.0001 10.1 0|10.0001 10.0039 -1
4.999.9 5.0 -1|20101121 20101122 -1|2_0 2.0 0|a+ a_ 0|1.0~rc1 1.0 -1|1.0~rc1 1.0~rc1 0|1.0~rc1 1.0~rc2 -1|1.0~rc1~git123 1.0~rc1 -1
1.0^ 1.0^ 0|1.0^ 1.0 1|1.0^git1 1.0 1|1.0^git1 1.0^git2 -1|1.0^git1 1.01 -1|1.0^20160101 1.0.1 -1|1.0^20160102 1.0^20160101^git1 1
1.0~rc1^git1 1.0~rc1 1|1.0~rc1^git1 1.0 -1|1.0^git1~pre 1.0^git1 -1|1.0^git1~pre 1.0 1|1.fc17 1b.fc17 1|1g.fc17 1.fc17 1`;

const order = (a: string, b: string) => compareVersions(parseVersion(a, "rpm"), parseVersion(b, "rpm"));

describe("rpm versions", () => {
  it("are ordered as rpm's own tests say, both ways round", () => {
    for (const row of PUBLISHED.trim().split(/[|\n]/)) {
      const [a = "", b = "", result] = row.split(" ");
      assert.equal(order(a, b), Number(result), row);
      assert.equal(order(b, a), Number(result) === 0 ? 0 : -Number(result), row);
    }
  });

  it("are ordered by epoch, then version, then release", () => {
    const ascending = ["1.0", "1.0-1", "1.0-2", "1.0-10", "1.0^git-1", "1.0.1-1", "2.0-1", "1:0.1-1", "10:0.1-1"];
    for (const [index, lower] of ascending.entries()) {
      for (const higher of ascending.slice(index + 1)) assert.equal(order(lower, higher), -1, `${lower} < ${higher}`);
    }
    assert.equal(order("0:1.0-1", "1.0-1"), 0);
  });
});
