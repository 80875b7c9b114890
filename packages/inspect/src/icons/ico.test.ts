import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AMBER, TEAL, writeBitmap, writeIco, writePng } from "../../../../fixtures/formats/make/icons.ts";
import { decodePng } from "./decode-png.ts";
import { decodeIco } from "./ico.ts";
import type { Pixels } from "./pixels.ts";
import { toPng } from "./to-png.ts";

/** A bitmap of two by two pixels: rows from the bottom, each filled up to four bytes, then the mask. */
function bitmap(bits: number, palette: readonly number[], rows: readonly (readonly number[])[], mask: readonly number[] = [0, 0]): Buffer {
  const header = Buffer.alloc(40);
  for (const [at, value] of [40, 2, 4].entries()) header.writeUInt32LE(value, at * 4);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(bits, 14);
  header.writeUInt32LE(palette.length / 4, 32);
  const filled = rows.map((row) => Buffer.concat([Buffer.from(row), Buffer.alloc((4 - (row.length % 4)) % 4)]));
  return Buffer.concat([header, Buffer.from(palette), ...filled, ...mask.map((row) => Buffer.from([row, 0, 0, 0]))]);
}

function pixelsOf(data: Buffer): readonly (readonly number[])[] {
  const image = decodeIco(writeIco([{ side: 2, data }])) as Pixels;
  assert.deepEqual([image.width, image.height], [2, 2]);
  return [0, 4, 8, 12].map((at) => [...image.rgba.subarray(at, at + 4)]);
}

const [red, green, blue, clear] = [
  [255, 0, 0, 255],
  [0, 255, 0, 255],
  [0, 0, 255, 255],
  [0, 0, 255, 0],
];
const PALETTE = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0];

describe("ICO", () => {
  it("has bitmaps of 1, 4 and 8 bits a pixel, with a palette", () => {
    assert.deepEqual(pixelsOf(bitmap(1, PALETTE.slice(0, 8), [[0b0100_0000], [0b1000_0000]])), [green, red, red, green]);
    assert.deepEqual(pixelsOf(bitmap(4, PALETTE, [[0x12], [0x01]])), [red, green, green, blue]);
    assert.deepEqual(
      pixelsOf(
        bitmap(8, PALETTE, [
          [1, 2],
          [0, 1],
        ]),
      ),
      [red, green, green, blue],
    );
  });

  it("has bitmaps of 24 and 32 bits a pixel", () => {
    const rows24 = [
      [0, 255, 0, 255, 0, 0],
      [0, 0, 255, 0, 255, 0],
    ];
    assert.deepEqual(pixelsOf(bitmap(24, [], rows24)), [red, green, green, blue]);
    const rows32 = [
      [0, 255, 0, 255, 255, 0, 0, 0],
      [0, 0, 255, 255, 0, 255, 0, 128],
    ];
    assert.deepEqual(pixelsOf(bitmap(32, [], rows32)), [red, [0, 255, 0, 128], green, clear]);
  });

  it("takes what is transparent from the mask, where there is no alpha", () => {
    assert.deepEqual(
      pixelsOf(
        bitmap(
          8,
          PALETTE,
          [
            [1, 2],
            [0, 1],
          ],
          [0b0100_0000, 0],
        ),
      ),
      [red, green, green, clear],
    );
    const rows = [
      [0, 255, 0, 0, 255, 0, 0, 0],
      [0, 0, 255, 0, 0, 255, 0, 0],
    ];
    assert.deepEqual(pixelsOf(bitmap(32, [], rows, [0b0100_0000, 0])), [red, green, green, clear]);
  });

  it("is opaque where the mask is missing", () => {
    assert.deepEqual(
      pixelsOf(
        bitmap(
          8,
          PALETTE,
          [
            [1, 2],
            [0, 1],
          ],
          [],
        ),
      ),
      [red, green, green, blue],
    );
  });

  it("gives its largest image, whatever the directory says of sizes", () => {
    const images = [
      { side: 48, data: writeBitmap(16, TEAL) },
      { side: 16, data: writePng(40, AMBER) },
      { side: 32, data: writeBitmap(32, TEAL) },
    ];
    const png = toPng(writeIco(images));
    assert.ok(png && images[1]?.data.equals(png));
    const bitmaps = toPng(writeIco(images.filter(({ side }) => side !== 16)));
    const image = bitmaps && decodePng(bitmaps);
    assert.deepEqual([image?.width, [...(image?.rgba.subarray(0, 4) ?? [])]], [32, TEAL]);
  });

  it("is none when it holds nothing we read", () => {
    const compressed = bitmap(8, PALETTE, [[0], [0]]);
    compressed.writeUInt32LE(1, 16);
    assert.equal(toPng(writeIco([{ side: 2, data: compressed }])), undefined);
    assert.equal(toPng(writeIco([{ side: 2, data: Buffer.from("JPEG 2000, or a drawing, of more bytes than a header has") }])), undefined);
  });

  it("refuses what lies: places outside, sides, colours, ends", () => {
    const whole = writeIco([
      {
        side: 2,
        data: bitmap(
          32,
          [],
          [
            [1, 2, 3, 4, 5, 6, 7, 8],
            [1, 2, 3, 4, 5, 6, 7, 8],
          ],
        ),
      },
    ]);
    const patched = (at: number, value: number): Buffer => {
      const bytes = Buffer.from(whole);
      bytes.writeUInt32LE(value >>> 0, at);
      return bytes;
    };
    const lies: Readonly<Record<string, Buffer>> = {
      "place outside": patched(18, 0x7fffffff),
      "length beyond the end": patched(14, 0x7fffffff),
      "65535 images": patched(2, 0xffff0001),
      "65535 pixels wide": patched(22 + 4, 65_535),
      "no pixels wide": patched(22 + 4, 0),
      "upside down": patched(22 + 8, -4),
      "4 billion colours of 8 bits": (() => {
        const bytes = patched(22 + 32, 0xffffffff);
        bytes.writeUInt16LE(8, 22 + 14);
        return bytes;
      })(),
      "cut short": whole.subarray(0, -17),
    };
    for (const [what, bytes] of Object.entries(lies)) assert.throws(() => toPng(bytes), { code: "artifact/broken" }, what);
  });
});
