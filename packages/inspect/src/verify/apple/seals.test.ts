// Seals and signatures with exactly one thing wrong, which rcodesign refuses to make.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { infoPlist, writeProgram } from "../../../../../fixtures/signatures/make/apple-unsigned.ts";
import { attribute, octetString } from "../../../../../fixtures/signatures/make/windows-cms.ts";
import { agilityAttributes, blob, codeDirectories, codeMessage, type CodeRecipe, signCode } from "../../test-support/apple/sign-code.ts";
import { verifyBytes } from "../../test-support/apple/signed-files.ts";
import { flipped, stateOf } from "../../test-support/verdicts.ts";
import { fileOf, pack, packIpa, readTree, type Tree } from "../../test-support/apple/trees.ts";

/** In any case: not stamped, not for the hardened runtime, no ticket. */
const USUAL: readonly string[] = ["no-timestamp", "not-hardened", "not-notarized"];
const program = writeProgram({ seed: 31 });

function bare(state: string): string {
  return state
    .split(" ")
    .filter((word) => !USUAL.includes(word))
    .join(" ");
}

async function stateOfCode(recipe: CodeRecipe, change: (bytes: Buffer) => Buffer = (bytes) => bytes): Promise<string> {
  return bare(stateOf(await verifyBytes("macho/program", change(signCode(program, recipe)))));
}

const REQUIREMENTS = blob(0xfade0c01, Buffer.alloc(4));
const XML = blob(0xfade7171, Buffer.from('<?xml version="1.0"?><plist version="1.0"><dict><key>a</key><true/></dict></plist>'));
/** { "a": true } */
const DER = blob(0xfade7172, Buffer.from("700d020101b008300 60c0161010 1ff".replaceAll(" ", ""), "hex"));
const OTHER_DER = blob(0xfade7172, Buffer.from("700d020101b00830060c0162010 1ff".replaceAll(" ", ""), "hex"));

describe("a signature made by hand", () => {
  const STATES: Readonly<Record<string, readonly [recipe: CodeRecipe, state: string]>> = {
    "as it should be": [{}, "intact trusted"],
    "with SHA-1 and SHA-256": [{ hashes: [1, 2] }, "intact trusted"],
    "with requirements and entitlements": [{ blobs: { 2: REQUIREMENTS, 5: XML, 7: DER } }, "intact trusted"],
    "with launch constraints": [{ blobs: { 8: blob(0xfade8181, Buffer.from("constraint")) } }, "intact trusted"],
    "without attributes about code directories": [{ attributes: () => [] }, "intact trusted"],
    "without attributes about two code directories": [{ hashes: [1, 2], attributes: () => [] }, "uncovered"],
    "whose attributes name one of two code directories": [
      { hashes: [1, 2], attributes: ([first = Buffer.alloc(0)]) => agilityAttributes([first], [1]) },
      "digest-mismatch",
    ],
    "whose attributes name more code directories than there are": [
      { attributes: ([first = Buffer.alloc(0)]) => agilityAttributes([first, first], [2, 1]) },
      "digest-mismatch",
    ],
    "whose list of code directories is none": [
      { attributes: () => [attribute("1.2.840.113635.100.9.1", octetString(Buffer.from("none")))] },
      "malformed",
    ],
    "whose alternate is of other code": [
      { hashes: [1, 2], alternateCode: flipped(signCode(program).subarray(0, 16432), 9000) },
      "digest-mismatch",
    ],
    "that says another team": [{ teamId: "OTHERTEAM1" }, "contradiction"],
    "that says no team": [{ teamId: "" }, "intact trusted"],
    "of a push service": [{ by: ["push", "developer-relations", "root"], teamId: "" }, "intact wrong-purpose"],
    "without the authority": [{ by: ["developer-id"] }, "intact chain-incomplete"],
    "with requirements nobody sealed": [{ blobs: { 2: REQUIREMENTS }, unsealed: [2] }, "uncovered"],
    "with entitlements nobody sealed": [{ blobs: { 5: XML }, unsealed: [5] }, "uncovered"],
    "that covers half of the code": [{ codeLimit: 8192 }, "uncovered"],
    "that encloses what it signs": [{ isEnclosing: true }, "malformed"],
    "that signs twice": [{ isDouble: true }, "malformed"],
    "without a signer, that does not say so": [{ by: [] }, "stripped"],
    "without a signer": [{ by: [], flags: 2 }, "intact nobody"],
    "that says it has no signer": [{ flags: 2 }, "contradiction"],
  };
  for (const [what, [recipe, state]] of Object.entries(STATES))
    it(`${what}: ${state}`, async () => assert.equal(await stateOfCode(recipe), state));
});

