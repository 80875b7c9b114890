import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { watch } from "../../test-support/watching-source.ts";
import { type PlacedPiece, readAlong } from "./read-along.ts";

const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 7) % 251));

async function* piecesOf(sizes: readonly number[]): AsyncGenerator<PlacedPiece, void, undefined> {
  let offset = 0;
  for (const [index, size] of sizes.entries()) {
    // Every third is left out, as a signing block is.
    if (index % 3 !== 2 && offset < bytes.length) yield { offset, bytes: bytes.subarray(offset, offset + size) };
    offset += size;
  }
}

describe("a file that comes by in pieces", () => {
  const range = fc.tuple(fc.nat(1000), fc.nat(1000)).map(([a, b]) => [Math.min(a, b), Math.abs(a - b)] as const);
  const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 12 });

  it("reads as the file does, whatever is asked, one by one or at the same time", () =>
    fc.assert(
      fc.asyncProperty(sizes, fc.array(range, { maxLength: 12 }), fc.boolean(), async (pieces, ranges, isConcurrent) => {
        const along = readAlong(memorySource(bytes), piecesOf(pieces));
        const read = async ([offset, length]: readonly [number, number]): Promise<void> =>
          assert.deepEqual(Buffer.from(await along.read(offset, length)), bytes.subarray(offset, offset + length));
        if (isConcurrent) await Promise.all(ranges.map(read));
        else for (const one of ranges) await read(one);
        await along.finish();
      }),
      { numRuns: 300 },
    ));

  it("asks nothing of the file for what is read from front to back", async () => {
    const file = watch(memorySource(bytes));
    const along = readAlong(file, piecesOf([400, 350]));
    for (const [offset, length] of [
      [0, 30],
      [30, 500],
      [540, 10],
      [550, 200],
    ] as const)
      assert.deepEqual(Buffer.from(await along.read(offset, length)), bytes.subarray(offset, offset + length));
    assert.equal(file.reads, 0);
  });

  it("lets every piece come by, though nobody reads", async () => {
    let seen = 0;
    const pieces = piecesOf([100, 100]);
    const along = readAlong(memorySource(bytes), {
      async next() {
        seen += 1;
        return pieces.next();
      },
    });
    await along.finish();
    assert.equal(seen, 3);
  });

  it("refuses a range that is not there", () => assert.throws(() => readAlong(memorySource(bytes), piecesOf([])).read(990, 11)));
});
