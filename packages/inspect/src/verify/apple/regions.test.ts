// One flipped bit in each region, and what becomes of the verdict. Regions that no signature covers are in the tables too.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import { ATTRIBUTES, readSignedMessage } from "../cms/signed-data.ts";
import { type CodeDirectory, parseCodeDirectory } from "./code-signature/code-directory.ts";
import { type Blob, parseSuperBlob, SLOT } from "./code-signature/super-blob.ts";
import { readCodeLayout } from "./macho/layout.ts";
import { OID } from "./oids.ts";
import { readSigned, verifyBytes } from "../../test-support/apple/signed-files.ts";
import { flipped, stateOf } from "../../test-support/verdicts.ts";
import { changed, fileOf, packIpa, pack, readTree, type Tree } from "../../test-support/apple/trees.ts";

/** Region → where in the file, and what the verdict is then. */
type Regions = Readonly<Record<string, readonly [at: number, state: string]>>;

const CHANGED = "digest-mismatch";

/** `also`: codes that are there in any case. */
function describeRegions(path: string, bytes: Buffer, regions: Regions, also: readonly string[]): void {
  describe(path, () => {
    for (const [region, [at, state]] of Object.entries(regions))
      it(`${region}: ${state}`, async () => {
        assert.ok(at >= 0 && at < bytes.length, `${at}`);
        assert.equal(without(stateOf(await verifyBytes(path, flipped(bytes, at))), also), state);
      });
  });
}

function without(state: string, also: readonly string[]): string {
  return state
    .split(" ")
    .filter((word) => !also.includes(word))
    .join(" ");
}

function blobAt(blobs: ReadonlyMap<number, Blob>, slot: number): Blob {
  const blob = blobs.get(slot);
  if (blob === undefined) throw new Error(`no slot ${slot}`);
  return blob;
}

/** Regions of a super blob at `at`, and of the CMS message in it. */
function ofSignature(bytes: Buffer, at: number, length: number): Regions {
  const { blobs } = parseSuperBlob(bytes.subarray(at, at + length));
  const directory: CodeDirectory = parseCodeDirectory(blobAt(blobs, SLOT.codeDirectory));
  const place = (part: Uint8Array): number => bytes.indexOf(part, at);
  const cms = blobAt(blobs, SLOT.cms);
  const message = readSignedMessage(cms.content);
  const [signer] = message.signers;
  const token = signer?.unsigned.get(OID.timestampToken)?.[0]?.encoded ?? new Uint8Array();
  const stated = signer?.signed.get(ATTRIBUTES.messageDigest)?.[0]?.content ?? new Uint8Array();
  const stamped = token.length > 0;
  return {
    "the signature's magic": [at, "malformed"],
    "the signature's length": [at + 5, "malformed"],
    "the place of a blob": [at + 12 + 7, "malformed"],
    "the code directory's flags": [place(directory.bytes) + 13, CHANGED],
    "the code directory's identifier": [place(Buffer.from(`${directory.identifier}\0`)) + 1, CHANGED],
    "a hash in the code directory": [place(directory.pageHash(0)) + 4, CHANGED],
    requirements: [place(blobAt(blobs, SLOT.requirements).bytes) + 9, CHANGED],
    "the digest in the signed attributes": [bytes.indexOf(stated, place(cms.content)) + 5, "signature-mismatch"],
    "the signature's value": [
      place(signer?.signature ?? new Uint8Array()) + 9,
      stamped ? "signature-mismatch timestamp-mismatch" : "signature-mismatch",
    ],
    "the signer's key": [place(signer?.certificate?.publicKey ?? new Uint8Array()) + 100, "chain-incomplete signature-mismatch"],
    ...(stamped && { "the timestamp's signature": [place(token) + token.length - 9, "intact timestamp-mismatch"] as const }),
  };
}

const hardened = readSigned("macho/hardened");
const [slice] = (await readCodeLayout(memorySource(hardened))).slices;
const at = slice?.signatureAt ?? { offset: 0, bytes: 0 };
const inside = parseSuperBlob(hardened.subarray(at.offset, at.offset + at.bytes));
const pages = Object.fromEntries(
  Array.from({ length: Math.ceil(at.offset / 4096) }, (_, page) => [
    `page ${page} of the code`,
    [Math.min(page * 4096 + 3000, at.offset - 1), CHANGED] as const,
  ]),
);
describeRegions(
  "macho/hardened",
  hardened,
  {
    "the magic number": [0, "malformed"],
    "a load command": [32 + 72 + 10, CHANGED],
    ...pages,
    "the Info.plist inside": [0x1000 + 200, CHANGED],
    "the symbols": [0x4000 + 5, CHANGED],
    entitlements: [hardened.indexOf(blobAt(inside.blobs, SLOT.entitlements).bytes) + 240, CHANGED],
    "DER entitlements": [hardened.indexOf(blobAt(inside.blobs, SLOT.derEntitlements).bytes) + 20, CHANGED],
    ...ofSignature(hardened, at.offset, at.bytes),
    "the padding behind the signature": [at.offset + at.bytes - 1, "uncovered"],
  },
  ["trusted", "not-notarized", "not-hardened"].slice(1),
);

