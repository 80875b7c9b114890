import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DistError } from "../errors/dist-error.ts";
import { covers, parseTarget, parseVariant, renderTarget, type Target } from "./target.ts";
import { ARCHITECTURES, isPlatform, parseArchitecture, PLATFORMS } from "./words.ts";

const refused = { name: "DistError", code: "usage/invalid" };
/** Names that every object has: a look-up in a plain object finds them. */
const INHERITED = ["constructor", "__proto__", "tostring", "valueof", "hasownproperty", "toString"];

describe("targets", () => {
  it("are read from platform, architecture and variant", () => {
    for (const [text, expected] of [
      ["android", { platform: "android", arch: "any", variant: "" }],
      ["linux/x86_64", { platform: "linux", arch: "x64", variant: "" }],
      ["linux/x64/musl", { platform: "linux", arch: "x64", variant: "musl" }],
    ] as const) {
      assert.deepEqual(parseTarget(text), expected);
    }
  });

  it("are refused with anything else in them", () => {
    const wrong = [
      "",
      "/",
      "bsd/x64",
      "Linux/x64",
      "linux/sparc",
      "linux/",
      "linux//musl",
      "linux/x64/musl/x",
      "linux/x64/Musl",
      "linux/x64/../etc",
      "linux /x64",
    ];
    for (const text of [...wrong, ...INHERITED, ...INHERITED.map((name) => `linux/${name}`)])
      assert.throws(() => parseTarget(text), refused, text);
  });

  it("are the same after writing and reading", () => {
    const target = fc.record({
      platform: fc.constantFrom(...PLATFORMS),
      arch: fc.constantFrom(...ARCHITECTURES),
      variant: fc.oneof(fc.constant(""), fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,31}$/)),
    });
    fc.assert(fc.property(target, (one) => assert.deepEqual(parseTarget(renderTarget(one)), { ...one })));
  });

  it("throw nothing but usage/invalid", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...PLATFORMS, ...ARCHITECTURES, ...INHERITED))), (parts) => {
        try {
          assert.ok(isPlatform(parseTarget(parts.join("/")).platform));
        } catch (error) {
          assert.ok(error instanceof DistError && error.code === "usage/invalid", String(error));
        }
      }),
    );
  });
});

describe("variants", () => {
  it("are up to 32 characters, the first a letter or digit", () => {
    for (const text of ["", "musl", "q4_k_m", "cuda-12.4", "0", "x".repeat(32)]) assert.equal(parseVariant(text), text);
    for (const text of ["-musl", ".x", "a b", "a/b", "Musl", "mü", "a\u0000", "a\n", "x".repeat(33)])
      assert.throws(() => parseVariant(text), refused, text);
  });
});

describe("architectures", () => {
  it("are known by the names that platforms give them", () => {
    const names = {
      x64: "x64 X64 amd64 AMD64 x86_64 x86-64",
      x86: "x86 i386 i686",
      arm64: "arm64 aarch64 ARM64 arm64-v8a",
      armv7: "armv7 armhf armeabi-v7a",
      any: "any all noarch",
    };
    for (const [arch, list] of Object.entries(names)) for (const name of list.split(" ")) assert.equal(parseArchitecture(name), arch, name);
  });

  it("are undefined for anything else", () => {
    for (const name of ["", "sparc", "x64 ", "arm64\u0000", ...INHERITED]) assert.equal(parseArchitecture(name), undefined, name);
  });
});

describe("covers", () => {
  const target = (text: string): Target => parseTarget(text);

  it("holds for the same target and for all architectures over one", () => {
    for (const [wide, narrow, expected] of [
      ["macos/arm64", "macos/arm64", true],
      ["macos/any", "macos/arm64", true],
      ["macos/any", "macos/any", true],
      ["macos/arm64", "macos/any", false],
      ["macos/arm64", "macos/x64", false],
      ["macos/any", "linux/x64", false],
      ["any/any", "linux/x64", false],
      ["linux/any", "linux/x64/musl", false],
      ["linux/any/musl", "linux/x64/musl", true],
    ] as const) {
      assert.equal(covers(target(wide), target(narrow)), expected, `${wide} over ${narrow}`);
    }
  });
});