const contents = "A.app/Contents";
const INFO = Buffer.from(infoPlist("example", "A", "APPL"));
const sha = (name: "sha1" | "sha256", content: Buffer): string => `<data>${createHash(name).update(content).digest("base64")}</data>`;
const hash2 = (content: Buffer): string => `<dict><key>hash2</key>${sha("sha256", content)}</dict>`;
const RULES2: Readonly<Record<string, string>> = {
  "^.*": "<true/>",
  "^[^/]+$": "<dict><key>nested</key><true/><key>weight</key><real>10</real></dict>",
  "^(Frameworks|MacOS)/": "<dict><key>nested</key><true/><key>weight</key><real>10</real></dict>",
  "^Info\\.plist$": "<dict><key>omit</key><true/><key>weight</key><real>20</real></dict>",
  "^Resources/": "<dict><key>weight</key><real>20</real></dict>",
  "^Resources/.*\\.lproj/": "<dict><key>optional</key><true/><key>weight</key><real>1000</real></dict>",
};

function dict(pairs: Readonly<Record<string, string>>): string {
  return `<dict>${Object.entries(pairs)
    .map(([key, value]) => `<key>${key}</key>${value}`)
    .join("")}</dict>`;
}

interface SealRecipe {
  readonly files?: Readonly<Record<string, string>>;
  readonly rules?: Readonly<Record<string, string>>;
  readonly version?: 1 | 2;
}

function codeResources({ files = {}, rules, version = 2 }: SealRecipe): Buffer {
  const own =
    version === 1
      ? { files: dict(files), rules: dict(rules ?? { "^Resources/": "<true/>" }) }
      : { files: dict({}), rules: dict({}), files2: dict(files), rules2: dict(rules ?? RULES2) };
  return Buffer.from(`<?xml version="1.0"?><plist version="1.0">${dict(own)}</plist>`);
}

function app(seal: SealRecipe, more: Readonly<Record<string, Buffer | { readonly link: string }>> = {}, recipe: CodeRecipe = {}): Tree {
  const resources = codeResources(seal);
  const code = signCode(program, { ...recipe, outside: { 1: INFO, 3: resources } });
  return new Map<string, Buffer | { readonly link: string }>([
    [`${contents}/Info.plist`, INFO],
    [`${contents}/MacOS/A`, code],
    [`${contents}/_CodeSignature/CodeResources`, resources],
    ...Object.entries(more).map(([path, content]) => [`${contents}/${path}`, content] as const),
  ]);
}

const NOTE = Buffer.from("A note.\n");
const nestedProgram = writeProgram({ seed: 32 });
const NESTED = signCode(nestedProgram, { identifier: "inside" });
const UNNAMED = Buffer.alloc(20).toString("base64");
const nested = (requirement: string): SealRecipe => ({
  files: { "MacOS/inside": `<dict><key>cdhash</key><data>${UNNAMED}</data><key>requirement</key><string>${requirement}</string></dict>` },
});
const inside = { "MacOS/inside": NESTED };
const link = (target: string): string => `<dict><key>symlink</key><string>${target}</string></dict>`;

