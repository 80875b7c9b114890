import type { Pixels } from "./pixels.ts";

/** Averages the pixels each new one covers, weighted by alpha, so that transparent ones lend no colour. */
export function shrink({ width, height, rgba }: Pixels, side: number): Pixels {
  const scale = side / Math.max(width, height);
  const [toWidth, toHeight] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const out = new Uint8Array(toWidth * toHeight * 4);
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const [left, right] = [Math.floor((x * width) / toWidth), Math.ceil(((x + 1) * width) / toWidth)];
      const [top, bottom] = [Math.floor((y * height) / toHeight), Math.ceil(((y + 1) * height) / toHeight)];
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          const at = (row * width + column) * 4;
          const weight = rgba[at + 3] ?? 0;
          red += (rgba[at] ?? 0) * weight;
          green += (rgba[at + 1] ?? 0) * weight;
          blue += (rgba[at + 2] ?? 0) * weight;
          alpha += weight;
        }
      }
      const count = (right - left) * (bottom - top);
      const colour = (sum: number): number => (alpha === 0 ? 0 : Math.round(sum / alpha));
      out.set([colour(red), colour(green), colour(blue), Math.round(alpha / count)], (y * toWidth + x) * 4);
    }
  }
  return { width: toWidth, height: toHeight, rgba: out };
}
