// What becomes of a signed bundle when something is added to it, taken away, or exchanged.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { writeProgram } from "../../../../../fixtures/signatures/make/apple-unsigned.ts";
import { readSigned, verifyBytes } from "../../test-support/apple/signed-files.ts";
import { stateOf } from "../../test-support/verdicts.ts";
import { fileOf, packIpa, pack, readTree, type Tree } from "../../test-support/apple/trees.ts";

const mac = await readTree("macapp/developer-id.zip");
const foreign = await readTree("macapp/stranger.zip");
const contents = "Lantern.app/Contents";
const framework = `${contents}/Frameworks/Glow.framework`;
const text = (words: string): Buffer => Buffer.from(words);
const APPLE_DOUBLE = Buffer.concat([Buffer.from("0005160700020000", "hex"), Buffer.alloc(74)]);

/** What is done to the files → what the verdict is then, beside `not-notarized`. */
const CHANGES: Readonly<Record<string, readonly [change: (tree: Tree) => void, state: string]>> = {
  "a resource more": [(tree) => tree.set(`${contents}/Resources/more.txt`, text("more")), "uncovered"],
  "a localized resource more": [(tree) => tree.set(`${contents}/Resources/fr.lproj/Words.strings`, text("more")), "uncovered"],
  "code more": [(tree) => tree.set(`${contents}/MacOS/more`, writeProgram({ seed: 7 })), "uncovered"],
  "a framework more": [(tree) => tree.set(`${contents}/Frameworks/More.framework/More`, writeProgram({ kind: 6, seed: 7 })), "uncovered"],
  "a link more": [(tree) => tree.set(`${contents}/Resources/more`, { link: "note.txt" }), "uncovered"],
  "a file in the app's root": [(tree) => tree.set("Lantern.app/more.txt", text("more")), "uncovered"],
  "a file in the framework's root": [(tree) => tree.set(`${framework}/more.txt`, text("more")), "uncovered"],
  "a link in the framework's root to elsewhere": [(tree) => tree.set(`${framework}/More`, { link: "../../Resources" }), "uncovered"],
  "another version of the framework": [(tree) => tree.set(`${framework}/Versions/B/Glow`, writeProgram({ kind: 6, seed: 8 })), "stripped"],
  "a file beside the signature": [(tree) => tree.set(`${contents}/_CodeSignature/more`, text("more")), "uncovered"],
  "a file beside a plug-in's signature": [
    (tree) => tree.set(`${contents}/PlugIns/Share.appex/Contents/_CodeSignature/CodeDirectory`, text("more")),
    "uncovered",
  ],
  "a ticket that is none": [(tree) => tree.set(`${contents}/CodeResources`, text("ticket")), "uncovered"],
  "a resource less": [(tree) => tree.delete(`${contents}/Resources/note.txt`), "digest-mismatch"],
  "a link less": [(tree) => tree.delete(`${contents}/Resources/link.txt`), "digest-mismatch"],
  "code less": [(tree) => tree.delete(`${contents}/MacOS/wick`), "digest-mismatch"],
  "no Info.plist": [(tree) => tree.delete(`${contents}/Info.plist`), "unsigned"],
  "no CodeResources": [(tree) => tree.delete(`${contents}/_CodeSignature/CodeResources`), "digest-mismatch uncovered"],
  "no program": [(tree) => tree.delete(`${contents}/MacOS/Lantern`), "stripped"],
  "no library in the framework": [(tree) => tree.delete(`${framework}/Versions/A/Glow`), "stripped"],
  "a program without its signature": [(tree) => tree.set(`${contents}/MacOS/Lantern`, writeProgram({ seed: 10 })), "stripped"],
  "code inside without its signature": [(tree) => tree.set(`${contents}/MacOS/wick`, writeProgram({ seed: 20 })), "stripped"],
  "a script where code was": [(tree) => tree.set(`${contents}/MacOS/wick`, text("#!/bin/sh\n")), "unsupported"],
  "code inside that somebody else signed": [
    (tree) => tree.set(`${contents}/MacOS/wick`, fileOf(foreign, `${contents}/MacOS/wick`)),
    "digest-mismatch",
  ],
  "another program of the same signer": [
    (tree) => tree.set(`${contents}/MacOS/wick`, fileOf(mac, `${contents}/Frameworks/libglow.dylib`)),
    "digest-mismatch",
  ],
  "the whole app's seal from another app": [
    (tree) => tree.set(`${contents}/_CodeSignature/CodeResources`, fileOf(foreign, `${contents}/_CodeSignature/CodeResources`)),
    "digest-mismatch",
  ],
  "a link that leads elsewhere": [(tree) => tree.set(`${contents}/Resources/link.txt`, { link: "../Info.plist" }), "digest-mismatch"],
  "a file where a link was": [(tree) => tree.set(`${contents}/Resources/link.txt`, text("note.txt")), "digest-mismatch"],
  "a link where a file was": [(tree) => tree.set(`${contents}/Resources/note.txt`, { link: "link.txt" }), "digest-mismatch"],
  "a link where a framework was": [
    (tree) => {
      for (const path of tree.keys()) if (path.startsWith(framework)) tree.delete(path);
      tree.set(framework, { link: "../Resources" });
    },
    "digest-mismatch",
  ],
  "the current version elsewhere": [(tree) => tree.set(`${framework}/Versions/Current`, { link: "../../.." }), "digest-mismatch stripped"],
  "a file below a link": [(tree) => tree.set(`${contents}/Resources/link.txt/more`, text("more")), "malformed"],
  "a file that ends up in the app": [(tree) => tree.set("lantern.app/Contents/Resources/more.txt", text("more")), "uncovered"],
  "a framework without a seal": [
    (tree) => {
      for (const path of tree.keys()) if (path.startsWith(`${framework}/Versions/A/_CodeSignature`)) tree.delete(path);
    },
    "digest-mismatch uncovered",
  ],
  "a receipt of the store": [(tree) => tree.set(`${contents}/_MASReceipt/receipt`, text("more")), "intact trusted partial"],
  "a second app without signature": [
    (tree) => {
      tree.set("More.app/Contents/Info.plist", fileOf(mac, `${contents}/Info.plist`));
      tree.set("More.app/Contents/MacOS/Lantern", writeProgram({ seed: 9 }));
    },
    "uncovered",
  ],
  "a second app of somebody else's": [
    (tree) => {
      for (const [path, content] of foreign) tree.set(path.replace("Lantern.app", "More.app"), content);
    },
    "intact no-timestamp not-hardened unknown-signer",
  ],
  // What may change.
  "a localized resource less": [(tree) => tree.delete(`${contents}/Resources/de.lproj/Words.strings`), "intact trusted"],
  "what Finder leaves behind": [(tree) => tree.set(`${contents}/Resources/.DS_Store`, text("more")), "intact trusted"],
  "attributes of a file": [(tree) => tree.set(`${contents}/Resources/._note.txt`, APPLE_DOUBLE), "intact trusted partial"],
  "attributes of no file": [(tree) => tree.set(`${contents}/Resources/._more.txt`, APPLE_DOUBLE), "uncovered"],
  "a link of old to the seal": [
    (tree) => tree.set(`${contents}/CodeResources`, { link: "_CodeSignature/CodeResources" }),
    "intact trusted",
  ],
  "a file beside the app": [(tree) => tree.set("README.txt", text("Read me.")), "intact trusted partial"],
};

