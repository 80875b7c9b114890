import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ByteSource, checkRange, limitSource, memorySource, sliceSource } from "./byte-source.ts";

const broken = { name: "DistError", code: "artifact/broken" };
const ten = memorySource(Uint8Array.from({ length: 10 }, (_, index) => index));
const read = async (source: ByteSource, offset: number, length: number) => [...(await source.read(offset, length))];

/** Ranges that no source of ten bytes has. */
const OUTSIDE: readonly (readonly [offset: number, length: number])[] = [
  ...([
    [0, 11],
    [10, 1],
    [11, 0],
    [-1, 1],
    [0, -1],
    [5, -5],
    [0.5, 1],
    [0, 0.5],
  ] as const),
  ...([
    [Number.NaN, 1],
    [0, Number.NaN],
    [0, Infinity],
    [2 ** 53 - 1, 2 ** 53 - 1],
    [2 ** 53, 0],
  ] as const),
];

describe("byte sources", () => {
  it("hand out exactly the range asked for", async () => {
    assert.equal(ten.size, 10);
    assert.deepEqual(await read(ten, 3, 4), [3, 4, 5, 6]);
    assert.deepEqual(await read(ten, 0, 10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(await read(ten, 10, 0), []);
  });

  it("refuse a range that does not lie within them", async () => {
    for (const source of [ten, limitSource(ten, 1000), sliceSource(memorySource(new Uint8Array(12)), 1, 10)]) {
      for (const [offset, length] of OUTSIDE) await assert.rejects(source.read(offset, length), broken, `${offset}+${length}`);
    }
  });

  it("can be windows of each other", async () => {
    const window = sliceSource(sliceSource(ten, 2, 6), 1, 4);
    assert.equal(window.size, 4);
    assert.deepEqual(await read(window, 0, 4), [3, 4, 5, 6]);
    assert.deepEqual(await read(window, 3, 1), [6]);
    await assert.rejects(window.read(3, 2), broken);
    assert.throws(() => sliceSource(window, 1, 4), broken);
    assert.throws(() => sliceSource(ten, -1, 2), broken);
  });

  it("agree with the bytes, for any windows and ranges", async () => {
    const numbers = fc.integer({ min: -2, max: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 10 }),
        fc.tuple(numbers, numbers, numbers, numbers),
        async (bytes, [start, size, offset, length]) => {
          const isWithin = start >= 0 && size >= 0 && start + size <= bytes.length && offset >= 0 && length >= 0 && offset + length <= size;
          const work = async () => read(sliceSource(memorySource(bytes), start, size), offset, length);
          if (isWithin) assert.deepEqual(await work(), Array.from(bytes.subarray(start + offset, start + offset + length)));
          else await assert.rejects(work, broken);
        },
      ),
    );
  });

  it("refuse to hand out more than their budget in all", async () => {
    const source = limitSource(ten, 6);
    assert.equal(source.size, 10);
    assert.deepEqual(await read(source, 0, 4), [0, 1, 2, 3]);
    assert.deepEqual(await read(source, 0, 2), [0, 1]);
    await assert.rejects(source.read(0, 1), broken);
  });

  it("keep their budget whatever ranges were refused before", async () => {
    const source = limitSource(ten, 6);
    for (const [offset, length] of OUTSIDE) await assert.rejects(source.read(offset, length), broken);
    assert.deepEqual(await read(source, 4, 6), [4, 5, 6, 7, 8, 9]);
    await assert.rejects(source.read(0, 1), broken);
  });

  it("share one budget among reads at the same time", async () => {
    const source = limitSource(ten, 6);
    const answers = await Promise.allSettled([source.read(0, 4), source.read(4, 4)]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      ["fulfilled", "rejected"],
    );
  });
});

describe("checkRange", () => {
  it("passes every range within the size, the empty one at the end too", () => {
    for (const [offset, length] of [
      [0, 0],
      [0, 10],
      [9, 1],
      [10, 0],
    ] as const)
      assert.doesNotThrow(() => checkRange(10, offset, length));
    for (const [offset, length] of OUTSIDE) assert.throws(() => checkRange(10, offset, length), broken);
  });
});
