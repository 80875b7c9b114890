import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32, deflateRawSync } from "node:zlib";
import { memorySource } from "@distd/core";
import { writeZip } from "../../../../fixtures/formats/make/zip-writer.ts";
import { isBroken } from "../broken.ts";
import { DEFAULT_LIMITS, type InspectLimits } from "../limits.ts";
import { watch } from "../test-support/watching-source.ts";
import { openZip, type Zip } from "./open-zip.ts";

const MIB = 1024 * 1024;

interface Claims {
  readonly plain?: number;
  readonly crc?: number;
}

/** A zip of one deflated entry that may lie about what it inflates to. */
function deflatedZip(content: Buffer, claims: Claims = {}): Buffer {
  const data = deflateRawSync(content);
  const lies = { method: 8, plain: claims.plain ?? content.length, crc: claims.crc ?? crc32(content) };
  return writeZip([{ name: "one", data, local: lies, central: lies }]);
}

function open(bytes: Buffer, limits: Partial<InspectLimits> = {}): Promise<Zip> {
  return openZip(memorySource(new Uint8Array(bytes)), { ...DEFAULT_LIMITS, ...limits }, { contiguous: true });
}

function read(zip: Zip): Promise<Uint8Array> {
  return zip.read(zip.entries[0] ?? assert.fail());
}

/** Text that deflates to about half. */
const text = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919).toString(36)).join(" "));

describe("zip", () => {
  it("reads a deflated entry", async () => {
    assert.ok(Buffer.from(await read(await open(deflatedZip(text)))).equals(text));
  });

  it("reads an empty archive and one without compression", async () => {
    assert.deepEqual((await open(writeZip([]))).entries, []);
    assert.equal(Buffer.from(await read(await open(writeZip([{ name: "one", data: Buffer.from("content") }])))).toString(), "content");
  });

  it("refuses an entry that inflates to more, or less, than it says", async () => {
    await assert.rejects(async () => read(await open(deflatedZip(text, { plain: text.length - 1 }))), isBroken);
    await assert.rejects(async () => read(await open(deflatedZip(text, { plain: text.length + 1 }))), isBroken);
  });

  it("refuses a wrong checksum", async () => {
    await assert.rejects(async () => read(await open(deflatedZip(text, { crc: 1 }))), isBroken);
  });

  it("refuses a bomb by its budget before it goes off", async () => {
    const bomb = deflatedZip(Buffer.alloc(100 * MIB));
    const before = process.memoryUsage().rss;
    await assert.rejects(async () => read(await open(bomb)), isBroken);
    assert.ok(process.memoryUsage().rss - before < 80 * MIB);
  });

  it("refuses more entries than allowed", async () => {
    const many = Array.from({ length: 11 }, (_, index) => ({ name: `entry-${index}`, data: Buffer.alloc(0) }));
    await assert.rejects(open(writeZip(many), { maxEntries: 10 }), isBroken);
    assert.equal((await open(writeZip(many), { maxEntries: 11 })).entries.length, 11);
  });

  it("reads from front to back, stepping over and stopping early", async () => {
    const source = watch(memorySource(new Uint8Array(deflatedZip(text))));
    const zip = await openZip(source, DEFAULT_LIMITS, { contiguous: true });
    const opened = source.bytesRead;
    const forward = zip.forward(zip.entries[0] ?? assert.fail());
    assert.ok(Buffer.from(await forward.read(0, 10)).equals(text.subarray(0, 10)));
    assert.ok(Buffer.from(await forward.read(5000, 10)).equals(text.subarray(5000, 5010)));
    await assert.rejects(forward.read(20, 10), isBroken);
    await forward.close();
    assert.ok(source.bytesRead - opened <= 4 * 64 * 1024, `${source.bytesRead - opened} bytes`);
    assert.equal(zip.inflatableBytes, DEFAULT_LIMITS.maxInflatedBytes - 5010);
  });

  it("counts what is stepped over", async () => {
    const zip = await open(deflatedZip(text), { maxInflatedBytes: 1000 });
    const forward = zip.forward(zip.entries[0] ?? assert.fail());
    await assert.rejects(forward.read(2000, 10), isBroken);
    await forward.close();
  });
});