const universal = readSigned("macho/universal");
const layout = await readCodeLayout(memorySource(universal));
for (const [index, one] of layout.slices.entries()) {
  const signatureAt = one.signatureAt ?? { offset: 0, bytes: 0 };
  const { blobs } = parseSuperBlob(
    universal.subarray(one.offset + signatureAt.offset, one.offset + signatureAt.offset + signatureAt.bytes),
  );
  const directory = blobAt(blobs, SLOT.codeDirectory).bytes;
  describeRegions(
    "macho/universal",
    universal,
    {
      [`page 1 of slice ${index}`]: [one.offset + 5000, CHANGED],
      [`the last page of slice ${index}`]: [one.offset + signatureAt.offset - 1, CHANGED],
      [`the code directory of slice ${index}`]: [universal.indexOf(directory) + 13, CHANGED],
      [`the padding of slice ${index}`]: [one.offset + signatureAt.offset + signatureAt.bytes - 1, "uncovered"],
      [`what lies in front of slice ${index}`]: [one.offset - 1, "uncovered"],
    },
    ["not-hardened", "not-notarized"],
  );
}

const old = readSigned("macho/sha1-and-sha256");
const [oldSlice] = (await readCodeLayout(memorySource(old))).slices;
const oldAt = oldSlice?.signatureAt?.offset ?? 0;
const alternate = blobAt(parseSuperBlob(old.subarray(oldAt)).blobs, SLOT.alternates);
describeRegions(
  "macho/sha1-and-sha256",
  old,
  {
    "a page of the code": [5000, CHANGED],
    "the flags of the alternate code directory": [old.indexOf(alternate.bytes) + 13, CHANGED],
    "a hash of the alternate code directory": [old.indexOf(parseCodeDirectory(alternate).pageHash(1)) + 2, CHANGED],
    ...ofSignature(old, oldAt, oldSlice?.signatureAt?.bytes ?? 0),
  },
  ["no-timestamp", "not-hardened", "not-notarized"],
);

const sha384 = readSigned("macho/sha384");
describeRegions("macho/sha384", sha384, { "a page of the code": [5000, CHANGED] }, ["no-timestamp", "not-hardened", "not-notarized"]);

describe("macho/ad-hoc", () => {
  it("a page of the code", async () => {
    assert.equal(stateOf(await verifyBytes("macho/ad-hoc", flipped(readSigned("macho/ad-hoc"), 5000))), "digest-mismatch nobody");
  });
});

const image = readSigned("dmg/developer-id.dmg");
const koly = image.length - 512;
const imageAt = Number(image.readBigUInt64BE(koly + 296));
const imageBytes = Number(image.readBigUInt64BE(koly + 304));
describeRegions(
  "dmg/developer-id.dmg",
  image,
  {
    "the first byte of the data": [0, CHANGED],
    "the data": [10_000, CHANGED],
    "the property list": [imageAt - 100, CHANGED],
    "the last byte in front of the signature": [imageAt - 1, CHANGED],
    ...ofSignature(image, imageAt, imageBytes),
    "the trailer's magic": [koly, "malformed"],
    "the trailer's version": [koly + 7, CHANGED],
    "the trailer's checksum": [koly + 84, CHANGED],
    "the place of the signature": [koly + 296 + 7, "malformed"],
    "the length of the signature": [koly + 304 + 7, "malformed"],
    "the end of the trailer": [image.length - 1, CHANGED],
  },
  ["not-notarized"],
);

const flip = (content: Buffer): Buffer => flipped(content, Math.floor(content.length / 2));
/** One letter behind a text: the file stays what it is, and says something else. */
const flipBehind =
  (text: string, by = 0) =>
  (content: Buffer): Buffer =>
    flipped(content, content.indexOf(text) + text.length + by);
const flipVersion = flipBehind("<key>CFBundleVersion</key><string>");
const flipHash = flipBehind("<data>", 12);
const flipAt =
  (where: number) =>
  (content: Buffer): Buffer =>
    flipped(content, where);

/** Region → file, change, and what the verdict is then. */
type FileRegions = Readonly<Record<string, readonly [path: string, change: (content: Buffer) => Buffer, state: string]>>;

function describeTree(path: string, tree: Tree, packed: (tree: Tree) => Buffer, regions: FileRegions, also: readonly string[]): void {
  describe(path, () => {
    it("holds as it is", async () => {
      assert.equal(without(stateOf(await verifyBytes(path, packed(tree))), also), "intact trusted");
    });
    for (const [region, [file, change, state]] of Object.entries(regions))
      it(`${region}: ${state}`, async () => {
        assert.equal(without(stateOf(await verifyBytes(path, packed(changed(tree, file, change)))), also), state);
      });
  });
}