function withoutNotarization(state: string): string {
  return state
    .split(" ")
    .filter((word) => word !== "not-notarized")
    .join(" ");
}

describe("an app for macOS", () => {
  for (const [what, [change, state]] of Object.entries(CHANGES))
    it(`${what}: ${state}`, async () => {
      const tree: Tree = new Map(mac);
      change(tree);
      const verdict = await verifyBytes("macapp/app.tar", pack(tree));
      assert.equal(
        withoutNotarization(stateOf(verdict)),
        state,
        JSON.stringify([verdict.problems, verdict.signatures.map((one) => one.problems)]),
      );
    });
});

const ios = await readTree("ipa/ad-hoc.ipa");
const development = await readTree("ipa/development.ipa");
const app = "Payload/Lantern.app";
const glow = `${app}/Frameworks/Glow.framework`;
const DEVICES: Readonly<Record<string, readonly [change: (tree: Tree) => void, state: string]>> = {
  "a resource more": [(tree) => tree.set(`${app}/more.txt`, text("more")), "uncovered"],
  "a framework more": [
    (tree) => tree.set(`${app}/Frameworks/More.framework/More`, writeProgram({ kind: 6, seed: 7 })),
    "stripped uncovered",
  ],
  "a resource less": [(tree) => tree.delete(`${app}/note.txt`), "digest-mismatch"],
  "no profile": [(tree) => tree.delete(`${app}/embedded.mobileprovision`), "digest-mismatch not-everywhere"],
  "another profile": [
    (tree) => tree.set(`${app}/embedded.mobileprovision`, fileOf(development, `${app}/embedded.mobileprovision`)),
    "digest-mismatch not-permitted",
  ],
  "a profile that is none": [(tree) => tree.set(`${app}/embedded.mobileprovision`, text("none")), "digest-mismatch malformed"],
  "a framework without its signature": [
    (tree) => tree.set(`${glow}/Glow`, writeProgram({ kind: 6, platform: 2, minOs: [15, 0], seed: 120 })),
    "digest-mismatch stripped uncovered",
  ],
  "a framework signed by another": [(tree) => tree.set(`${glow}/Glow`, fileOf(development, `${glow}/Glow`)), "digest-mismatch"],
  "no CodeResources in the framework": [(tree) => tree.delete(`${glow}/_CodeSignature/CodeResources`), "digest-mismatch uncovered"],
  "the program of another app": [
    (tree) => tree.set(`${app}/Lantern`, fileOf(development, `${app}/Lantern`)),
    "digest-mismatch not-permitted",
  ],
  "a second app": [(tree) => tree.set("Payload/More.app/Info.plist", text("more")), "malformed"],
  "the app elsewhere": [
    (tree) => {
      for (const [path, content] of new Map(tree)) {
        tree.delete(path);
        tree.set(path.replace("Payload/", "Other/"), content);
      }
    },
    "malformed",
  ],
  // What may change.
  "files outside of Payload": [(tree) => tree.set("SwiftSupport/iphoneos/libswiftCore.dylib", text("more")), "intact trusted partial"],
  "a folder around Payload": [
    (tree) => {
      for (const [path, content] of new Map(tree)) {
        tree.delete(path);
        tree.set(`Build/${path}`, content);
      }
    },
    "intact trusted",
  ],
};

describe("an app for iOS", () => {
  for (const [what, [change, state]] of Object.entries(DEVICES))
    it(`${what}: ${state}`, async () => {
      const tree: Tree = new Map(ios);
      change(tree);
      const verdict = await verifyBytes("ipa/app.ipa", packIpa(tree));
      const found = stateOf(verdict).replace(" no-timestamp", "").replace("no-timestamp ", "");
      assert.equal(found, state, JSON.stringify([verdict.problems, verdict.signatures.map((one) => one.problems)]));
    });

  it("ends with its profile", async () => {
    const now = new Date("2026-12-15T00:00:00Z");
    assert.equal(stateOf(await verifyBytes("ipa/ad-hoc.ipa", readSigned("ipa/ad-hoc.ipa"), { now })), "intact expired no-timestamp");
  });
});
