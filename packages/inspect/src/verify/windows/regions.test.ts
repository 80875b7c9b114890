// One flipped bit in each region, and what becomes of the verdict. Regions that no signature covers are in the tables too.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32 } from "node:zlib";
import { memorySource } from "@distd/core";
import { writePe } from "../../../../../fixtures/formats/make/pe.ts";
import { attribute, testSigner, timestampToken } from "../../../../../fixtures/signatures/make/windows-cms.ts";
import { authenticodeMessage, peDigest, SIGNED_AT, withTable } from "../../../../../fixtures/signatures/make/windows-recipes.ts";
import { noise } from "../../../../../fixtures/signatures/make/windows-unsigned.ts";
import { readZipDirectory } from "../../zip/directory.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import { openZip } from "../../zip/open-zip.ts";
import { type CmsSigner, readSignedMessage } from "../cms/signed-data.ts";
import { OID } from "./oids.ts";
import { readStorageTree, type StorageNode } from "./storage-tree.ts";
import { readSigned, verifyBytes } from "../../test-support/windows-signatures.ts";
import { flipped, stateOf } from "../../test-support/verdicts.ts";

/** Region → where in the file, and what the verdict is then. */
type Regions = Readonly<Record<string, readonly [at: number, state: string]>>;

const SAME = "intact trusted";
const CHANGED = "digest-mismatch";

/** `also`: a code that is there in any case. */
function describeRegions(name: string, bytes: Buffer, regions: Regions, also = ""): void {
  describe(name, () => {
    for (const [region, [at, state]] of Object.entries(regions))
      it(`${region}: ${state}`, async () => {
        assert.ok(at >= 0 && at < bytes.length, `${at}`);
        const words = stateOf(await verifyBytes(name, flipped(bytes, at))).split(" ");
        assert.equal(words.filter((word) => word !== also).join(" "), state);
      });
  });
}

/** Regions of a signature itself: where its parts lie in the file. */
function ofMessage(bytes: Buffer, message: Uint8Array, tokenAttribute: string): Regions {
  const { signers, content } = readSignedMessage(message);
  const signer = signers[0] as CmsSigner;
  const token = signer.unsigned.get(tokenAttribute)?.[0]?.encoded as Uint8Array;
  const inner = readSignedMessage(token);
  const stamp = inner.signers[0] as CmsSigner;
  const place = (part: Uint8Array | undefined): number => bytes.indexOf(part ?? Buffer.from("nowhere"));
  return {
    "the signed content": [place(content) + (content?.length ?? 0) - 6, CHANGED],
    "the signed attributes": [place(signer.signedBytes?.subarray(20)) + (signer.signedBytes?.length ?? 0) - 40, "signature-mismatch"],
    "the signature's value": [place(signer.signature) + 9, "signature-mismatch timestamp-mismatch"],
    "the signer's key": [place(signer.certificate?.publicKey) + 100, "chain-incomplete signature-mismatch"],
    "the timestamp's content": [place(inner.content) + (inner.content?.length ?? 0) - 4, "intact timestamp-mismatch"],
    "the timestamp's signature": [place(stamp.signature) + 9, "intact timestamp-mismatch"],
  };
}

const program = writePe({ sections: { ".text": noise(700, 30) }, overlay: noise(100, 31) });
const message = authenticodeMessage(peDigest(program), {
  unsigned: (signature) => [
    attribute(OID.authenticodeTimestamp, timestampToken({ by: testSigner("time"), time: SIGNED_AT, over: signature })),
  ],
});
const signed = withTable(program, [message], Buffer.alloc(11));
const tableAt = Math.ceil(program.length / 8) * 8;
describeRegions("program.exe", signed, {
  "the stub for DOS": [10, CHANGED],
  "the COFF header": [64 + 8, CHANGED],
  "the optional header in front of the checksum": [64 + 24 + 60, CHANGED],
  "the checksum": [64 + 88, SAME],
  "the optional header behind the checksum": [64 + 92, CHANGED],
  "directories in front of the table's": [64 + 24 + 112 + 8, CHANGED],
  "directories behind the table's": [64 + 24 + 112 + 40, CHANGED],
  "the sections' table": [64 + 24 + 112 + 128 + 30, CHANGED],
  "what fills up the headers": [1000, CHANGED],
  "a section": [1024 + 512 + 10, CHANGED],
  "what fills up a section": [1024 + 512 + 1000, CHANGED],
  "the overlay": [program.length - 50, CHANGED],
  "what fills up the overlay": [tableAt - 1, CHANGED],
  "an entry's revision": [tableAt + 5, "unsupported"],
  "the padding in an entry": [tableAt + 8 + message.length + 3, "uncovered"],
  "the padding behind an entry": [signed.length - 1, "uncovered"],
  ...ofMessage(signed, message, OID.authenticodeTimestamp),
});

