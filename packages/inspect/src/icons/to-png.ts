import { decodePng, encodePng, isPng, type Pixels, readPngChunks } from "./png.ts";

/** Larger icons are made smaller; pages show nothing larger. */
export const MAX_ICON_SIDE = 512;

/** An icon as a PNG every browser shows, at most 512 pixels a side; undefined when it is in a form we do not read. */
export function toPng(bytes: Uint8Array): Uint8Array | undefined {
  if (!isPng(bytes)) return undefined;
  const { header } = readPngChunks(bytes);
  const isSmall = header.width <= MAX_ICON_SIDE && header.height <= MAX_ICON_SIDE;
  if (isSmall && !header.isCgbi) return bytes;
  const pixels = decodePng(bytes);
  return pixels && encodePng(isSmall ? pixels : shrink(pixels, MAX_ICON_SIDE));
}

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
