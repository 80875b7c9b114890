import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { memorySource } from "@distd/core";
import { bzip2Zeros } from "../../../../fixtures/formats/make/deb.ts";
import { isBroken } from "../broken.ts";
import { createBudget } from "../budget.ts";
import type { Codec } from "./codec.ts";
import { decompress } from "./decompress.ts";

const MIB = 1024 * 1024;
/** Runs, text and bytes of every value: more than one block of bzip2. */
const content = Buffer.concat([
  Buffer.alloc(300_000, "a"),
  Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7919).toString(36)).join(" ")),
  Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * index * 31) & 0xff)),
]);

async function read(bytes: Buffer, codec: Codec, maxBytes = 64 * MIB): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of decompress(memorySource(new Uint8Array(bytes)), codec, createBudget(maxBytes))) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

function compressWith(tool: string): Buffer | undefined {
  const { status, stdout } = spawnSync(tool, ["-c"], { input: content, maxBuffer: 16 * MIB });
  return status === 0 ? stdout : undefined;
}

describe("decompress", () => {
  for (const [codec, compressed] of [
    ["gzip", gzipSync(content)],
    ["zstd", zstdCompressSync(content)],
    ["bzip2", compressWith("bzip2")],
    ["xz", compressWith("xz")],
  ] as const) {
    const skip = compressed === undefined ? `${codec} is not installed` : false;
    it(`reads ${codec}`, { skip }, async () => {
      assert.ok((await read(compressed ?? Buffer.alloc(0), codec)).equals(content));
    });
    // xz-decompress reads one stream; nobody writes archives of several.
    if (codec !== "xz")
      it(`reads ${codec}, one stream after the other`, { skip }, async () => {
        const twice = Buffer.concat([compressed ?? Buffer.alloc(0), compressed ?? Buffer.alloc(0)]);
        assert.ok((await read(twice, codec)).equals(Buffer.concat([content, content])));
      });
    it(`stops ${codec} at its budget`, { skip }, async () => {
      await assert.rejects(read(compressed ?? Buffer.alloc(0), codec, 100_000), isBroken);
    });
  }

  it("stops a bomb of 1.8 GB in 2 kB early, and in little memory", async () => {
    const before = process.memoryUsage().rss;
    await assert.rejects(read(bzip2Zeros(), "bzip2", 32 * MIB), isBroken);
    assert.ok(process.memoryUsage().rss - before < 128 * MIB);
  });
});