describe("a seal made by hand", () => {
  const STATES: Readonly<Record<string, readonly [tree: Tree, state: string]>> = {
    "of nothing": [app({}), "intact trusted"],
    "of a file": [app({ files: { "Resources/a": hash2(NOTE) } }, { "Resources/a": NOTE }), "intact trusted"],
    "of a file by two hashes": [
      app(
        { files: { "Resources/a": `<dict><key>hash</key>${sha("sha1", NOTE)}<key>hash2</key>${sha("sha256", NOTE)}</dict>` } },
        { "Resources/a": NOTE },
      ),
      "intact trusted",
    ],
    "of a file by two hashes, one of another file": [
      app(
        { files: { "Resources/a": `<dict><key>hash</key>${sha("sha1", NOTE)}<key>hash2</key>${sha("sha256", INFO)}</dict>` } },
        { "Resources/a": NOTE },
      ),
      "digest-mismatch",
    ],
    "of a file by no hash": [app({ files: { "Resources/a": "<dict/>" } }, { "Resources/a": NOTE }), "malformed"],
    "of a file by half a hash": [
      app({ files: { "Resources/a": "<dict><key>hash2</key><data>AAAA</data></dict>" } }, { "Resources/a": NOTE }),
      "malformed",
    ],
    "of a missing file that may be missing": [
      app({ files: { "Resources/de.lproj/a": `<dict><key>hash2</key>${sha("sha256", NOTE)}<key>optional</key><true/></dict>` } }),
      "intact trusted",
    ],
    "of a missing file": [app({ files: { "Resources/a": hash2(NOTE) } }), "digest-mismatch"],
    "of a file its rules omit": [
      app(
        {
          files: { "Resources/a": hash2(NOTE) },
          rules: { ...RULES2, "^Resources/a$": "<dict><key>omit</key><true/><key>weight</key><real>30</real></dict>" },
        },
        { "Resources/a": NOTE },
      ),
      "digest-mismatch partial",
    ],
    "whose rules omit a file": [
      app(
        { rules: { ...RULES2, "^Resources/secret$": "<dict><key>omit</key><true/><key>weight</key><real>30</real></dict>" } },
        { "Resources/secret": NOTE },
      ),
      "intact trusted partial",
    ],
    "whose rules are about nothing": [app({ rules: {} }, { "Resources/a": NOTE }), "intact trusted partial"],
    "whose rules could run for ever": [app({ rules: { "^(.*.*)*$": "<true/>" } }, { "Resources/a": NOTE }), "unsupported"],
    "of version 1": [app({ version: 1, files: { "Resources/a": sha("sha1", NOTE) } }, { "Resources/a": NOTE }), "intact trusted"],
    "of version 1, and code it does not know": [
      app({ version: 1, files: { "Resources/a": sha("sha1", NOTE) } }, { "Resources/a": NOTE, ...inside }),
      "intact trusted partial",
    ],
    "of version 1, of another file": [
      app({ version: 1, files: { "Resources/a": sha("sha1", INFO) } }, { "Resources/a": NOTE }),
      "digest-mismatch",
    ],
    "of a link": [
      app({ files: { "Resources/a": link("b"), "Resources/b": hash2(NOTE) } }, { "Resources/a": { link: "b" }, "Resources/b": NOTE }),
      "intact trusted",
    ],
    "of a link to the system": [
      app({ files: { "Resources/a": link("/System/Library") } }, { "Resources/a": { link: "/System/Library" } }),
      "intact trusted",
    ],
    "of a link out of the app": [
      app({ files: { "Resources/a": link("../../../b") } }, { "Resources/a": { link: "../../../b" } }),
      "uncovered",
    ],
    "of a link to anywhere": [app({ files: { "Resources/a": link("/tmp/b") } }, { "Resources/a": { link: "/tmp/b" } }), "uncovered"],
    "of a link around the system": [
      app({ files: { "Resources/a": link("/System/../tmp") } }, { "Resources/a": { link: "/System/../tmp" } }),
      "uncovered",
    ],
    "of code that satisfies its requirement": [
      app(nested('identifier "inside" and certificate leaf[subject.OU] = TESTTEAM01'), inside),
      "intact trusted partial",
    ],
    "of code that does not": [app(nested('identifier "inside" and certificate leaf[subject.OU] = OTHERTEAM1'), inside), "digest-mismatch"],
    "of code of Apple's": [app(nested('identifier "inside" and anchor apple generic'), inside), "digest-mismatch"],
    "of code with a requirement nobody evaluates": [app(nested("info[CFBundleVersion] = 1"), inside), "unsupported"],
    "of code that says it satisfies it, and is changed": [
      app(nested('identifier "inside" and certificate leaf[subject.OU] = TESTTEAM01'), { "MacOS/inside": flipped(NESTED, 9000) }),
      "digest-mismatch partial",
    ],
    "of code whose signer's part is gone": [
      app(nested('identifier "inside"'), { "MacOS/inside": signCode(nestedProgram, { identifier: "inside", by: [] }) }),
      "partial stripped",
    ],
    "whose entitlements say two things": [app({}, {}, { blobs: { 5: XML, 7: OTHER_DER } }), "contradiction"],
    "whose entitlements say the same twice": [app({}, {}, { blobs: { 5: XML, 7: DER } }), "intact trusted"],
    "whose entitlements are none": [app({}, {}, { blobs: { 7: blob(0xfade7172, Buffer.from("none")) } }), "malformed"],
  };
  for (const [what, [tree, state]] of Object.entries(STATES))
    it(`${what}: ${state}`, async () => {
      const verdict = await verifyBytes("macapp/app.tar", pack(tree));
      assert.equal(bare(stateOf(verdict)), state, JSON.stringify(verdict.signatures.map(({ problems }) => problems)));
    });

  it("that no code directory has a hash of is no seal", async () => {
    const tree = app({});
    const code = signCode(program, { outside: { 1: INFO } });
    assert.equal(bare(stateOf(await verifyBytes("macapp/app.tar", pack(tree.set(`${contents}/MacOS/A`, code))))), "uncovered");
  });
});

