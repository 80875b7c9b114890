import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Sha256 } from "@distd/core";
import { findBreak } from "./continuity.ts";
import type { GateSigner } from "./signers.ts";

const digest = (letter: string): Sha256 => letter.repeat(64) as Sha256;
const by = (letter: string, more: Partial<GateSigner> = {}): GateSigner => ({
  certificate: { sha256: digest(letter), subject: "CN=Acme" },
  authorities: [],
  trusted: false,
  lineage: [],
  ...more,
});
const at = (from: number, to = Infinity): Pick<GateSigner, "levels"> => ({ levels: [{ from, to }] });
const lineage = (...nodes: readonly (readonly [string, ...string[]])[]): Pick<GateSigner, "lineage"> => ({
  lineage: nodes.map(([letter, ...capabilities]) => ({ sha256: digest(letter), capabilities })),
});
const OLD = [by("a", at(21))];
const ROTATED = [by("a", at(21, 27)), by("b", { ...at(28), ...lineage(["a", "installed-data"], ["b", "installed-data"]) })];

/** What is live, what is offered → undefined, or the API levels whose phones refuse it (`*` where there are none). */
const CASES: readonly (readonly [
  name: string,
  live: readonly GateSigner[],
  offered: readonly GateSigner[],
  expected: string | undefined,
])[] = [
  ["the same certificate", [by("a")], [by("a")], undefined],
  ["another certificate", [by("a")], [by("b")], "*"],
  ["another certificate of the same subject, by nobody known", [by("a")], [by("b")], "*"],
  ["a renewed certificate, by the same authority", [by("a", { authorities: ["x"] })], [by("b", { authorities: ["x"] })], undefined],
  ["a renewed certificate, by another authority", [by("a", { authorities: ["x"] })], [by("b", { authorities: ["y"] })], "*"],
  ["a renewed certificate, both trusted", [by("a", { trusted: true })], [by("b", { trusted: true })], undefined],
  ["a renewed certificate, trusted only now", [by("a")], [by("b", { trusted: true })], "*"],
  [
    "another team under the same authority",
    [by("a", { authorities: ["x"], team: "AAAAAAAAAA" })],
    [by("b", { authorities: ["x"], team: "BBBBBBBBBB" })],
    "*",
  ],
  [
    "a team where there was none",
    [by("a", { authorities: ["x"], trusted: true })],
    [by("b", { authorities: ["x"], trusted: true, team: "BBBBBBBBBB" })],
    "*",
  ],
  [
    "the same team under another name",
    [by("a", { authorities: ["x"], team: "AAAAAAAAAA" })],
    [{ ...by("b", { authorities: ["x"], team: "AAAAAAAAAA" }), certificate: { sha256: digest("b"), subject: "CN=Acme Ltd" } }],
    undefined,
  ],
  [
    "the same key",
    [{ key: "k", authorities: [], trusted: true, lineage: [] }],
    [{ key: "k", authorities: [], trusted: false, lineage: [] }],
    undefined,
  ],
  [
    "another key",
    [{ key: "k", authorities: [], trusted: true, lineage: [] }],
    [{ key: "l", authorities: [], trusted: true, lineage: [] }],
    "*",
  ],
  ["nothing live that is signed", [], [by("a")], undefined],
  ["nobody any more", [by("a")], [], "*"],
  ["nobody, as before", [], [], undefined],
  ["Android: the same key at every level", OLD, OLD, undefined],
  ["Android: another key", OLD, [by("b", at(21))], "21 and newer"],
  [
    "Android: another key under the same authority",
    [by("a", { ...at(21), authorities: ["x"] })],
    [by("b", { ...at(21), authorities: ["x"] })],
    "21 and newer",
  ],
  ["Android: rotated with proof", OLD, ROTATED, undefined],
  ["Android: rotated without proof", OLD, [by("a", at(21, 27)), by("b", at(28))], "28 and newer"],
  [
    "Android: rotated, and the old key may not hand its data on",
    OLD,
    [by("a", at(21, 27)), by("b", { ...at(28), ...lineage(["a", "auth"], ["b"]) })],
    "28 and newer",
  ],
  [
    "Android: rotated, and phones before 28 see another",
    OLD,
    [by("b", { ...at(21), ...lineage(["c", "installed-data"], ["b"]) })],
    "21 and newer",
  ],
  ["Android: back to the old key", ROTATED, OLD, "28 and newer"],
  [
    "Android: back to the old key, as the lineage permits",
    [by("a", at(21, 27)), by("b", { ...at(28), ...lineage(["a", "installed-data", "rollback"], ["b"]) })],
    OLD,
    undefined,
  ],
  [
    "Android: rotated again",
    ROTATED,
    [by("a", at(21, 27)), by("c", { ...at(28), ...lineage(["a", "installed-data"], ["b", "installed-data"], ["c"]) })],
    undefined,
  ],
  ["Android: two signers, one of them gone", [by("a", at(21)), by("b", at(21))], [by("a", at(21))], "21 and newer"],
  ["Android: levels that what is live was not for", [by("a", at(28))], [by("b", at(21, 27)), by("a", at(28))], undefined],
  ["Android: facts that were only read", [by("a")], [by("b", at(28))], "28 and newer"],
];

describe("continuity of who signs", () => {
  for (const [name, live, offered, expected] of CASES)
    it(`${name}: ${expected === undefined ? "goes on" : "breaks"}`, () => {
      const broken = findBreak(live, offered);
      assert.equal(broken && (broken.levels ?? "*"), expected);
    });

  it("names both sides in full", () => {
    const broken = findBreak([by("a")], [by("b")]);
    assert.deepEqual(broken, { live: `CN=Acme (sha256:${digest("a")})`, offered: `CN=Acme (sha256:${digest("b")})` });
  });
});