const dual = readSigned("exe/sha1-and-sha256.exe");
describe("a program signed twice", () => {
  it("by SHA-1 and SHA-256: both see a change", async () => {
    const { signatures } = await verifyBytes("a.exe", flipped(dual, 1100));
    assert.deepEqual(
      signatures.map(({ intact }) => intact),
      [false, false],
    );
  });
});

const cab = readSigned("cab/signed.cab");
describeRegions("signed.cab", cab, {
  "four bytes that are always zero": [4, SAME],
  "the cabinet's size": [8, CHANGED],
  "a field that is always zero": [12, CHANGED],
  "the minor version": [24, CHANGED],
  "the number of a set": [32, CHANGED],
  "the number in the set": [34, SAME],
  "the size of what folders reserve": [38, "malformed"],
  "the end of the reserve": [58, CHANGED],
  "the list of folders": [60 + 5, CHANGED],
  "the list of files": [60 + 8 + 12, CHANGED],
  "the content": [60 + 8 + 80, CHANGED],
});

const tree = await readStorageTree(memorySource(readSigned("msi/signed-with-names.msi")));
const SIGNATURE_STREAMS: readonly string[] = ["\u0005DigitalSignature", "\u0005MsiDigitalSignatureEx"];
const nameOf = ({ name }: StorageNode): string => Buffer.from(name).toString("utf16le");
for (const path of ["signed.msi", "signed-with-names.msi"]) {
  const bytes = readSigned(`msi/${path}`);
  const own = await readStorageTree(memorySource(bytes));
  const streams = own.root.children.filter((child) => child.bytes > 0 && !SIGNATURE_STREAMS.includes(nameOf(child)));
  const regions: Record<string, readonly [number, string]> = {};
  for (const [index, stream] of streams.entries()) {
    const [range] = await own.rangesOf(stream);
    regions[`stream ${index + 1} of ${streams.length}`] = [(range?.offset ?? 0) + Math.floor((range?.bytes ?? 0) / 2), CHANGED];
  }
  const withNames = path === "signed-with-names.msi";
  const entryAt = (stream: StorageNode | undefined): number =>
    bytes.indexOf(Buffer.concat([stream?.name ?? Buffer.alloc(0), Buffer.alloc(2)]));
  const large = streams.find(({ bytes: size }) => size > 4096);
  const [largeRange] = await own.rangesOf(large as StorageNode);
  describeRegions(
    path,
    bytes,
    {
      ...regions,
      "the root's class": [bytes.indexOf(Buffer.from(own.root.classId)), CHANGED],
      "a stream's state": [entryAt(large) + 96, withNames ? CHANGED : SAME],
      "a stream's time": [entryAt(large) + 108, withNames ? CHANGED : SAME],
      "a stream's size": [entryAt(large) + 120, CHANGED],
      "what fills up a stream's last sector": [(largeRange?.offset ?? 0) + (large?.bytes ?? 0) + 1, SAME],
      ...(withNames && { "a stream's name": [entryAt(large), CHANGED] }),
      ...(withNames && { "the digest of the names": [await startOf(own, "\u0005MsiDigitalSignatureEx"), CHANGED] }),
      ...ofMessage(bytes, await streamBytes(bytes, own, "\u0005DigitalSignature"), OID.authenticodeTimestamp),
    },
    withNames ? "" : "partial",
  );
}

async function startOf(of: typeof tree, name: string): Promise<number> {
  const stream = of.root.children.find((child) => nameOf(child) === name) as StorageNode;
  return (await of.rangesOf(stream))[0]?.offset ?? -1;
}

async function streamBytes(bytes: Buffer, of: typeof tree, name: string): Promise<Buffer> {
  const stream = of.root.children.find((child) => nameOf(child) === name) as StorageNode;
  const ranges = await of.rangesOf(stream);
  return Buffer.concat(ranges.map((range) => bytes.subarray(range.offset, range.offset + range.bytes)));
}

describe("what stands behind an installer", () => {
  const bytes = readSigned("msi/signed-with-names.msi");
  const state = async (rest: Buffer): Promise<string> => stateOf(await verifyBytes("a.msi", Buffer.concat([bytes, rest])));
  it("may be nothing", async () => assert.equal(await state(Buffer.alloc(1024)), SAME));
  it("may not be a second file", async () => assert.equal(await state(readSigned("msix/signed.msix")), "uncovered"));
});

