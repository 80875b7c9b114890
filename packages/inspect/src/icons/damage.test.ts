// Whatever a byte of an icon is changed to, and wherever it is cut: a PNG, nothing, or a refusal.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AMBER, packRun, SMALL_ICNS, TEAL, writeBitmap, writeIcns, writeIco, writePng } from "../../../../fixtures/formats/make/icons.ts";
import { isBroken } from "../broken.ts";
import { isPng } from "./png.ts";
import { toPng } from "./to-png.ts";

const SAMPLES: Readonly<Record<string, Buffer>> = {
  ico: writeIco([
    { side: 4, data: writeBitmap(4, TEAL) },
    { side: 3, data: writePng(3, AMBER) },
  ]),
  "packed icns": SMALL_ICNS.subarray(0, 60),
  icns: writeIcns({
    ic04: Buffer.concat([Buffer.from("ARGB"), ...[255, 1, 2, 3].map((value) => packRun(value, 256))]),
    ic07: writePng(2, TEAL),
  }),
  png: writePng(600, TEAL).subarray(0, 200),
};

function survives(bytes: Uint8Array, what: string): void {
  try {
    const png = toPng(bytes);
    assert.ok(png === undefined || isPng(png), what);
  } catch (thrown) {
    assert.ok(isBroken(thrown), `${what}: ${String(thrown)}`);
  }
}

describe("damaged icons", () => {
  for (const [kind, whole] of Object.entries(SAMPLES)) {
    it(`are harmless: ${kind}`, () => {
      for (let at = 0; at < whole.length; at++) {
        survives(whole.subarray(0, at), `${kind} cut at ${at}`);
        for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
          const bytes = Uint8Array.from(whole);
          bytes[at] = value;
          survives(bytes, `${kind} with ${value} at ${at}`);
        }
      }
    });
  }
});
