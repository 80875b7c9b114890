// Programs put together from parts that hold by themselves, and signatures that were taken apart.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import { writeProgram } from "../../../../../fixtures/signatures/make/apple-unsigned.ts";
import { readSigned, verifyBytes } from "../../test-support/apple/signed-files.ts";
import { stateOf } from "../../test-support/verdicts.ts";
import { fileOf, readTree } from "../../test-support/apple/trees.ts";
import { parseSuperBlob, SLOT } from "./code-signature/super-blob.ts";
import { isCode, readCodeLayout } from "./macho/layout.ts";

const SLICE_AT = 0x4000;
const hardened = readSigned("macho/hardened");
const plain = readSigned("macho/sha384");
const stranger = readSigned("macho/stranger");
const unsigned = writeProgram({ seed: 2 });
const signatureAt = (await readCodeLayout(memorySource(hardened))).slices[0]?.signatureAt ?? { offset: 0, bytes: 0 };

/** A universal file of these; what processor the table says is read from each. */
function universal(slices: readonly Buffer[], gap = Buffer.alloc(0)): Buffer {
  const table = Buffer.alloc(SLICE_AT);
  table.writeUInt32BE(0xcafebabe, 0);
  table.writeUInt32BE(slices.length, 4);
  gap.copy(table, 8 + 20 * slices.length);
  let at = SLICE_AT;
  for (const [index, slice] of slices.entries()) {
    for (const [field, value] of [slice.readUInt32LE(4), slice.readUInt32LE(8), at, slice.length, 14].entries())
      table.writeUInt32BE(value, 8 + index * 20 + field * 4);
    at += slice.length;
  }
  return Buffer.concat([table, ...slices]);
}

/** The place of a blob's header in the file. */
function blobAt(slot: number): number {
  const blob = parseSuperBlob(hardened.subarray(signatureAt.offset)).blobs.get(slot);
  return hardened.indexOf(blob?.bytes ?? "nowhere");
}

function patched(at: number, value: number, bytes = hardened): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(value >>> 0, at);
  return copy;
}

function withCommand(number: number, fields: readonly number[]): Buffer {
  const copy = Buffer.from(hardened);
  const [count, bytes] = [copy.readUInt32LE(16), copy.readUInt32LE(20)];
  copy.writeUInt32LE(count + 1, 16);
  copy.writeUInt32LE(bytes + 8 + fields.length * 4, 20);
  for (const [index, value] of [number, 8 + fields.length * 4, ...fields].entries()) copy.writeUInt32LE(value, 32 + bytes + index * 4);
  return copy;
}

const app = await readTree("macapp/developer-id.zip");
const STATES: Readonly<Record<string, readonly [bytes: Buffer, state: string]>> = {
  "slices of one signer": [universal([plain, plain]), "intact trusted no-timestamp not-hardened not-notarized"],
  "slices of two signers": [universal([plain, stranger]), "contradiction no-timestamp not-hardened not-notarized unknown-signer"],
  "a slice that is signed ad hoc": [
    universal([plain, readSigned("macho/ad-hoc")]),
    "contradiction no-timestamp nobody not-hardened not-notarized",
  ],
  "a slice that is not signed": [universal([plain, unsigned]), "no-timestamp not-hardened not-notarized uncovered"],
  "no slice that is signed": [universal([unsigned, unsigned]), "unsigned"],
  "something between the slices": [universal([plain, plain], Buffer.from("more")), "no-timestamp not-hardened not-notarized uncovered"],
  "slices that overlap": [patched(8 + 8, SLICE_AT + 4, universal([plain, plain])), "malformed"],
  "a slice for another processor than the table says": [patched(8, 0x01000007, universal([plain])), "malformed"],
  "a slice beyond the end": [patched(8 + 12, 0x7fffffff, universal([plain])), "malformed"],
  "something behind the signature": [Buffer.concat([hardened, Buffer.from("more")]), "not-notarized uncovered"],
  "zeros behind the signature": [Buffer.concat([hardened, Buffer.alloc(64)]), "intact trusted not-notarized"],
  "no CMS message": [patched(blobAt(SLOT.cms) + 4, 8), "stripped uncovered"],
  "a CMS message that is cut short": [patched(blobAt(SLOT.cms) + 4, 100), "malformed uncovered"],
  "a CMS message of another kind of blob": [patched(blobAt(SLOT.cms), 0xfade0c01), "malformed"],
  "entitlements in another slot": [patched(signatureAt.offset + 12 + 16, 9), "digest-mismatch not-notarized uncovered"],
  "entitlements in a slot nobody knows": [patched(signatureAt.offset + 12 + 16, 0x9000), "digest-mismatch not-notarized uncovered"],
  "flags that say it is signed ad hoc": [patched(blobAt(SLOT.codeDirectory) + 12, 0x10002), "contradiction digest-mismatch not-notarized"],
  "a code limit that leaves code out": [patched(blobAt(SLOT.codeDirectory) + 32, 4096), "malformed"],
  "two signatures": [withCommand(0x1d, [signatureAt.offset, signatureAt.bytes]), "malformed"],
  "a signature that is cut off": [hardened.subarray(0, signatureAt.offset), "malformed"],
  "a signature in the load commands": [patchSignature(64, 200), "malformed"],
  "the signature of another program": [
    Buffer.concat([
      writeProgram({ seed: 77 }).subarray(0, 16),
      hardened.subarray(16, 0x2000),
      writeProgram({ seed: 77 }).subarray(0x2000, 0x4000),
      hardened.subarray(0x4000),
    ]),
    "digest-mismatch not-notarized",
  ],
  "the main program of an app, alone": [fileOf(app, "Lantern.app/Contents/MacOS/Lantern"), "not-notarized subject-missing"],
};

function patchSignature(offset: number, bytes: number): Buffer {
  const copy = Buffer.from(hardened);
  const command = copy.indexOf(Buffer.from("1d00000010000000", "hex"));
  copy.writeUInt32LE(offset, command + 8);
  copy.writeUInt32LE(bytes, command + 12);
  return copy;
}

describe("programs", () => {
  for (const [what, [bytes, state]] of Object.entries(STATES))
    it(`with ${what}: ${state}`, async () => {
      const verdict = await verifyBytes("macho/program", bytes);
      assert.equal(stateOf(verdict), state, JSON.stringify(verdict.signatures.map(({ problems }) => problems)));
    });

  it("are told from what begins like one", () => {
    assert.equal(isCode(hardened), true);
    assert.equal(isCode(universal([plain])), true);
    for (const other of [Buffer.from("cafebabe00000034", "hex"), Buffer.from("#!/bin/sh\n"), Buffer.alloc(8), Buffer.from("feed")])
      assert.equal(isCode(other), false);
  });
});
