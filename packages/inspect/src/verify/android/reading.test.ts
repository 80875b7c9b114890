// What is read of a large package: all of it once, however many signatures cover it, and little of it at a time.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ByteSource, memorySource } from "@distd/core";
import { writeZip } from "../../../../../fixtures/formats/make/zip-writer.ts";
import { entriesOf } from "../../../../../fixtures/signatures/make/android-unsigned.ts";
import { lineageOf, NO_END, signBlocks, u32 } from "../../test-support/android/sign-blocks.ts";
import { signJar } from "../../test-support/android/sign-jar.ts";
import { makeKey } from "../../test-support/android/test-key.ts";
import { verify } from "../../test-support/android/verify.ts";

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

  it("is read once more for v1, whatever API levels ask", async () => {
    const signed = writeZip(signJar([...entriesOf(21), large], { keys: [key] }));
    const source = counted(signed);
    assert.equal((await verify(source)).intact, true);
    assert.ok(source.total() < signed.length * (1 + SMALL_SHARE), `${source.total()} of ${signed.length} bytes`);
    assert.ok(source.largest() <= 1024 * 1024);
  });

  it("is not read at all when its signer's signature does not hold", async () => {
    const wrong = Buffer.alloc(70, 1);
    const source = counted(signBlocks(writeZip([...entriesOf(24), large]), { v2: [{ key, signature: () => wrong }] }));
    assert.equal((await verify(source)).intact, false);
    assert.ok(source.total() < LARGE_BYTES * SMALL_SHARE);
  });
});
