// Pictures of 17 by 33 pixels, made by formula and packed by libwebp 1.x: lossless ones come out exactly, lossy ones nearly.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isBroken } from "../../broken.ts";
import { decodeWebp } from "./webp.ts";

const [WIDTH, HEIGHT] = [17, 33];
type Picture = (x: number, y: number) => readonly number[];

const chequered: Picture = (x, y) => (((x >> 2) + (y >> 2)) % 2 === 1 ? [255, 0, 0, 255] : [0, 0, 0, 0]);
const gradient: Picture = (x, y) => [(x * 255) / WIDTH, (y * 255) / HEIGHT, ((x + y) * 127) / (WIDTH + HEIGHT), 255];
const tenColours: Picture = (x, y) => [(((x >> 1) * y) % 10) * 25, 40, 90, 255];
const disc: Picture = (x, y) => {
  const far = Math.hypot(x - WIDTH / 2, y - HEIGHT / 2) / (WIDTH / 2);
  return [80 + (x * 100) / WIDTH, 90, 200 - (y * 100) / HEIGHT, far < 0.8 ? 255 : far < 1 ? (1 - far) * 5 * 255 : 0];
};

/** `most`: how far a colour may be off on average, where it can be seen. */
const SAMPLES: readonly (readonly [name: string, picture: Picture, most: number, bytes: string])[] = [
  ["lossless, two colours", chequered, 0, "UklGRiwAAABXRUJQVlA4TCAAAAAvEAAIEA8Q8x/zHwyyAJNFMH/LKLoCiOj/OLQMmuHpAw=="],
  [
    "lossless, guessed from neighbours",
    gradient,
    0,
    "UklGRoIAAABXRUJQVlA4THYAAAAvEAAIAE0ARNL+4CtE9D9tIRBIItifeIZCDHj/o/Bg27aRJGV2/yXv3Y3uj+eBYJJm/7+cg0Dbtm0GOklHo1dgxMZcV1EsKCqKVaN9zHbPiopi1cEUioJiRVGlWPwvKmNhZw5FlWLxG/5DdUOp4YZSqxtKDYoA",
  ],
  [
    "lossless, ten colours",
    tenColours,
    0,
    "UklGRmoAAABXRUJQVlA4TF0AAAAvEAAIAE8gEEjC2d9xh8kYrfnPLAebAGzbKN1vKIhCKIiCKYhCKIhCALdv34j+kw1QFHZv4MPOofJ8QDmgLgwvVvoBhYayoV4LM4L5YKqnuC7EIuIDK9Olsf3NowsA",
  ],
  [
    "lossless, transparent at the edge",
    disc,
    0,
    "UklGRgABAABXRUJQVlA4TPMAAAAvEAAIEAmAIAb8L1uI6H/aAiAI/+MWIvqfBjRtG8k4nz+Utjf9jqBt2+a8/Q++E0ja2D/ZQ33gtLb2tnlGLQW5wnRkUTHt4R0yjnfQHmaiFkqH9UfpYRPw/gJBEAQPQvYgCAIBzn/DFBorpACCDRyOBQ1qhAAApBjjDw8bsMYQRFQwmOCFFhAADYagQ0HjBUtgihqsUJjAE9AIJwCDP4EV2FFhTCA9AKQccCYgSA8QAhuMUU0440HA4Q8zoUNI4AiPCdSAHidAAFi8oKEKejgACADQ4oUJDCoAAM7ocAIBwMLjjzFSAMEDISgARzhsIKCG/RcA",
  ],
  [
    "lossy",
    gradient,
    4,
    "UklGRm4AAABXRUJQVlA4IGIAAAAwBQCdASoRACEAPrVOm0unJKKhurmYAOAWiWYAnTL//4gpSi6K3/qkP3qMIkvnxl/FAAD+98XdHgioitkM4YK9TyJNbJiCZp5M3nFmZ4g8kc2alCnNgf5Oz9N8A9Q/KhgAAA==",
  ],
  [
    "lossy, simple filter",
    gradient,
    5,
    "UklGRn4AAABXRUJQVlA4IHIAAACyBACdASoRACEAPtFcoE2sKKSjOrmYBYAaCWYAuzOrBvgr6Ru+/qhj08pS2BEAAP712HllXNbr5AnHZy8aNN4hZiCuH5fgVCPxOnrFj/iriT/1W6meDVsMVXR3UVk98zEeudP3Z5LlKpeaHr7s/7rwAAA=",
  ],
  [
    "lossy, fine",
    tenColours,
    24,
    "UklGRkgCAABXRUJQVlA4IDwCAABwDwCdASoRACEAPjEUiEKiISEVVvwlAwS2AE6ZQj2vwDzBKR/N/wZtCJpOlz8ziAP0W8zP+Qe09/dv0z1gD0AP0d9Jn/gf4D4Jv2J/ar2fLs+qvfVbcC/TcwB+AGd/lu+WGo1f4n6efrN67HmAeiqHMhHc1uvRim0nuCrNqqNCsZaMAkAA/v8REgMLKL2xcJTjZ8KxIkkO2ct5LL0eRBkS9ZnbfvW2+/6pfuSEij5TtLvCyAMiDDsZt4tUyTzF1KEPkxTGUh7nX8VFDj6ZrVOUpBLuBHgUxaWcFParjx8YKPPevuVLLT/8D3K6vccorFY+bLBNuLWu8i7n7drx8naQiWoomw9d7nL7Xs34nAq5/61VxCKy0N4gH+M1XuWuacYjkdABN4AhMb8DWr4fQofRCLCerjnQLLqj/ZGdRoziveNCkmacMqfSmL34IgFtNPsQ45ZGLcFNLAyp1FNBT9BfcxIBcN3xcJSrwd6/RPDrXV2Mc7GpvDbthhiT7jh9d2bPiPuPEnj+p2vRiD5DvElVjbTxG2Tf1DjMSnnO1R1Owa83MnAG1u7plhdQPBa2rpUhqcIHqiGaGcXJUnh/3E8pzsOHH/TuqTap/wjq0yd9vCgBzTRUTyraNeMXB6gBBjburhoKaMigaQmOYbI7jS53P49fdz+yl8JkPSiZm7QcGenTRplt06aN9FapUBfzmr5qxJBU/TTviSIWo4XqjwjFGHiL4kN0qPCMUYeIviQx5p+scnUhIcKQkKgAAA==",
  ],
  [
    "lossy, transparent at the edge",
    disc,
    8,
    "UklGRuYAAABXRUJQVlA4WAoAAAAQAAAAEAAAIAAAQUxQSGsAAAABT6CmkRQ4eh4+oKVDARER2Kek84BNZNtOLqn/Esi0SGBQkA3Q0dIh4RtIel+ovoCI/qtt24aRp/T4DaQos959Rjwh2hHA7GOMfwF8kTTBOMab1YFh8yVylZugUlACpUVZJI0o1qRZzX46AgBWUDggVAAAAFADAJ0BKhEAIQA+0VihS6glKqGqrflQGgliAMDcG6GUZ/4QAP7eoqm/PNH7U/ezt57iJZ0jcL6MPcrVm3/+WqNCpZEMu/dcs4W01KUw2xy4EnMAAA==",
  ],
];
const parse = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));

