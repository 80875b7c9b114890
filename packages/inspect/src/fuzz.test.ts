// Damaged artifacts give facts or `artifact/broken`: no other error, no hang, no heap of memory. Each fixture is damaged as a file, and
// its parts (manifest, resource table, signature, property list, executable, profile) inside a sound zip, or checksums would stop nearly
// all damage at the door. DIST_FUZZ_RUNS sets how often per target; a failure prints the seed and the smallest damage that shows it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { gzipStored } from "../../../fixtures/formats/make/tar-writer.ts";
import { writeZip } from "../../../fixtures/formats/make/zip-writer.ts";
import { attempt, isBroken } from "./broken.ts";
import { DEFAULT_LIMITS, FORMATS, inspectArtifact } from "./index.ts";
import { type Fixture, listFixtures, readFixture } from "./test-support/fixtures.ts";
import { damage, damages } from "./test-support/mutate.ts";
import { watch } from "./test-support/watching-source.ts";
import { openZip } from "./zip/open-zip.ts";

const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 60);
const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const MAX_MS = 5000;
const MAX_GROWTH_BYTES = 256 * 1024 * 1024;
const PARTS =
  /AndroidManifest\.xml$|resources\.arsc$|\.RSA$|\.SF$|Info\.plist$|embedded\.mobileprovision$|\.app\/[A-Za-z-]+$|METADATA$|WHEEL$|Package\.swift$|\.pb$|Appx[A-Za-z]+\.xml$|\.p7x$|\.nuspec$|\.p7s$/;

async function survives(bytes: Uint8Array, name: string): Promise<void> {
  const started = performance.now();
  const source = watch(memorySource(bytes));
  try {
    const facts = await inspectArtifact(source, name);
    assert.ok(JSON.stringify(facts).isWellFormed());
  } catch (thrown) {
    assert.ok(isBroken(thrown) && thrown.code === "artifact/broken", `threw ${(thrown as Error).stack}`);
  }
  const elapsed = performance.now() - started;
  assert.ok(elapsed < MAX_MS, `took ${elapsed} ms`);
  assert.ok(source.bytesRead <= 2 * DEFAULT_LIMITS.maxReadBytes, `read ${source.bytesRead} bytes`);
}

async function fuzz(make: (list: Parameters<typeof damage>[1]) => Uint8Array, name: string): Promise<void> {
  const before = process.memoryUsage().rss;
  await fc.assert(
    fc.asyncProperty(damages, (list) => survives(make(list), name)),
    { numRuns: RUNS, seed: SEED },
  );
  const growth = process.memoryUsage().rss - before;
  assert.ok(growth < MAX_GROWTH_BYTES, `memory grew by ${growth} bytes`);
}

async function partsOf(fixture: Fixture): Promise<readonly { readonly name: string; readonly data: Buffer }[]> {
  const opened = await attempt(() => openZip(memorySource(readFixture(fixture)), DEFAULT_LIMITS, { contiguous: false }));
  if ("error" in opened) return [];
  const zip = opened.value;
  return Promise.all(
    zip.entries
      .filter((entry) => PARTS.test(entry.name))
      .map(async (entry) => ({ name: entry.name, data: Buffer.from(await zip.read(entry)) })),
  );
}

for (const { id: format } of FORMATS.filter(({ id }) => id !== "file")) {
  describe(`fuzz: ${format}`, () => {
    for (const fixture of listFixtures(format, "ok")) {
      it(fixture.name, async () => {
        const whole = readFixture(fixture);
        await fuzz((list) => damage(whole, list), fixture.name);
        const parts = await partsOf(fixture);
        for (const target of parts) {
          await fuzz(
            (list) => writeZip(parts.map((part) => (part === target ? { ...part, data: Buffer.from(damage(part.data, list)) } : part))),
            fixture.name,
          );
        }
      });
    }
  });
}

/** Formats that are no zip: the file is damaged, and what is inside its gzip, which has a checksum. */
for (const format of ["appimage", "deb", "elf", "gguf", "npm", "oci", "pickle", "rpm", "safetensors", "sdist", "sif", "tarball"]) {
  describe(`fuzz: ${format}`, () => {
    for (const fixture of listFixtures(format, "ok")) {
      it(fixture.name, async () => {
        const whole = readFixture(fixture);
        await fuzz((list) => damage(whole, list), fixture.name);
        if (whole[0] !== 0x1f || whole[1] !== 0x8b) return;
        const inside = new Uint8Array(gunzipSync(whole));
        await fuzz((list) => gzipStored(Buffer.from(damage(inside, list))), fixture.name);
      });
    }
  });
}

describe("fuzz: signing block", () => {
  it("rotated-key-v31.apk", async () => {
    const fixture = listFixtures("apk", "ok").find(({ name }) => name === "rotated-key-v31.apk");
    assert.ok(fixture !== undefined);
    const bytes = readFixture(fixture);
    const footer = Buffer.from(bytes).lastIndexOf("APK Sig Block 42") - 8;
    const start = footer - 12_000;
    await fuzz((list) => {
      const inPlace = list.filter(({ kind }) => kind !== "cut" && kind !== "drop" && kind !== "repeat");
      return Buffer.concat([bytes.subarray(0, start), damage(bytes.subarray(start, footer), inPlace), bytes.subarray(footer)]);
    }, fixture.name);
  });
});