const mac = await readTree("macapp/developer-id.zip");
const contents = "Lantern.app/Contents";
const glow = `${contents}/Frameworks/Glow.framework/Versions/A`;
const share = `${contents}/PlugIns/Share.appex/Contents`;
/** The value of a program's signature. */
const flipSignature = (content: Buffer): Buffer => {
  const { blobs } = parseSuperBlob(content.subarray(content.lastIndexOf(Buffer.from("fade0cc0", "hex"))));
  const [signer] = readSignedMessage(blobAt(blobs, SLOT.cms).content).signers;
  return flipped(content, content.lastIndexOf(signer?.signature ?? "nowhere") + 9);
};
describeTree(
  "macapp/app.tar",
  mac,
  pack,
  {
    "Info.plist": [`${contents}/Info.plist`, flipVersion, CHANGED],
    "the program": [`${contents}/MacOS/Lantern`, flipAt(9000), CHANGED],
    "the program's signature": [`${contents}/MacOS/Lantern`, flipSignature, "signature-mismatch timestamp-mismatch"],
    "a resource": [`${contents}/Resources/note.txt`, flip, CHANGED],
    "a localized resource": [`${contents}/Resources/de.lproj/Words.strings`, flip, CHANGED],
    "CodeResources, a hash": [`${contents}/_CodeSignature/CodeResources`, flipHash, CHANGED],
    "CodeResources, its name for a file": [`${contents}/_CodeSignature/CodeResources`, flipBehind("Resources/no"), CHANGED],
    "bare code inside": [`${contents}/MacOS/wick`, flipAt(9000), CHANGED],
    "bare code inside, its signature": [`${contents}/MacOS/wick`, flipSignature, "signature-mismatch"],
    "a library inside": [`${contents}/Frameworks/libglow.dylib`, flipAt(9000), CHANGED],
    "a framework's library": [`${glow}/Glow`, flipAt(9000), CHANGED],
    "a framework's Info.plist": [`${glow}/Resources/Info.plist`, flipVersion, CHANGED],
    "a framework's resource": [`${glow}/Resources/glow.txt`, flip, CHANGED],
    "a framework's CodeResources": [`${glow}/_CodeSignature/CodeResources`, flipHash, CHANGED],
    "a plug-in's program": [`${share}/MacOS/Share`, flipAt(9000), CHANGED],
    "a plug-in's Info.plist": [`${share}/Info.plist`, flipVersion, CHANGED],
    "a plug-in's CodeResources": [`${share}/_CodeSignature/CodeResources`, flipHash, CHANGED],
    "PkgInfo, which nobody seals": [`${contents}/PkgInfo`, flip, "intact trusted"],
  },
  ["not-notarized"],
);

const ios = await readTree("ipa/ad-hoc.ipa");
const app = "Payload/Lantern.app";
describeTree(
  "ipa/app.ipa",
  ios,
  packIpa,
  {
    "Info.plist": [`${app}/Info.plist`, flipVersion, CHANGED],
    "the program": [`${app}/Lantern`, flipAt(9000), CHANGED],
    "the program's entitlements": [
      `${app}/Lantern`,
      (content) => flipped(content, content.indexOf("get-task-allow") + 2),
      "contradiction digest-mismatch",
    ],
    "a resource": [`${app}/note.txt`, flip, CHANGED],
    CodeResources: [`${app}/_CodeSignature/CodeResources`, flipHash, CHANGED],
    "a framework's library": [`${app}/Frameworks/Glow.framework/Glow`, flipAt(9000), CHANGED],
    "a framework's Info.plist": [`${app}/Frameworks/Glow.framework/Info.plist`, flipVersion, CHANGED],
    "a framework's CodeResources": [`${app}/Frameworks/Glow.framework/_CodeSignature/CodeResources`, flipHash, CHANGED],
    "an extension's program": [`${app}/PlugIns/Share.appex/Share`, flipAt(9000), CHANGED],
    "the profile's content": [
      `${app}/embedded.mobileprovision`,
      (content) => flipped(content, content.indexOf("Lantern Works") + 3),
      CHANGED,
    ],
    "the profile's signature": [
      `${app}/embedded.mobileprovision`,
      (content) => flipped(content, content.length - 20),
      "digest-mismatch signature-mismatch",
    ],
    "an extension's profile": [
      `${app}/PlugIns/Share.appex/embedded.mobileprovision`,
      (content) => flipped(content, content.length - 20),
      "digest-mismatch signature-mismatch",
    ],
  },
  ["no-timestamp"],
);

describe("files of the fixtures", () => {
  it("are those the tables name", () => {
    for (const [tree, file] of [
      [mac, `${contents}/PkgInfo`],
      [ios, `${app}/Lantern`],
    ] as const)
      assert.ok(fileOf(tree, file).length > 0);
  });
});
