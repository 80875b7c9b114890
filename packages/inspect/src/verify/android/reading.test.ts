// What is read of a large package: all of it once, however many signatures cover it, and little of it at a time.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createHash, randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { type ByteSource, memorySource } from "@distd/core";
import { type Entry, writeZip } from "../../../../../fixtures/formats/make/zip-writer.ts";
import { entriesOf } from "../../../../../fixtures/signatures/make/android-unsigned.ts";
import { lineageOf, NO_END, signBlocks, u32 } from "../../test-support/android/sign-blocks.ts";
import { signJar } from "../../test-support/android/sign-jar.ts";
import { makeKey } from "../../test-support/android/test-key.ts";
import { verify } from "../../test-support/android/verify.ts";
import { verifyArtifact } from "../index.ts";

const LARGE_BYTES = 24 * 1024 * 1024;
const SMALL_SHARE = 0.05;

/** Bytes handed out in all, and in the largest piece. */
function counted(bytes: Buffer): ByteSource & { readonly total: () => number; readonly largest: () => number } {
  const inner = memorySource(bytes);
  let [total, largest] = [0, 0];
  return {
    size: bytes.length,
    async read(offset, length) {
      total += length;
      largest = Math.max(largest, length);
      return inner.read(offset, length);
    },
    total: () => total,
    largest: () => largest,
  };
}

describe("a large package", () => {
  const [old, key] = [makeKey("OLD"), makeKey("KEY")];
  const noise = randomBytes(LARGE_BYTES);
  const how = { method: 8, plain: noise.length };
  const deflated: Entry = { name: "assets/noise.bin", data: deflateRawSync(noise), local: how, central: how };
  const small: readonly Entry[] = Array.from({ length: 2000 }, (_, index) => ({
    name: `assets/${index}.bin`,
    data: noise.subarray(index * 4096, (index + 1) * 4096),
  }));
  const large = { name: "assets/large.bin", data: Buffer.alloc(LARGE_BYTES, "a lantern in the window, ") };

  it("is read once for v2, v3 and v3.1 together, in small pieces", async () => {
    const signed = signBlocks(writeZip([...entriesOf(24), large]), {
      v2: [{ key: old }],
      v3: [{ key: old, range: [24, 32], attributes: [{ id: 0x559f8b02, value: u32(33) }] }],
      v31: [{ key, range: [33, NO_END], attributes: [lineageOf([old, key])] }],
    });
    const source = counted(signed);
    const verdict = await verify(source);
    assert.deepEqual(
      verdict.signatures.map(({ intact }) => intact),
      [true, true, true],
    );
    assert.ok(source.total() < signed.length * (1 + SMALL_SHARE), `${source.total()} of ${signed.length} bytes`);
    assert.ok(source.largest() <= 1024 * 1024);
  });

  it("is read once for v1, whatever API levels ask", async () => {
    const signed = writeZip(signJar([...entriesOf(21), large], { keys: [key] }));
    const source = counted(signed);
    assert.equal((await verify(source)).intact, true);
    assert.ok(source.total() < signed.length * (1 + SMALL_SHARE), `${source.total()} of ${signed.length} bytes`);
    assert.ok(source.largest() <= 1024 * 1024);
  });

  for (const [what, entry] of Object.entries({
    "a large stored entry": large,
    "a large deflated entry": deflated,
    "many small ones": small,
  }))
    it(`is read once for v1, v2 and v3, and for a list of digests beside it: ${what}`, async () => {
      const jar = signJar([...entriesOf(21), entry].flat(), { keys: [key], alsoSigned: "2, 3" });
      const signed = signBlocks(writeZip(jar), { v2: [{ key }], v3: [{ key, range: [24, NO_END] }] });
      const source = counted(signed);
      const sums = Buffer.from(`${createHash("sha256").update(signed).digest("hex")}  app.apk\n`);
      const verdict = await verifyArtifact(source, {
        format: "apk",
        fileName: "app.apk",
        now: new Date("2026-11-20"),
        beside: new Map([["SHA256SUMS", memorySource(sums)]]),
      });
      assert.deepEqual(
        verdict.signatures.map(({ scheme, intact }) => [scheme, intact]),
        [
          ["v1", true],
          ["v2", true],
          ["v3", true],
          ["checksums", true],
        ],
      );
      // Small entries are read once more before, with the headers in front of them, whatever signs them.
      const alone = counted(signBlocks(writeZip(jar), { v3: [{ key, range: [24, NO_END] }] }));
      await verify(alone);
      assert.ok(source.total() < alone.total() + signed.length * SMALL_SHARE, `${source.total()} bytes, for v3 alone ${alone.total()}`);
      if (what !== "many small ones") assert.ok(source.total() < signed.length * (1 + SMALL_SHARE));
      assert.ok(source.largest() <= 1024 * 1024);
    });

  it("is not read at all when its signer's signature does not hold", async () => {
    const wrong = Buffer.alloc(70, 1);
    const source = counted(signBlocks(writeZip([...entriesOf(24), large]), { v2: [{ key, signature: () => wrong }] }));
    assert.equal((await verify(source)).intact, false);
    assert.ok(source.total() < LARGE_BYTES * SMALL_SHARE);
  });
});
