import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseLanguage, findLanguage, LANGUAGES } from "./index.ts";

/** Every text, by its path; functions as what they say of X. */
function texts(value: unknown, path = ""): readonly (readonly [path: string, text: string])[] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function")
    return [[path, String((value as (word: unknown) => unknown)(path === ".platformList" ? ["android", "ios"] : "X"))]];
  return Object.entries(value as object).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

describe("languages", () => {
  const [english] = LANGUAGES;
  /** Names, which are the same everywhere. */
  const NAMES = /^\.(?:platforms\.(?:android|macos|windows|linux)|digest|direction|chip\.x64|apps|build|versionWord)$/;

  for (const words of LANGUAGES) {
    const all = texts(words);
    it(`${words.name}: every text is there`, () => {
      assert.deepEqual(
        all.map(([path]) => path),
        texts(english).map(([path]) => path),
      );
      for (const [path, text] of all) assert.ok(path === ".trustOf.and" || (text.trim() === text && text.length > 0), path);
    });
    if (words === english) continue;
    it(`${words.name}: nothing was left in English`, () => {
      const left = all.filter(([path, text], index) => text === texts(english)[index]?.[1] && !NAMES.test(path));
      assert.deepEqual(left, []);
    });
  }

  it("are chosen as browsers ask", () => {
    for (const [header, expected] of [
      [null, "en"],
      ["", "en"],
      ["de-AT,de;q=0.9,en;q=0.8", "de"],
      ["fr-CH, fr;q=0.9, ja;q=0.8, en;q=0.7, *;q=0.5", "ja"],
      ["zh-TW,zh;q=0.9,en;q=0.8", "zh-Hans"],
      ["en;q=0.5, de;q=0.7", "de"],
      ["de;q=0, ja", "ja"],
      ["fr", "en"],
      ["de;q=x", "de"],
      [",;,=;q", "en"],
    ] as const)
      assert.equal(chooseLanguage(header).language, expected, String(header));
    assert.equal(findLanguage("JA-jp")?.language, "ja");
    assert.equal(findLanguage("constructor"), undefined);
  });
});
