import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deflateSync } from "node:zlib";
import { decodePng } from "./decode-png.ts";
import { PNG_SIGNATURE } from "./png.ts";

interface Recipe {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly colorType: number;
  /** With their filter bytes. */
  readonly rows: readonly (readonly number[])[];
  readonly interlace?: number;
  readonly palette?: readonly number[];
  readonly transparency?: readonly number[];
}

function decode(recipe: Recipe): readonly (readonly number[])[] | undefined {
  const { width, height, bits, colorType, rows, interlace = 0, palette, transparency } = recipe;
  const chunk = (type: string, content: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, Buffer.from(type, "latin1"), content, Buffer.alloc(4)]);
  };
  const image = decodePng(
    Buffer.concat([
      PNG_SIGNATURE,
      chunk("IHDR", Uint8Array.of(0, 0, 0, width, 0, 0, 0, height, bits, colorType, 0, 0, interlace)),
      ...(palette === undefined ? [] : [chunk("PLTE", Uint8Array.from(palette))]),
      ...(transparency === undefined ? [] : [chunk("tRNS", Uint8Array.from(transparency))]),
      chunk("IDAT", deflateSync(Uint8Array.from(rows.flat()))),
      chunk("IEND", new Uint8Array()),
    ]),
  );
  return image && Array.from({ length: width * height }, (_, index) => [...image.rgba.subarray(index * 4, index * 4 + 4)]);
}

const grey = (...values: readonly number[]): readonly (readonly number[])[] => values.map((value) => [value, value, value, 255]);

describe("PNG pixels", () => {
  it("have 1, 2, 4 or 16 bits of grey", () => {
    assert.deepEqual(decode({ width: 3, height: 1, bits: 1, colorType: 0, rows: [[0, 0b1010_0000]] }), grey(255, 0, 255));
    assert.deepEqual(decode({ width: 4, height: 1, bits: 2, colorType: 0, rows: [[0, 0b0001_1011]] }), grey(0, 85, 170, 255));
    assert.deepEqual(decode({ width: 3, height: 1, bits: 4, colorType: 0, rows: [[0, 0x0f, 0x80]] }), grey(0, 255, 136));
    assert.deepEqual(decode({ width: 2, height: 1, bits: 16, colorType: 0, rows: [[0, 0xff, 0xff, 0x80, 0x80]] }), grey(255, 128));
  });

  it("have 16 bits a colour, with alpha", () => {
    const row = [0, 0x01, 0x01, 0x02, 0x02, 0x03, 0x03, 0x80, 0x80];
    assert.deepEqual(decode({ width: 1, height: 1, bits: 16, colorType: 6, rows: [row] }), [[1, 2, 3, 128]]);
    assert.deepEqual(decode({ width: 1, height: 1, bits: 16, colorType: 4, rows: [[0, 0x07, 0x07, 0x40, 0x40]] }), [[7, 7, 7, 64]]);
  });

  it("have an index into a palette, of less than a byte", () => {
    const palette = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const image = decode({
      width: 5,
      height: 1,
      bits: 2,
      colorType: 3,
      palette,
      transparency: [0, 9],
      rows: [[0, 0b0001_1000, 0b1100_0000]],
    });
    assert.deepEqual(image, [
      [1, 2, 3, 0],
      [4, 5, 6, 9],
      [7, 8, 9, 255],
      [1, 2, 3, 0],
      [0, 0, 0, 255],
    ]);
  });

  it("are transparent where they have the one colour that says so", () => {
    const transparency = [0, 1, 0, 2, 0, 3];
    const rows = [[0, 1, 2, 3, 1, 2, 4]];
    assert.deepEqual(decode({ width: 2, height: 1, bits: 8, colorType: 2, transparency, rows }), [
      [1, 2, 3, 0],
      [1, 2, 4, 255],
    ]);
    const black = decode({ width: 2, height: 1, bits: 1, colorType: 0, transparency: [0, 0], rows: [[0, 0b0100_0000]] });
    assert.deepEqual(black, [
      [0, 0, 0, 0],
      [255, 255, 255, 255],
    ]);
  });

  it("come in seven passes when interlaced", () => {
    // Each pixel is its place: row by row, five across, three down. The third pass has no pixel, and therefore no row.
    const rows = [
      [0, 0],
      [0, 4],
      [0, 2],
      [0, 10, 12, 14],
      [0, 1, 3],
      [0, 11, 13],
      [0, 5, 6, 7, 8, 9],
    ];
    assert.deepEqual(
      decode({ width: 5, height: 3, bits: 8, colorType: 0, interlace: 1, rows }),
      grey(...Array.from({ length: 15 }, (_, at) => at)),
    );
    const single = decode({ width: 1, height: 1, bits: 1, colorType: 0, interlace: 1, rows: [[0, 0b1000_0000]] });
    assert.deepEqual(single, grey(255));
  });

  it("are absent in forms the standard does not have", () => {
    assert.equal(decode({ width: 1, height: 1, bits: 3, colorType: 0, rows: [[0, 0]] }), undefined);
    assert.equal(decode({ width: 1, height: 1, bits: 4, colorType: 2, rows: [[0, 0]] }), undefined);
    assert.equal(decode({ width: 1, height: 1, bits: 8, colorType: 5, rows: [[0, 0]] }), undefined);
    assert.equal(decode({ width: 1, height: 1, bits: 8, colorType: 0, interlace: 2, rows: [[0, 0]] }), undefined);
  });

  it("are refused when there are more or fewer than stated", () => {
    for (const rows of [[[0]], [[0, 1, 2]]])
      assert.throws(() => decode({ width: 1, height: 1, bits: 8, colorType: 0, rows }), { code: "artifact/broken" });
  });
});
