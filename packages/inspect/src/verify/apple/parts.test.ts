// The pieces a verdict stands on, each by itself.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { isBroken } from "../../broken.ts";
import { readCertificate } from "../x509/certificate.ts";
import { findRule, isWeak, parseRules } from "./bundle/rules.ts";
import { parseCodeDirectory } from "./code-signature/code-directory.ts";
import { parseDerEntitlements, readEntitlements } from "./code-signature/entitlements.ts";
import { readCodeSignature } from "./code-signature/read-signature.ts";
import { satisfies, type RequirementSubject } from "./code-signature/requirement.ts";
import { MAGIC, parseSuperBlob, SLOT } from "./code-signature/super-blob.ts";
import { identityOf, identityInChain } from "./identity.ts";
import { isAllowed } from "./profile.ts";
import { appleRoots } from "./roots/index.ts";
import { teamContradictions } from "./teams.ts";
import { testCertificate } from "../../test-support/apple/signed-files.ts";

const broken = (thrown: unknown): boolean => isBroken(thrown);

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}

function blob(magic: number, content: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([words(magic, 8 + content.length), content]);
}

function superBlob(blobs: readonly (readonly [slot: number, bytes: Buffer])[]): Buffer {
  let offset = 12 + blobs.length * 8;
  const index = blobs.map(([slot, bytes]) => {
    const row = words(slot, offset);
    offset += bytes.length;
    return row;
  });
  return Buffer.concat([words(0xfade0cc0, offset, blobs.length), ...index, ...blobs.map(([, bytes]) => bytes)]);
}

interface DirectoryRecipe {
  readonly version?: number;
  readonly flags?: number;
  readonly hashBytes?: number;
  readonly hashType?: number;
  readonly pageShift?: number;
  readonly codeLimit?: number;
  readonly pages?: number;
  readonly scatter?: number;
  readonly identifierAt?: number;
}

function directory(recipe: DirectoryRecipe = {}): Buffer {
  const { version = 0x20100, flags = 0, hashBytes = 32, hashType = 2, pageShift = 12, codeLimit = 4097, pages = 2 } = recipe;
  const identifier = Buffer.from("example\0");
  const fields = words(version, flags, 48 + identifier.length, recipe.identifierAt ?? 48, 0, pages, codeLimit);
  const hashes = Buffer.alloc(64, 1);
  return blob(
    MAGIC.codeDirectory,
    Buffer.concat([fields, Buffer.of(hashBytes, hashType, 0, pageShift), words(0, recipe.scatter ?? 0), identifier, hashes]),
  );
}

describe("a super blob", () => {
  it("is read", () => {
    const { blobs, hasStowaway } = parseSuperBlob(Buffer.concat([superBlob([[0, directory()]]), Buffer.alloc(16)]));
    assert.deepEqual([[...blobs.keys()], hasStowaway], [[0], false]);
  });

  it("tells what lies behind it", () => {
    assert.equal(parseSuperBlob(Buffer.concat([superBlob([[0, directory()]]), Buffer.of(0, 1)])).hasStowaway, true);
  });

  const whole = superBlob([
    [0, directory()],
    [2, blob(0xfade0c01)],
  ]);
  const REFUSED: Readonly<Record<string, Buffer>> = {
    "that is cut short": whole.subarray(0, whole.length - 1),
    "that is none": blob(0xfade0cc1),
    "with two blobs for a slot": superBlob([
      [0, directory()],
      [0, directory()],
    ]),
    "with a blob in its index": Buffer.concat([words(0xfade0cc0, 40, 1, 0, 12), Buffer.alloc(20)]),
    "with blobs that overlap": Buffer.concat([words(0xfade0cc0, 60, 2, 0, 28, 2, 32), Buffer.alloc(32)]),
    "with a blob beyond its end": Buffer.concat([words(0xfade0cc0, 28, 1, 0, 20), words(MAGIC.codeDirectory, 9)]),
    "with too many blobs": words(0xfade0cc0, 12, 129),
  };
  for (const [what, bytes] of Object.entries(REFUSED)) it(`${what} is refused`, () => assert.throws(() => parseSuperBlob(bytes), broken));
});

