// App packages whose parts do not fit together, and how publishers are written.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Entry, writeZip } from "../../../../../fixtures/formats/make/zip-writer.ts";
import { APP_FILES, appManifest, noise, type PackedFile, writeAppx } from "../../../../../fixtures/signatures/make/windows-unsigned.ts";
import { memorySource } from "@distd/core";
import { DEFAULT_LIMITS } from "../../limits.ts";
import { openZip } from "../../zip/open-zip.ts";
import { readSigned, verifyBytes } from "../../test-support/windows-signatures.ts";
import { stateOf } from "../../test-support/verdicts.ts";
import { isPublisher } from "./publisher.ts";

const MANIFEST: PackedFile = { name: "AppxManifest.xml", data: appManifest("CN=Example") };
const FILE: PackedFile = { name: "file.bin", data: noise(100, 1), isStored: true };
const entry = (name: string, text = "text"): Entry => ({ name, data: Buffer.from(text) });

/** A package with one text in it replaced by another of the same length, its checksum too where it is stored. */
async function rewritten(bytes: Buffer, change: (map: string) => string): Promise<Buffer> {
  const zip = await openZip(memorySource(bytes), DEFAULT_LIMITS, { contiguous: false });
  const entries: Entry[] = [];
  for (const one of zip.entries) {
    if (one.name === "[Content_Types].xml") continue;
    const data = Buffer.from(await zip.read(one));
    entries.push({ name: one.name, data: one.name === "AppxBlockMap.xml" ? Buffer.from(change(data.toString())) : data });
  }
  return writeZip([...entries, entry("[Content_Types].xml", "<Types/>")]);
}

describe("unsigned packages", () => {
  const state = async (bytes: Buffer, name = "a.msix"): Promise<string> => stateOf(await verifyBytes(name, bytes));
  const good = writeAppx([MANIFEST, FILE]);
  const changed = async (change: (map: string) => string): Promise<string> => state(await rewritten(good, change));

  it("with a true block map are unsigned", async () => {
    assert.equal(await state(good), "unsigned");
    assert.equal(await state(writeAppx(APP_FILES)), "unsigned");
  });
  it("with a file the map does not list", async () => assert.equal(await state(writeAppx([MANIFEST], [entry("more.txt")])), "uncovered"));
  it("with a file the map lists and that is not there", async () =>
    assert.equal(await changed((map) => map.replace("</BlockMap>", '<File Name="gone.txt" Size="0"/></BlockMap>')), "digest-mismatch"));
  it("with another hash of a block", async () =>
    assert.equal(await changed((map) => map.replace(/Hash="....(.{40})"\/>/, 'Hash="AAAA$1"/>')), "digest-mismatch"));
  it("with another size", async () => assert.equal(await changed((map) => map.replace('Size="100"', 'Size="101"')), "digest-mismatch"));
  it("with a size that is no number", async () =>
    assert.equal(await changed((map) => map.replace('Size="100"', 'Size="all"')), "digest-mismatch"));
  it("with a block too many", async () =>
    assert.equal(
      await changed((map) => map.replace(/(<Block [^>]*\/>)<\/File><\/BlockMap>/, "$1$1</File></BlockMap>")),
      "digest-mismatch",
    ));
  it("with a file listed twice", async () =>
    assert.equal(await changed((map) => map.replace(/(<File Name="file.bin".*<\/File>)/, "$1$1")), "malformed"));
  it("with a map by an unknown hash", async () => assert.equal(await changed((map) => map.replace("#sha256", "#sha1")), "malformed"));
  it("with an empty map", async () => assert.equal(await changed((map) => map.replace(/<File.*File>/, "")), "malformed"));
  it("with a map that is none", async () => assert.equal(await changed(() => "<Blocks/>"), "malformed"));
  it("without a map", async () => assert.equal(await state(writeZip([entry("AppxManifest.xml", "<Package/>")])), "malformed"));
  it("without a manifest", async () => assert.equal(await state(writeAppx([FILE])), "malformed"));
  it("with a list of signed code and no signature were signed", async () =>
    assert.equal(await state(writeAppx([MANIFEST], [entry("AppxMetadata/CodeIntegrity.cat")])), "stripped"));
  it("that are no zip", async () => assert.equal(await state(Buffer.from("no zip")), "malformed"));
});

describe("signatures of packages", () => {
  const withSignature = (signature: Buffer): Buffer => writeAppx([MANIFEST], [{ name: "AppxSignature.p7x", data: signature }]);
  it("without their magic", async () =>
    assert.equal(stateOf(await verifyBytes("a.msix", withSignature(Buffer.from("0000")))), "malformed"));
  it("that are no message", async () =>
    assert.equal(stateOf(await verifyBytes("a.msix", withSignature(Buffer.from("PKCX0000")))), "malformed"));
  it("of another package", async () => {
    const zip = await openZip(memorySource(readSigned("msix/signed.msix")), DEFAULT_LIMITS, { contiguous: false });
    const own = zip.find("AppxSignature.p7x");
    assert.ok(own);
    const state = stateOf(await verifyBytes("a.msix", withSignature(Buffer.from(await zip.read(own)))));
    assert.equal(state, "contradiction digest-mismatch");
  });
  it("of a program", async () => {
    const program = readSigned("exe/without-timestamp.exe");
    const at = program.readUInt32LE(64 + 24 + 112 + 32);
    const message = program.subarray(at + 8);
    const state = stateOf(await verifyBytes("a.msix", withSignature(Buffer.concat([Buffer.from("PKCX"), message]))));
    assert.equal(state, "contradiction malformed no-timestamp");
  });
});

describe("publishers", () => {
  const SUBJECT = "CN=Example\\, Ltd,O=Example,L=Köln,ST=NRW,C=DE";
  const cases: readonly (readonly [publisher: string, subject: string, same: boolean])[] = [
    ['CN="Example, Ltd", O=Example, L=Köln, S=NRW, C=DE', SUBJECT, true],
    ['CN="Example, Ltd",O=Example,L=Köln,ST=NRW,C=DE', SUBJECT, true],
    ["CN=Example, O=Example, L=Köln, S=NRW, C=DE", SUBJECT, false],
    ['O=Example, CN="Example, Ltd", L=Köln, S=NRW, C=DE', SUBJECT, false],
    ['CN="Example, Ltd", O=Example, L=Köln, S=NRW', SUBJECT, false],
    ['CN="Example, Ltd", O=Example, L=Köln, S=NRW, C=DE, C=DE', SUBJECT, false],
    ["CN=Test, E=a@b", "CN=Test,1.2.840.113549.1.9.1=#1603614062", true],
    ["CN=Test, OID.2.5.4.5=123", "CN=Test,2.5.4.5=#1303313233", true],
    ['CN="say ""hi"""', 'CN=say \\"hi\\"', true],
    ["CN=4E7ADCCD", "CN=4e7adccd", false],
    ["no name", "no name", false],
    ["", "", false],
  ];
  for (const [publisher, subject, same] of cases)
    it(`${publisher} ${same ? "is" : "is not"} ${subject}`, () => assert.equal(isPublisher(publisher, subject), same));
});
