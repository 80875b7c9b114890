import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ArtifactFacts, Sha256, SigningFacts } from "@distd/core";
import { describeSigning } from "@distd/inspect/verify";
import { trustOf } from "./trust.ts";
import { LANGUAGES } from "./words/index.ts";

const certificate = { sha256: "a".repeat(64) as Sha256, subject: "CN=Acme" };
const signed = (
  names: readonly string[],
  intact: boolean,
  trusted: boolean,
  details: Readonly<Record<string, unknown>> = {},
): SigningFacts => ({
  state: "verified",
  schemes: ["v2"],
  certificates: [certificate],
  intact,
  trusted,
  signatures: names.map((name) => ({
    scheme: "v2",
    intact,
    trusted,
    signer: { name, certificates: [certificate] },
    problems: [],
    details,
  })),
});
const nobody = { scheme: "codesign", intact: true, trusted: false, problems: [{ code: "signing/nobody", message: "Ad hoc." }] };
const SIGNINGS: Readonly<Record<string, SigningFacts>> = {
  unsigned: { state: "unsigned", schemes: [], certificates: [] },
  unverified: { state: "unverified", schemes: ["header-rsa", "header-dsa"], certificates: [] },
  broken: signed(["Acme"], false, false),
  trusted: signed(["Acme"], true, true),
  "by two": signed(["Acme", "Beta"], true, true),
  intact: signed(["Acme"], true, false),
  notarized: signed(["Acme"], true, true, { notarized: true }),
  "not notarized": signed(["Acme"], true, true, { notarized: false }),
  "by nobody": { state: "verified", schemes: ["codesign"], certificates: [], intact: true, trusted: false, signatures: [nobody] },
};
const factsOf = (signing: SigningFacts, format = "apk"): ArtifactFacts => ({
  format,
  factsVersion: 1,
  platform: "android",
  architectures: ["any"],
  signing,
  problems: [],
  details: {},
});

describe("the truth about trust on pages", () => {
  const [english] = LANGUAGES;
  for (const [name, signing] of Object.entries(SIGNINGS))
    it(`${name}: in English the words of the command line and the API`, () => {
      assert.ok(english);
      const text = trustOf(factsOf(signing), english)?.text ?? "";
      assert.equal(text.charAt(0).toLowerCase() + text.slice(1), describeSigning(signing));
    });

  it("is different for each of them, in every language", () => {
    for (const words of LANGUAGES) {
      const texts = Object.values(SIGNINGS).map((signing) => trustOf(factsOf(signing), words)?.text);
      assert.equal(new Set(texts).size, texts.length, words.name);
    }
  });

  it("says nothing of what nobody signs", () => {
    for (const format of ["file", "signature"])
      assert.equal(trustOf(factsOf(SIGNINGS["unsigned"] ?? assert.fail(), format), LANGUAGES[0] ?? assert.fail()), undefined);
  });
});
