import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AMBER, packRun, SMALL_ICNS, TEAL, writeIcns, writePng } from "../../../../fixtures/formats/make/icons.ts";
import { decodePng } from "./decode-png.ts";
import type { Pixels } from "./pixels.ts";
import { toPng } from "./to-png.ts";
import { unpackRuns } from "./unpack-runs.ts";

function decode(elements: Readonly<Record<string, Buffer>>): Pixels | undefined {
  const png = toPng(writeIcns(elements));
  return png && decodePng(png);
}

function pixelAt(image: Pixels | undefined, index: number): readonly number[] | undefined {
  return image && [...image.rgba.subarray(index * 4, index * 4 + 4)];
}

/** Channels that begin with these bytes and go on with the last. */
const channels = (area: number, ...starts: readonly (readonly number[])[]): Buffer =>
  Buffer.concat(
    starts.map((start) => {
      const last = start.at(-1) ?? 0;
      const rest = area - start.length;
      return Buffer.concat([
        Buffer.from([start.length - 1, ...start]),
        packRun(last, rest - (rest % 128 === 1 ? 2 : 0)),
        ...(rest % 128 === 1 ? [Buffer.from([1, last, last])] : []),
      ]);
    }),
  );

describe("ICNS", () => {
  it("unpacks runs and what lies between them", () => {
    assert.deepEqual([...unpackRuns(Uint8Array.of(0x01, 7, 8, 0x80, 9, 0x00, 5), 6)], [7, 8, 9, 9, 9, 5]);
    assert.equal(unpackRuns(Uint8Array.of(0xff, 1), 130).length, 130);
  });

  it("has packed colours with a mask", () => {
    const mask = Buffer.alloc(256, 255);
    mask[1] = 0;
    const image = decode({ s8mk: mask, is32: channels(256, [10, 11], [20, 21], [30, 31]) });
    assert.deepEqual(
      [image?.width, pixelAt(image, 0), pixelAt(image, 1), pixelAt(image, 255)],
      [16, [10, 20, 30, 255], [11, 21, 31, 0], [11, 21, 31, 255]],
    );
  });

  it("has them in every size, the largest behind four bytes of nothing", () => {
    for (const [type, side, front] of [
      ["il32", 32, 0],
      ["ih32", 48, 0],
      ["it32", 128, 4],
    ] as const) {
      const image = decode({ [type]: Buffer.concat([Buffer.alloc(front), channels(side * side, [1], [2], [3])]) });
      assert.deepEqual([image?.width, pixelAt(image, side * side - 1)], [side, [1, 2, 3, 255]], type);
    }
  });

  it("has small ones that are not packed", () => {
    const plain = Buffer.concat(Array.from({ length: 256 }, (_, index) => Buffer.from([0, 1, 2, index])));
    assert.deepEqual(pixelAt(decode({ is32: plain }), 200), [1, 2, 200, 255]);
  });

  it("has packed colours with alpha", () => {
    const image = decode({ ic05: Buffer.concat([Buffer.from("ARGB"), channels(1024, [128, 64], [1], [2], [3])]) });
    assert.deepEqual([image?.width, pixelAt(image, 0), pixelAt(image, 1)], [32, [1, 2, 3, 128], [1, 2, 3, 64]]);
  });

  it("gives the smallest that fills a page, else the largest; JPEG 2000 is passed over", () => {
    const jpeg2000 = Buffer.from("0000000c6a5020200d0a870a", "hex");
    assert.equal(decode({ ic07: writePng(128, TEAL), ic08: jpeg2000, is32: channels(256, [1], [2], [3]) })?.width, 128);
    assert.equal(decode({ ic09: jpeg2000, ic10: jpeg2000 }), undefined);
    const image = decode({ ic10: writePng(1024, TEAL), ic09: writePng(512, AMBER), ic08: writePng(256, TEAL) });
    assert.deepEqual([image?.width, pixelAt(image, 0)], [512, AMBER]);
    assert.equal(decode({ ic10: writePng(1024, TEAL), ic08: writePng(256, AMBER) })?.width, 512);
  });

  it("refuses what lies: runs that overrun, masks and elements cut short, too many elements", () => {
    const refused: readonly Readonly<Record<string, Buffer>>[] = [
      { is32: Buffer.from(Array.from({ length: 6 }, () => [0xff, 1]).flat()) },
      { is32: Buffer.from([0xff, 1, 0x7f, 2]) },
      { is32: Buffer.alloc(0) },
      { is32: channels(256, [1], [2], [3]), s8mk: Buffer.alloc(255) },
      { ic04: Buffer.from("ARGB") },
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [String(1000 + index), Buffer.alloc(0)])),
    ];
    for (const elements of refused) assert.throws(() => decode(elements), { code: "artifact/broken" });
    assert.throws(() => toPng(SMALL_ICNS.subarray(0, -1)), { code: "artifact/broken" });
    const endless = Buffer.from(SMALL_ICNS);
    endless.writeUInt32BE(0, 12);
    assert.throws(() => toPng(endless), { code: "artifact/broken" });
  });
});
