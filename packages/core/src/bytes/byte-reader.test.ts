import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ByteReader } from "./byte-reader.ts";

const broken = { name: "DistError", code: "artifact/broken" };
const reader = (bytes: readonly number[], littleEndian = true) => new ByteReader(Uint8Array.from(bytes), { littleEndian });

describe("ByteReader", () => {
  it("reads numbers in both byte orders", () => {
    const bytes = [0x81, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08];
    const read = (littleEndian: boolean) =>
      [(r: ByteReader) => r.u8(), (r: ByteReader) => r.u16(), (r: ByteReader) => r.u32(), (r: ByteReader) => r.i32()].map((method) =>
        method(reader(bytes, littleEndian)),
      );
    assert.deepEqual(read(true), [0x81, 0x0281, 0x04030281, 0x04030281]);
    assert.deepEqual(read(false), [0x81, 0x8102, 0x81020304, 0x81020304 - 2 ** 32]);
  });

  it("reads 64 bits up to 2^53-1 and refuses more", () => {
    assert.equal(reader([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0]).u64(), Number.MAX_SAFE_INTEGER);
    assert.equal(reader([0, 0, 0, 1, 0, 0, 0, 2], false).u64(), 2 ** 32 + 2);
    for (const bytes of [
      [0, 0, 0, 0, 0, 0, 0x20, 0],
      [1, 0, 0, 0, 0, 0, 0x20, 0],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ]) {
      assert.throws(() => reader(bytes).u64(), broken);
    }
  });

  it("moves on by what it read", () => {
    const cursor = reader([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    cursor.u8();
    cursor.u16();
    cursor.u32();
    cursor.i32();
    assert.deepEqual([...cursor.skip(1).take(2)], [13, 14]);
    assert.equal(cursor.text(1), "\u000f");
    assert.deepEqual([cursor.offset, cursor.left], [15, 5]);
    assert.equal(cursor.seek(19).u8(), 20);
    assert.equal(cursor.seek(20).left, 0);
    assert.equal(cursor.skip(0).take(0).length, 0);
    assert.equal(cursor.seek(0).u8(), 1);
  });

  it("reads its own window of a larger buffer", () => {
    const cursor = new ByteReader(Uint8Array.from([9, 9, 1, 0, 9, 9]).subarray(2, 4), { littleEndian: true });
    assert.equal(cursor.u16(), 1);
    assert.throws(() => cursor.u8(), broken);
  });

  it("refuses to read past the end, and stays where it was", () => {
    const cursor = reader([1, 2, 3]).seek(1);
    const reads: ((r: ByteReader) => unknown)[] = [
      (r) => r.u32(),
      (r) => r.i32(),
      (r) => r.u64(),
      (r) => r.take(3),
      (r) => r.skip(3),
      (r) => r.text(3),
    ];
    for (const read of reads) assert.throws(() => read(cursor), broken);
    assert.equal(cursor.offset, 1);
    assert.equal(cursor.u16(), 0x0302);
    assert.throws(() => cursor.u8(), broken);
  });

  it("refuses lengths and offsets that are none", () => {
    for (const wrong of [-1, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 53, Number.MAX_VALUE]) {
      assert.throws(() => reader([1, 2, 3]).take(wrong), broken, String(wrong));
      assert.throws(() => reader([1, 2, 3]).skip(wrong), broken, String(wrong));
      assert.throws(() => reader([1, 2, 3]).seek(wrong), broken, String(wrong));
    }
  });

  it("reads text that is UTF-8 and no other", () => {
    assert.equal(reader([0xc3, 0xa9, 0x41]).text(2), "é");
    assert.throws(() => reader([0xc3, 0x28]).text(2), { name: "DistError", code: "text/invalid-utf8" });
  });

  it("never leaves its bytes, whatever is asked", () => {
    const step = fc.tuple(
      fc.constantFrom("seek" as const, "skip" as const, "take" as const),
      fc.oneof(fc.integer({ min: -3, max: 12 }), fc.double()),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), fc.array(step), (bytes, steps) => {
        const cursor = new ByteReader(bytes, { littleEndian: true });
        for (const [method, count] of steps) {
          try {
            cursor[method](count);
          } catch (error) {
            assert.equal((error as { code?: string }).code, "artifact/broken");
          }
          assert.ok(Number.isInteger(cursor.offset) && cursor.offset >= 0 && cursor.left >= 0);
        }
      }),
    );
  });
});