describe("a signature", () => {
  const REFUSED: Readonly<Record<string, Buffer>> = {
    "without a code directory": superBlob([[2, blob(0xfade0c01)]]),
    "whose code directory is something else": superBlob([[0, blob(0xfade0c01)]]),
    "with two code directories of a hash": superBlob([
      [0, directory()],
      [0x1000, directory()],
    ]),
    "with an alternate left out": superBlob([
      [0, directory()],
      [0x1001, directory({ hashType: 1, hashBytes: 20 })],
    ]),
    "with a message that is not wrapped": superBlob([
      [0, directory()],
      [0x10000, blob(0xfade0c01)],
    ]),
  };
  for (const [what, bytes] of Object.entries(REFUSED))
    it(`${what} is refused`, () => assert.throws(() => readCodeSignature(bytes), broken));

  it("tells slots nobody knows", () => {
    assert.deepEqual(
      readCodeSignature(
        superBlob([
          [0, directory()],
          [0x20000, blob(1)],
        ]),
      ).strangers,
      [0x20000],
    );
  });
});

describe("a code directory", () => {
  const read = (recipe: DirectoryRecipe = {}): unknown => {
    const bytes = directory(recipe);
    return parseCodeDirectory({ slot: SLOT.codeDirectory, magic: MAGIC.codeDirectory, bytes, content: bytes.subarray(8) });
  };
  it("is read", () => assert.equal((read() as { identifier: string }).identifier, "example"));

  const REFUSED: Readonly<Record<string, DirectoryRecipe>> = {
    "older than any": { version: 0x20000 },
    "newer than any": { version: 0x30000 },
    "with hashes of an unknown kind": { hashType: 9 },
    "with hashes of another length": { hashBytes: 31 },
    "with fewer pages than code": { codeLimit: 9000 },
    "with more pages than code": { codeLimit: 4096 },
    "with several hashes over all": { pageShift: 0 },
    "with pages of a gigabyte": { pageShift: 30, pages: 1 },
    "with pages elsewhere": { scatter: 48 },
    "with hashes beyond its end": { pages: 4, codeLimit: 4 * 4096 },
    "with a name beyond its end": { identifierAt: 4000 },
    "with a name in its header": { identifierAt: 8 },
  };
  for (const [what, recipe] of Object.entries(REFUSED)) it(`${what} is refused`, () => assert.throws(() => read(recipe), broken));
});

describe("a code requirement", () => {
  const chain = ["developer-id", "developer-id-authority", "root"].map((name) => readCertificate(testCertificate(name)));
  const subject: RequirementSubject = {
    identifier: "a.b",
    cdhashes: ["00".repeat(20), "ab".repeat(20)],
    chain,
    isApples: true,
    isSoftwareOfApple: false,
  };
  const SATISFIED = [
    'identifier "a.b"',
    "identifier a.b and anchor apple generic",
    'cdhash H"abababababababababababababababababababab"',
    `cdhash H"${"11".repeat(20)}" or cdhash H"${"00".repeat(20)}"`,
    'identifier "a.b" and anchor apple generic and certificate 1[field.1.2.840.113635.100.6.2.6] /* exists */ and certificate leaf[field.1.2.840.113635.100.6.1.13] /* exists */ and certificate leaf[subject.OU] = TESTTEAM01',
    'certificate leaf[subject.O] = "Lantern Works" and !anchor apple',
    "(anchor apple or anchor apple generic) and certificate root[subject.CN] exists",
    `certificate root = H"${sha1Of("root")}"`,
  ];
  const NOT = [
    'identifier "a.c"',
    "anchor apple",
    `cdhash H"${"11".repeat(20)}"`,
    'identifier "a.b" and certificate leaf[subject.OU] = OTHERTEAM1',
    "certificate leaf[field.1.2.840.113635.100.6.1.14] exists",
    `certificate leaf = H"${"11".repeat(20)}"`,
    "certificate 7[subject.CN] exists",
    "!identifier a.b",
    'identifier "a.b" and (anchor apple or cdhash H"1111111111111111111111111111111111111111")',
  ];
  const UNKNOWN = [
    "",
    "identifier",
    "anchor trusted",
    "info[CFBundleVersion] = 1",
    "entitlement[get-task-allow] exists",
    "certificate leaf[subject.CN] = *",
    'identifier "a.b" and',
    'identifier "a.b" or or anchor apple',
    '(identifier "a.b"',
    'identifier "a.b")',
    'cdhash H"00"',
    "certificate leaf[timestamp.1] > 5",
    `${"(".repeat(100)}always`,
    "identifier \u0000",
  ];
  for (const text of SATISFIED) it(`${text}: satisfied`, () => assert.equal(satisfies(text, subject), true));
  for (const text of NOT) it(`${text}: not satisfied`, () => assert.equal(satisfies(text, subject), false));
  for (const text of UNKNOWN) it(`${text.slice(0, 60)}: not evaluated`, () => assert.throws(() => satisfies(text, subject), broken));
});

