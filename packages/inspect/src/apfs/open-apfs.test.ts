import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import { APFS, type ApfsRecipe, writeApfs } from "../../../../fixtures/formats/make/apfs.ts";
import { noise } from "../../../../fixtures/formats/make/lzfse-contents.ts";
import { attempt, isBroken } from "../broken.ts";
import { createBudget } from "../budget.ts";
import { watch } from "../test-support/watching-source.ts";
import { checksumOf } from "./checksum.ts";
import { type ApfsVolume, openApfs } from "./open-apfs.ts";

const MIB = 1024 * 1024;
const { block: BLOCK } = APFS;
const many = Array.from({ length: 600 }, (_, index) => ({ name: `folder/${index % 7}/file ${index}`, data: noise(index * 20, index + 1) }));

function open(bytes: Uint8Array, maxEntries = 10_000): Promise<ApfsVolume> {
  return openApfs(memorySource(bytes), maxEntries, createBudget(MIB));
}

async function contents({ files, open: openFile }: ApfsVolume): Promise<ReadonlyMap<string, string>> {
  const read = files.map(
    async (file) => [file.path, Buffer.from(await openFile(file).read(0, Math.min(file.bytes, MIB))).toString("latin1")] as const,
  );
  return new Map(await Promise.all(read));
}

/** Bytes changed from `offset` of a block, and its checksum made right. */
function damaged(whole: Buffer, block: number, offset: number, bytes: readonly number[]): Buffer {
  const copy = Buffer.from(whole);
  const part = copy.subarray(block * BLOCK, (block + 1) * BLOCK);
  part.set(bytes, offset);
  part.set(checksumOf(part), 0);
  return copy;
}

describe("apfs", () => {
  for (const recipe of [{}, { plainNames: true }, { cloned: true }] satisfies readonly Partial<ApfsRecipe>[])
    it(`reads every file of a tree of many nodes: ${JSON.stringify(recipe)}`, async () => {
      const volume = await open(writeApfs({ volume: "Völume", files: many, ...recipe }));
      assert.equal(volume.name, "Völume");
      assert.deepEqual(await contents(volume), new Map(many.map(({ name, data }) => [name, data.toString("latin1")])));
    });

  it("reads little of a large container", async () => {
    const files = [{ name: "large", data: Buffer.alloc(48 * MIB) }, ...many];
    const source = watch(memorySource(writeApfs({ volume: "Large", files })));
    const volume = await openApfs(source, 10_000, createBudget(MIB));
    assert.equal(volume.files.length, files.length);
    assert.ok(source.bytesRead <= 0.03 * source.size, `${source.bytesRead} of ${source.size}`);
  });

  it("names an encrypted volume and reads no file", async () => {
    const volume = await open(writeApfs({ volume: "Secret", files: many, isEncrypted: true }));
    assert.deepEqual([volume.name, volume.isEncrypted, volume.files], ["Secret", true, []]);
  });

  it("takes the checkpoint before when the newest is torn, wherever they lie", async () => {
    const whole = writeApfs({ volume: "Lantern", files: many });
    const [older, newest] = [APFS.checkpoints * BLOCK, (APFS.checkpoints + 1) * BLOCK];
    const swapped = Buffer.from(whole);
    whole.copy(swapped, older, newest, newest + BLOCK);
    whole.copy(swapped, newest, older, older + BLOCK);
    assert.equal((await open(swapped)).files.length, many.length);
  });

  it("refuses more files than it may list", async () => {
    await assert.rejects(open(writeApfs({ volume: "Many", files: many }), 100), isBroken);
  });

  const whole = writeApfs({ volume: "Lantern", files: many });
  const u32 = (value: number): readonly number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
  const root = APFS.filesRoot;
  for (const [name, bytes] of [
    ["blocks of 2 GiB", damaged(whole, 0, 36, u32(0x80000000))],
    ["blocks of 512 bytes", damaged(whole, 0, 36, u32(512))],
    ["checkpoints without end", damaged(whole, 0, 104, u32(0x7fffffff))],
    ["checkpoints in pieces", damaged(whole, 0, 104, u32(0x80000004))],
    ["no checkpoint that is whole", damaged(whole, 0, 112, u32(APFS.volumeMap))],
    ["a container without volume", damaged(whole, APFS.checkpoints + 1, 184, u32(0))],
    ["101 volumes", damaged(whole, APFS.checkpoints + 1, 180, u32(101))],
    ["a volume that is none", damaged(whole, APFS.volume, 32, u32(0))],
    ["a sealed volume", damaged(whole, APFS.volume, 56, u32(0x21))],
    ["a map that is none", damaged(whole, APFS.volume, 128, u32(APFS.volume))],
    ["a tree that is in no map", damaged(whole, APFS.volume, 136, u32(4711))],
    ["an encrypted tree", damaged(whole, APFS.volumeMap + 1, BLOCK - 40 - 16, u32(4))],
    ["nodes of two blocks", damaged(whole, root, BLOCK - 36, u32(2 * BLOCK))],
    ["a tree of 65535 levels", damaged(whole, root, 34, [255, 255])],
    ["a root that is a leaf of level 1", damaged(whole, root, 32, [3, 0])],
    ["a leaf where a node should be", damaged(whole, root, 34, [2, 0])],
    [
      "a node that stands in its tree twice",
      damaged(whole, root, BLOCK - 48, [...whole.subarray((root + 1) * BLOCK - 56, (root + 1) * BLOCK - 48)]),
    ],
    ["a table beyond its node", damaged(whole, root + 1, 40, [255, 255])],
    ["more entries than the table holds", damaged(whole, root + 1, 36, u32(0xffff))],
    ["a key beyond its node", damaged(whole, root + 1, 56, [255, 255])],
    ["a value before its node", damaged(whole, root + 1, 60, [255, 255])],
    [
      "a damaged node",
      Buffer.concat([whole.subarray(0, (root + 1) * BLOCK + 100), Buffer.from([99]), whole.subarray((root + 1) * BLOCK + 101)]),
    ],
  ] as const)
    it(`refuses ${name}`, async () => {
      await assert.rejects(open(bytes), isBroken);
    });

  it("gives files or refuses, whatever number of its tree is damaged", async () => {
    const small = writeApfs({ volume: "Lantern", files: many.slice(0, 12) });
    for (let at = 32; at < BLOCK; at += 7) {
      for (const block of [root, root + 1]) {
        const opened = await attempt(async () => contents(await open(damaged(small, block, at, [0xff]))));
        assert.ok("value" in opened || isBroken(opened.error));
      }
    }
  });
});
