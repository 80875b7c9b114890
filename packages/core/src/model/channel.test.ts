import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Heads, promoteHeads, sameHeads, withoutRelease } from "./channel.ts";
import { covers, parseTarget, renderTarget } from "./target.ts";
import { ARCHITECTURES, PLATFORMS } from "./words.ts";

const promote = (heads: Heads, release: string, targets: string, exact = false) =>
  promoteHeads(heads, release, targets.split(" ").map(parseTarget), { exact });

const target = fc.record({
  platform: fc.constantFrom(...PLATFORMS),
  arch: fc.constantFrom(...ARCHITECTURES),
  variant: fc.constantFrom("", "musl"),
});
const targets = fc.array(target, { minLength: 1, maxLength: 4 });
const heads = fc
  .array(fc.tuple(target.map(renderTarget), fc.constantFrom("rel_1", "rel_2")))
  .map((list): Heads => Object.fromEntries(list));

describe("promoteHeads", () => {
  it("moves the targets of a hotfix and keeps the others", () => {
    const before = { "android/any": "rel_1", "ios/arm64": "rel_1", "linux/x64/musl": "rel_1" };
    assert.deepEqual(promote(before, "rel_2", "android/any"), { ...before, "android/any": "rel_2" });
  });

  it("drops the others when asked to be exact", () => {
    assert.deepEqual(promote({ "android/any": "rel_1", "ios/arm64": "rel_1" }, "rel_2", "ios/arm64", true), { "ios/arm64": "rel_2" });
  });

  it("replaces builds for one architecture by a build for all", () => {
    const before = { "macos/arm64": "rel_1", "macos/x64": "rel_1", "linux/x64": "rel_1", "macos/x64/cpu": "rel_1" };
    assert.deepEqual(promote(before, "rel_2", "macos/any"), { "linux/x64": "rel_1", "macos/any": "rel_2", "macos/x64/cpu": "rel_1" });
  });

  it("keeps a build for all beside one for an architecture", () => {
    assert.deepEqual(promote({ "macos/any": "rel_1" }, "rel_2", "macos/arm64"), { "macos/any": "rel_1", "macos/arm64": "rel_2" });
  });

  it("orders the heads by target", () => {
    assert.deepEqual(Object.keys(promote({ "linux/x64": "a" }, "b", "windows/x64 android/any ios/arm64")), [
      "android/any",
      "ios/arm64",
      "linux/x64",
      "windows/x64",
    ]);
  });

  it("keeps exactly what the targets do not cover, and promoting again changes nothing", () => {
    fc.assert(
      fc.property(heads, targets, fc.boolean(), (before, list, exact) => {
        const after = promoteHeads(before, "rel_3", list, { exact });
        for (const one of list) assert.equal(after[renderTarget(one)], "rel_3");
        for (const [head, release] of Object.entries(before)) {
          const isCovered = list.some((one) => covers(one, parseTarget(head)));
          const isPromoted = list.some((one) => renderTarget(one) === head);
          assert.equal(after[head], isPromoted ? "rel_3" : isCovered || exact ? undefined : release);
        }
        for (const [head, release] of Object.entries(after)) if (release !== "rel_3") assert.equal(before[head], release);
        assert.ok(sameHeads(promoteHeads(after, "rel_3", list, { exact }), after));
        assert.ok(sameHeads(promoteHeads(before, "rel_3", list.toReversed(), { exact }), after));
      }),
    );
  });
});

describe("withoutRelease", () => {
  it("takes out one release and leaves the others", () => {
    assert.deepEqual(withoutRelease({ "android/any": "rel_1", "ios/arm64": "rel_2", "linux/x64": "rel_1" }, "rel_1"), {
      "ios/arm64": "rel_2",
    });
  });
});

describe("sameHeads", () => {
  it("compares targets and releases, not their order", () => {
    const one = { "android/any": "rel_1", "ios/arm64": "rel_2" };
    assert.ok(sameHeads(one, { "ios/arm64": "rel_2", "android/any": "rel_1" }));
    for (const other of [{}, { "android/any": "rel_1" }, { ...one, "ios/arm64": "rel_1" }, { ...one, "linux/x64": "rel_1" }]) {
      assert.ok(!sameHeads(one, other) && !sameHeads(other, one));
    }
  });
});
