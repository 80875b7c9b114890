import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deflateRawSync, deflateSync } from "node:zlib";
import { decodePng } from "./decode-png.ts";
import type { Pixels } from "./pixels.ts";
import { encodePng, PNG_SIGNATURE } from "./png.ts";
import { MAX_ICON_SIDE } from "./preferred.ts";
import { toPng } from "./to-png.ts";

const pixels = (width: number, height: number, at: (x: number, y: number) => readonly number[]): Pixels => {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rgba.set(at(x, y), (y * width + x) * 4);
  return { width, height, rgba };
};

/** A PNG written by hand: header, other chunks, rows as they are stored. */
function handmade(options: {
  width: number;
  height: number;
  colorType: number;
  rows: readonly (readonly number[])[];
  chunks?: readonly (readonly [string, readonly number[]])[];
  cgbi?: boolean;
}): Uint8Array {
  const { width, height, colorType, rows, chunks = [], cgbi = false } = options;
  const raw = Uint8Array.from(rows.flat());
  const parts: [string, Uint8Array][] = [
    ...(cgbi ? [["CgBI", Uint8Array.of(0x50, 0x00, 0x20, 0x02)] as [string, Uint8Array]] : []),
    ["IHDR", Uint8Array.of(0, 0, 0, width, 0, 0, 0, height, 8, colorType, 0, 0, 0)],
    ...chunks.map(([type, content]) => [type, Uint8Array.from(content)] as [string, Uint8Array]),
    ["IDAT", cgbi ? deflateRawSync(raw) : deflateSync(raw)],
    ["IEND", new Uint8Array()],
  ];
  const framed = parts.map(([type, content]) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, Buffer.from(type, "latin1"), content, Buffer.alloc(4)]);
  });
  return new Uint8Array(Buffer.concat([PNG_SIGNATURE, ...framed]));
}

describe("icons", () => {
  it("decodes what it encodes", () => {
    const image = pixels(7, 5, (x, y) => [x * 30, y * 40, 100, 255 - x]);
    assert.deepEqual(decodePng(encodePng(image)), image);
  });

  it("undoes every row filter", () => {
    const rows = [
      [0, 10, 20, 30],
      [1, 10, 20, 30],
      [2, 1, 1, 1],
      [3, 5, 5, 5],
      [4, 2, 2, 2],
    ];
    const decoded = decodePng(handmade({ width: 3, height: 5, colorType: 0, rows }));
    const grey = Array.from({ length: 15 }, (_, index) => decoded?.rgba[index * 4]);
    assert.deepEqual(grey, [10, 20, 30, 10, 30, 60, 11, 31, 61, 10, 25, 48, 12, 27, 50]);
  });

  it("reads palettes with transparency", () => {
    const bytes = handmade({
      width: 2,
      height: 1,
      colorType: 3,
      rows: [[0, 0, 1]],
      chunks: [
        ["PLTE", [1, 2, 3, 4, 5, 6]],
        ["tRNS", [7]],
      ],
    });
    assert.deepEqual([...(decodePng(bytes)?.rgba ?? [])], [1, 2, 3, 7, 4, 5, 6, 255]);
  });

  it("turns Apple's PNG into one everybody reads: order of colours, alpha, zlib header", () => {
    const bytes = handmade({ width: 2, height: 1, colorType: 6, cgbi: true, rows: [[0, 10, 20, 40, 128, 1, 2, 3, 255]] });
    const png = toPng(bytes);
    assert.ok(png);
    assert.deepEqual([...(decodePng(png)?.rgba ?? [])], [80, 40, 20, 128, 3, 2, 1, 255]);
  });

  it("leaves a small PNG as it is, byte for byte", () => {
    const small = encodePng(pixels(4, 4, () => [1, 2, 3, 4]));
    assert.equal(toPng(small), small);
  });

  it("makes a large one smaller, keeping its shape and its colours", () => {
    const png = toPng(encodePng(pixels(1024, 600, (x) => (x < 512 ? [255, 0, 0, 255] : [0, 0, 0, 0]))));
    const image = png && decodePng(png);
    assert.deepEqual([image?.width, image?.height], [MAX_ICON_SIDE, 300]);
    assert.deepEqual([...(image?.rgba.subarray(0, 4) ?? [])], [255, 0, 0, 255]);
    assert.equal(image?.rgba[image.rgba.length - 1], 0);
  });

  it("is silent about what it cannot read, and refuses what lies", () => {
    assert.equal(toPng(new TextEncoder().encode("RIFF....WEBP")), undefined);
    const huge = handmade({ width: 1, height: 1, colorType: 0, rows: [[0, 0]] });
    new DataView(huge.buffer).setUint32(16, 65_535);
    new DataView(huge.buffer).setUint32(20, 65_535);
    assert.throws(() => toPng(huge), { code: "artifact/broken" });
    assert.throws(() => toPng(handmade({ width: 2, height: 2, colorType: 0, cgbi: true, rows: [[0, 1, 2]] })), { code: "artifact/broken" });
    assert.throws(() => toPng(handmade({ width: 1, height: 1, colorType: 0, cgbi: true, rows: [[9, 1]] })), { code: "artifact/broken" });
    assert.throws(() => toPng(PNG_SIGNATURE.length > 0 ? new Uint8Array([...PNG_SIGNATURE, 0]) : new Uint8Array()), {
      code: "artifact/broken",
    });
  });
});