describe("a bundle without code", () => {
  const info = Buffer.from(infoPlist("example", "A", "BNDL").replace("<key>CFBundleExecutable</key><string>A</string>", ""));
  const make = (change: (files: Record<string, Buffer>) => void = () => {}): Buffer => {
    const resources = codeResources({ files: { "Resources/a": hash2(NOTE) } });
    const recipe = { outside: { 1: info, 3: resources } };
    const directories = codeDirectories(info, recipe, info.length);
    const files: Record<string, Buffer> = {
      "Info.plist": info,
      "Resources/a": NOTE,
      "_CodeSignature/CodeResources": resources,
      "_CodeSignature/CodeDirectory": directories[0] as Buffer,
      "_CodeSignature/CodeSignature": codeMessage(directories, recipe),
    };
    change(files);
    return pack(new Map(Object.entries(files).map(([path, content]) => [`${contents}/${path}`, content])));
  };
  const flip = (name: string) => (files: Record<string, Buffer>) =>
    void (files[name] = flipped(files[name] as Buffer, (files[name] as Buffer).indexOf("example") + 2 || 20));
  const STATES: Readonly<Record<string, readonly [change: ((files: Record<string, Buffer>) => void) | undefined, state: string]>> = {
    "as it should be": [undefined, "intact trusted"],
    "with another Info.plist": [flip("Info.plist"), "digest-mismatch"],
    "with another code directory": [flip("_CodeSignature/CodeDirectory"), "digest-mismatch"],
    "with another file": [(files) => void (files["Resources/a"] = INFO), "digest-mismatch"],
    "with a file more": [(files) => void (files["Resources/b"] = NOTE), "uncovered"],
    "with a file more beside the signature": [(files) => void (files["_CodeSignature/more"] = NOTE), "uncovered"],
    "without its signature": [(files) => void delete files["_CodeSignature/CodeSignature"], "stripped"],
    "without its code directory": [(files) => void delete files["_CodeSignature/CodeDirectory"], "stripped uncovered"],
    "with half a code directory": [
      (files) => void (files["_CodeSignature/CodeDirectory"] = (files["_CodeSignature/CodeDirectory"] as Buffer).subarray(0, 60)),
      "malformed stripped uncovered",
    ],
  };
  for (const [what, [change, state]] of Object.entries(STATES))
    it(`${what}: ${state}`, async () => assert.equal(bare(stateOf(await verifyBytes("macapp/app.tar", make(change)))), state));
});

describe("an app for iOS made by hand", () => {
  it("may do what its profile allows, and no more", async () => {
    const ios = await readTree("ipa/development.ipa");
    const folder = "Payload/Lantern.app";
    const [info, resources] = ["Info.plist", "_CodeSignature/CodeResources"].map((name) => fileOf(ios, `${folder}/${name}`));
    const states: string[] = [];
    for (const more of [
      "",
      "<key>com.apple.developer.networking.vpn.api</key><true/>",
      "<key>com.apple.developer.networking.vpn.api</key><false/>",
    ]) {
      const list = `<dict><key>application-identifier</key><string>TESTTEAM01.example.lantern</string><key>get-task-allow</key><true/>${more}</dict>`;
      const entitlements = blob(0xfade7171, Buffer.from(`<?xml version="1.0"?><plist version="1.0">${list}</plist>`));
      const code = signCode(writeProgram({ platform: 2, minOs: [15, 0], seed: 110 }), {
        identifier: "example.lantern",
        by: ["development", "developer-relations", "root"],
        outside: { 1: info ?? Buffer.alloc(0), 3: resources ?? Buffer.alloc(0) },
        blobs: { 5: entitlements },
      });
      states.push(bare(stateOf(await verifyBytes("ipa/app.ipa", packIpa(new Map(ios).set(`${folder}/Lantern`, code))))));
    }
    assert.deepEqual(states, ["intact trusted", "intact not-permitted", "intact trusted"]);
  });
});
