import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseIgnorePatterns } from "./ignore-patterns.ts";

const ignored = (text: string, ...paths: readonly string[]): string[] => paths.filter((path) => parseIgnorePatterns(text).ignores(path));

describe(".dockerignore", () => {
  it("stays inside a name with * and ?, and goes through folders with **", () => {
    assert.deepEqual(ignored("*.log", "a.log", "b/a.log"), ["a.log"]);
    assert.deepEqual(ignored("*/a?", "b/ab", "b/a", "c/b/ab"), ["b/ab"]);
    assert.deepEqual(ignored("**/*.log", "a.log", "b/a.log", "b/c/a.log", "a.txt"), ["a.log", "b/a.log", "b/c/a.log"]);
    assert.deepEqual(ignored("a/**", "a", "a/b", "a/b/c"), ["a/b", "a/b/c"]);
    assert.deepEqual(ignored("a/**/z", "a/z", "a/b/z", "a/b/c/z", "az"), ["a/z", "a/b/z", "a/b/c/z"]);
  });

  it("takes a folder for what is in it, and the last pattern that matches", () => {
    assert.deepEqual(ignored("build", "build", "build/a/b", "builds"), ["build", "build/a/b"]);
    assert.deepEqual(ignored("build\n!build/keep\nbuild/keep/not", "build/a", "build/keep", "build/keep/a", "build/keep/not"), [
      "build/a",
      "build/keep/not",
    ]);
    assert.deepEqual(ignored("!a\na", "a"), ["a"]);
  });

  it("cleans paths, and takes other signs for themselves", () => {
    for (const line of ["/a/b", "./a/b", "a//b/", "x/../a/b", "  a/b\r"]) assert.deepEqual(ignored(line, "a/b"), ["a/b"], line);
    assert.deepEqual(ignored("\uFEFFa.b", "a.b", "axb"), ["a.b"]);
    assert.deepEqual(ignored(String.raw`\*`, "*", "a"), ["*"]);
    assert.deepEqual(ignored("[a-c]1\n[^x]2", "a1", "d1", "x2", "y2"), ["a1", "y2"]);
    assert.deepEqual(ignored("# a\n\n \n!\n.", "a", "# a"), []);
    assert.deepEqual(ignored("(a)+{b}|$^", "(a)+{b}|$^", "a"), ["(a)+{b}|$^"]);
  });

  it("leaves out a name with any sign, and only that one", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (name) => {
        fc.pre(!/[/\n]/.test(name) && name.trim() === name && !/^[#!\uFEFF]|^\.{1,2}$/u.test(name));
        const line = name.replace(/[\\*?[\]]/g, String.raw`\$&`);
        assert.deepEqual(ignored(line, name, `${name}x`, "other/".concat(name)), [name]);
      }),
    );
  });

  it("is an error where a pattern is none", () => {
    assert.throws(() => parseIgnorePatterns("[z-a]"), { code: "runtime/build-failed", message: /\[z-a\]/ });
  });

  it("never leaves out what is always sent", () => {
    const patterns = parseIgnorePatterns("*", ["Dockerfile"]);
    assert.deepEqual([patterns.ignores("Dockerfile"), patterns.ignores("other"), patterns.hasExceptions], [false, true, true]);
  });
});