const msix = readSigned("msix/signed.msix");
const directory = await readZipDirectory(memorySource(msix), DEFAULT_LIMITS);
const entryStart = (name: string): number => directory.entries.find((entry) => entry.name === name)?.headerOffset ?? -1;
const dataStart = (name: string): number => entryStart(name) + 30 + name.length;
const large = directory.entries.find(({ name }) => name === "My%20Assets/large.bin");
const third = Math.floor((large?.compressedBytes ?? 0) / 2.2);
describeRegions("signed.msix", msix, {
  "block 1 of a compressed file": [dataStart("My%20Assets/large.bin") + 1000, CHANGED],
  "block 2 of a compressed file": [dataStart("My%20Assets/large.bin") + third + 1000, CHANGED],
  "block 3 of a compressed file": [dataStart("My%20Assets/large.bin") + (large?.compressedBytes ?? 0) - 30, CHANGED],
  "the only block of a stored file": [dataStart("stored.bin") + 50, CHANGED],
  "the time in a local header": [entryStart("stored.bin") + 10, CHANGED],
  "the time in the directory": [directory.directoryOffset + 12, CHANGED],
  "the attributes in the directory": [directory.directoryOffset + 38, CHANGED],
  "the time of the signature's local header": [entryStart("AppxSignature.p7x") + 10, SAME],
  "the magic of the signature": [dataStart("AppxSignature.p7x"), "malformed"],
});

describe("parts of a package", () => {
  for (const name of ["AppxManifest.xml", "AppxBlockMap.xml", "[Content_Types].xml"])
    it(`a bit in ${name} is seen`, async () => {
      const { intact, problems, signatures } = await verifyBytes("a.msix", flipped(msix, dataStart(name) + 60));
      assert.equal(intact, false);
      assert.ok([...problems, ...signatures.flatMap((one) => one.problems)].length > 0);
    });
});

for (const path of ["author.nupkg", "author-and-repository.nupkg", "signature-first.nupkg"]) {
  const bytes = readSigned(`nupkg/${path}`);
  const zip = await openZip(memorySource(bytes), DEFAULT_LIMITS, { contiguous: false });
  const start = (name: string): number => zip.find(name)?.headerOffset ?? -1;
  const entry = zip.find(".signature.p7s");
  const messageAt = start(".signature.p7s") + 30 + ".signature.p7s".length;
  const primary = bytes.subarray(messageAt, messageAt + (entry?.bytes ?? 0));
  const first = path === "signature-first.nupkg" ? zip.directoryOffset + 46 + ".signature.p7s".length : zip.directoryOffset;
  // What names the certificate is among the signed attributes; a countersignature is over the value, and trusted for itself.
  const isCountersigned = path === "author-and-repository.nupkg";
  const parts = {
    ...ofMessage(bytes, primary, OID.timestampToken),
  };
  const others: Readonly<Record<string, string>> = {
    "the signed attributes": "contradiction signature-mismatch",
    "the signer's key": "chain-incomplete contradiction signature-mismatch",
    ...(isCountersigned && {
      "the signature's value": "digest-mismatch signature-mismatch timestamp-mismatch",
      "the timestamp's content": "intact trusted timestamp-mismatch",
      "the timestamp's signature": "intact trusted timestamp-mismatch",
    }),
  };
  describe(path, () => {
    const regions: Regions = {
      "the nuspec": [start("Example.nuspec") + 60, CHANGED],
      "a library": [start("lib/net8.0/Example.dll") + 30 + 22 + 1, CHANGED],
      "the content types": [start("[Content_Types].xml") + 55, CHANGED],
      "a local header": [start("lib/net8.0/Example.dll") + 10, CHANGED],
      "a record of the directory": [first + 12, CHANGED],
      ...parts,
    };
    for (const [region, [at, state]] of Object.entries(regions))
      it(`${region} is seen`, async () => {
        // A stored signature's own checksum has to be right again, or the zip itself is refused.
        const changed = flipped(bytes, at);
        mendChecksum(changed, start(".signature.p7s"), entry?.bytes ?? 0);
        assert.equal(stateOf(await verifyBytes(path, changed)), others[region] ?? state);
      });
  });
}

function mendChecksum(bytes: Buffer, entryAt: number, length: number): void {
  const from = entryAt + 30 + ".signature.p7s".length;
  const sum = crc32(bytes.subarray(from, from + length));
  bytes.writeUInt32LE(sum, entryAt + 14);
  for (let at = bytes.indexOf("PK\u0001\u0002"); at !== -1; at = bytes.indexOf("PK\u0001\u0002", at + 4))
    if (bytes.subarray(at + 46, at + 60).equals(Buffer.from(".signature.p7s"))) bytes.writeUInt32LE(sum, at + 16);
}