describe("resource rules", () => {
  const rules = parseRules({
    "^.*": true,
    "^[^/]+$": { nested: true, weight: 10 },
    "^(Frameworks|MacOS)/": { nested: true, weight: 10 },
    "^(.*/)?\\.DS_Store$": { omit: true, weight: 2000 },
    "^Info\\.plist$": { omit: true, weight: 20 },
    "^Resources/": { weight: 20 },
    "^Resources/.*\\.lproj/": { optional: true, weight: 1000 },
  });
  const MATCHES: Readonly<Record<string, string>> = {
    "MacOS/a": "^(Frameworks|MacOS)/",
    "a.dylib": "^[^/]+$",
    "Info.plist": "^Info\\.plist$",
    "Resources/Info.plist": "^Resources/",
    "Resources/de.lproj/a": "^Resources/.*\\.lproj/",
    "Resources/.DS_Store": "^(.*/)?\\.DS_Store$",
    "Library/a": "^.*",
  };
  for (const [path, source] of Object.entries(MATCHES)) it(path, () => assert.equal(findRule(rules, path)?.source, source));

  it("of the same weight leave a file out", () => {
    const tied = parseRules({ "^": { weight: 20 }, "^Info\\.plist$": { omit: true, weight: 20 } });
    assert.equal(findRule(tied, "Info.plist")?.isOmitted, true);
  });

  it("that leave out more than usual are weak", () => {
    assert.equal(isWeak(rules, 2), false);
    assert.equal(isWeak(parseRules({ "^.*": true, "^secret$": { omit: true, weight: 9 } }), 2), true);
    assert.equal(isWeak(parseRules({ "^Resources/": true }), 2), true);
  });

  for (const source of ["^(a+)+$", "a*b*c*", "(a|b)*", "(?=a)a", "\\d", "a{2,}", "(", "x".repeat(501)])
    it(`${source.slice(0, 20)} is not evaluated`, () => assert.throws(() => parseRules({ [source]: true }), broken));
});

describe("kinds of signers", () => {
  const mark = (...numbers: readonly string[]) => ({
    extensions: new Set(numbers.map((number) => `1.2.840.113635.100.6.1.${number}`)),
  });
  const KINDS: readonly (readonly [readonly string[], string | undefined])[] = [
    [["13"], "Developer ID Application"],
    [["33", "13"], "Developer ID Application"],
    [["14"], "Developer ID Installer"],
    [["2", "12"], "Apple Development"],
    [["4", "7"], "Apple Distribution"],
    [["2"], "iPhone Developer"],
    [["4"], "iPhone Distribution"],
    [["12"], "Mac Developer"],
    [["7"], "3rd Party Mac Developer Application"],
    [["8"], "3rd Party Mac Developer Installer"],
    [["3"], "App Store"],
    [["9"], "Mac App Store"],
    [["25.1"], "TestFlight"],
    [["16"], undefined],
    [["17"], undefined],
    [[], undefined],
  ];
  for (const [marks, name] of KINDS) it(`${marks.join(" ")}: ${name}`, () => assert.equal(identityOf(mark(...marks))?.name, name));

  it("under Apple's root are those whose authority is for them", () => {
    const [own, authority] = ["developer-id", "developer-relations"].map((name) => readCertificate(testCertificate(name)));
    const root = appleRoots()[0];
    if (own === undefined || authority === undefined || root === undefined) throw new Error("no certificates");
    assert.equal(identityInChain([own, authority, root]), undefined);
    assert.equal(
      identityInChain([own, readCertificate(testCertificate("developer-id-authority")), root])?.name,
      "Developer ID Application",
    );
    assert.equal(identityInChain([readCertificate(testCertificate("push")), authority, root]), undefined);
  });
});