describe("WebP", () => {
  for (const [name, picture, most, bytes] of SAMPLES) {
    it(`is decoded: ${name}`, () => {
      const image = decodeWebp(parse(bytes));
      assert.deepEqual([image?.width, image?.height], [WIDTH, HEIGHT]);
      let [off, seen] = [0, 0];
      for (let at = 0; at < WIDTH * HEIGHT; at++) {
        const [red = 0, green = 0, blue = 0, alpha = 0] = Uint8ClampedArray.from(picture(at % WIDTH, Math.floor(at / WIDTH)));
        const own = image?.rgba.subarray(at * 4, at * 4 + 4) ?? [];
        assert.equal(own[3], alpha, `pixel ${at}`);
        if (alpha < 255) continue;
        seen += 3;
        for (const [channel, value] of [red, green, blue].entries()) off += Math.abs((own[channel] ?? 0) - value);
      }
      assert.ok(off / seen <= most, `${off / seen}`);
    });

    it(`is decoded or refused when damaged: ${name}`, () => {
      const whole = parse(bytes);
      for (let at = 12; at < whole.length; at++) {
        for (const value of [0, 0x55, 0xff]) {
          const damaged = Uint8Array.from(whole);
          damaged[at] = value;
          survives(damaged);
        }
        survives(whole.subarray(0, at));
      }
    });
  }

  it("refuses sides of 16,384 before a pixel is decoded", () => {
    const lossless = parse(SAMPLES[0]?.[3] ?? "");
    lossless.fill(0xff, 21, 24);
    assert.throws(() => decodeWebp(lossless), /the icon claims 16384 by/);
    const lossy = parse(SAMPLES[4]?.[3] ?? "");
    lossy.fill(0xff, 26, 28);
    assert.throws(() => decodeWebp(lossy), /the icon claims 16383 by/);
  });

  it("is absent when it moves", () => {
    const chunk = Buffer.concat([Buffer.from("ANIM"), Buffer.from([6, 0, 0, 0, 0, 0, 0, 0, 0, 0])]);
    assert.equal(decodeWebp(Buffer.concat([Buffer.from("RIFF\0\0\0\0WEBP", "latin1"), chunk])), undefined);
  });
});

function survives(bytes: Uint8Array): void {
  try {
    decodeWebp(bytes);
  } catch (thrown) {
    assert.ok(isBroken(thrown), String(thrown));
  }
}
