import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ArtifactFacts } from "./facts.ts";
import { settleCoordinate, type StatedCoordinate } from "./settle-coordinate.ts";

function facts(platform: ArtifactFacts["platform"], architectures: ArtifactFacts["architectures"], format = "zip"): ArtifactFacts {
  return {
    format,
    factsVersion: 1,
    platform,
    architectures,
    signing: { state: "unsigned", schemes: [], certificates: [] },
    problems: [],
    details: {},
  };
}

const apk = facts("android", ["x64", "arm64"], "apk");
const dmg = facts("macos", ["arm64"], "dmg");
const plain = facts("any", ["any"], "file");

describe("settleCoordinate", () => {
  it("takes from the bytes what is not stated", () => {
    for (const [found, expected] of [
      [apk, { platform: "android", arch: "any", format: "apk", variant: "", role: "install" }],
      [dmg, { platform: "macos", arch: "arm64", format: "dmg", variant: "", role: "install" }],
      [plain, { platform: "any", arch: "any", format: "file", variant: "", role: "portable" }],
    ] as const) {
      assert.deepEqual(settleCoordinate(found, {}), { coordinate: expected, contradiction: undefined });
    }
  });

  it("takes what is stated where the bytes leave it open", () => {
    const stated: StatedCoordinate = { platform: "linux", arch: "amd64", format: "file", variant: "musl", role: "install" };
    assert.deepEqual(settleCoordinate(plain, stated), {
      coordinate: { platform: "linux", arch: "x64", format: "file", variant: "musl", role: "install" },
      contradiction: undefined,
    });
  });

  it("takes a stated architecture where the bytes name none", () => {
    const { coordinate, contradiction } = settleCoordinate(facts("macos", [], "pkg"), { arch: "arm64" });
    assert.deepEqual([coordinate.arch, contradiction], ["arm64", undefined]);
  });

  it("lets one of several architectures, or all of them, be stated", () => {
    for (const [arch, expected] of [
      ["aarch64", "arm64"],
      ["x86_64", "x64"],
      ["any", "any"],
    ] as const) {
      const { coordinate, contradiction } = settleCoordinate(apk, { arch });
      assert.deepEqual([coordinate.arch, contradiction], [expected, undefined]);
    }
  });

  it("names what the bytes deny", () => {
    for (const [found, stated, expected] of [
      [apk, { platform: "ios" }, { field: "platform", stated: "ios", found: "android" }],
      [apk, { platform: "any" }, { field: "platform", stated: "any", found: "android" }],
      [apk, { arch: "x86" }, { field: "arch", stated: "x86", found: "x64, arm64" }],
      [dmg, { arch: "x64" }, { field: "arch", stated: "x64", found: "arm64" }],
      [dmg, { arch: "any" }, { field: "arch", stated: "any", found: "arm64" }],
      [dmg, { arch: "sparc" }, { field: "arch", stated: "sparc", found: "arm64" }],
      [plain, { arch: "sparc" }, { field: "arch", stated: "sparc", found: "any" }],
      [plain, { arch: "constructor" }, { field: "arch", stated: "constructor", found: "any" }],
      [apk, { format: "ipa" }, { field: "format", stated: "ipa", found: "apk" }],
      [apk, { format: "ipa", platform: "ios", arch: "x86" }, { field: "format", stated: "ipa", found: "apk" }],
    ] as const) {
      assert.deepEqual(settleCoordinate(found, stated).contradiction, expected);
    }
  });

  it("finds no contradiction where statement and bytes agree", () => {
    for (const [found, stated] of [
      [apk, { platform: "android", arch: "arm64-v8a", format: "apk" }],
      [dmg, { platform: "macos", arch: "arm64", format: "dmg", role: "update", variant: "beta" }],
    ] as const) {
      assert.equal(settleCoordinate(found, stated).contradiction, undefined);
    }
  });
});