describe("what a profile allows", () => {
  const ALLOWED: readonly (readonly [unknown, unknown])[] = [
    ["T.a", "T.a"],
    ["T.a", "T.*"],
    ["T.a", "*"],
    [false, undefined],
    [true, true],
    [["T.a", "T.b"], ["T.*"]],
    ["production", ["development", "production"]],
    [5, 5],
  ];
  const REFUSED: readonly (readonly [unknown, unknown])[] = [
    ["T.a", "T.b"],
    ["T.a", "U.*"],
    ["T.a", undefined],
    [true, false],
    [true, undefined],
    [["T.a", "U.b"], ["T.*"]],
    ["a", []],
    [5, 6],
    [{ a: 1 }, { a: 2 }],
  ];
  for (const [wanted, allowed] of ALLOWED)
    it(`${JSON.stringify(wanted)} by ${JSON.stringify(allowed)}`, () => assert.equal(isAllowed(wanted, allowed), true));
  for (const [wanted, allowed] of REFUSED)
    it(`not ${JSON.stringify(wanted)} by ${JSON.stringify(allowed)}`, () => assert.equal(isAllowed(wanted, allowed), false));
});

describe("entitlements", () => {
  const der = (hex: string): Buffer => Buffer.from(hex, "hex");
  // { "a": true, "b": "c" }
  const known = der("7015020101b01030060c01610101ff30060c01620c0163");
  it("as DER are read", () => assert.deepEqual({ ...parseDerEntitlements(known) }, { a: true, b: "c" }));

  const both = (xml: string) => {
    const list = Buffer.from(`<?xml version="1.0"?><plist version="1.0"><dict>${xml}</dict></plist>`);
    const sealed = [
      [5, blob(MAGIC.entitlements, list)],
      [7, blob(MAGIC.derEntitlements, known)],
    ] as const;
    return readEntitlements(readCodeSignature(superBlob([[0, directory()], ...sealed])));
  };
  it("say the same twice, in whatever order", async () => {
    assert.equal((await both("<key>b</key><string>c</string><key>a</key><true/>"))?.agree, true);
  });
  for (const xml of [
    "<key>a</key><true/>",
    "<key>a</key><false/><key>b</key><string>c</string>",
    "",
    "<key>a</key><true/><key>b</key><string>c</string><key>d</key><true/>",
  ])
    it(`contradict themselves: ${xml}`, async () => assert.equal((await both(xml))?.agree, false));

  for (const hex of ["", "30", "7003020101", "7005020101b000ff", "7015020101b01030060c01610201ff30060c0162"])
    it(`${hex} are none`, () => {
      try {
        parseDerEntitlements(der(hex));
      } catch (thrown) {
        assert.ok(broken(thrown));
      }
    });
});

describe("code of another team", () => {
  const base = { scheme: "codesign", intact: true, trusted: true, problems: [] } as const;
  it("is a contradiction", () => {
    const inside = [{ path: "a", teamId: "T" }, { path: "b", teamId: "U" }, { path: "c" }];
    assert.deepEqual(
      teamContradictions({ ...base, details: { teamId: "T", inside } }).map(({ code, where }) => [code, where]),
      [["signing/contradiction", "b"]],
    );
  });
});

function sha1Of(name: string): string {
  return createHash("sha1").update(testCertificate(name)).digest("hex");
}
