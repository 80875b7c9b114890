import type { Plane } from "./plane.ts";

/**
 * Brightness and colour (ITU-R BT.601, as VP8 has it) to RGBA. There is one value of colour for four pixels; between them it is blended as
 * libwebp does, nine parts the nearest, three each the next in either direction, one the one across.
 */
export function toRgba([luma, u, v]: readonly [Plane, Plane, Plane], width: number, height: number): Uint8Array {
  const rgba = new Uint8Array(width * height * 4);
  const [lastX, lastY] = [((width + 1) >> 1) - 1, ((height + 1) >> 1) - 1];
  for (let y = 0; y < height; y++) {
    const nearY = y >> 1;
    const nextY = Math.max(0, Math.min(lastY, nearY + ((y & 1) === 0 ? -1 : 1)));
    for (let x = 0; x < width; x++) {
      const nearX = x >> 1;
      const nextX = Math.max(0, Math.min(lastX, nearX + ((x & 1) === 0 ? -1 : 1)));
      const blend = (plane: Plane): number => {
        const value = (column: number, row: number): number => plane.values[plane.at(column, row)] ?? 0;
        return (9 * value(nearX, nearY) + 3 * (value(nextX, nearY) + value(nearX, nextY)) + value(nextX, nextY) + 8) >> 4;
      };
      const bright = ((luma.values[luma.at(x, y)] ?? 0) * 19_077) >> 8;
      const [blue, red] = [blend(u), blend(v)];
      const at = (y * width + x) * 4;
      rgba[at] = clamp(bright + ((red * 26_149) >> 8) - 14_234);
      rgba[at + 1] = clamp(bright - ((blue * 6419) >> 8) - ((red * 13_320) >> 8) + 8708);
      rgba[at + 2] = clamp(bright + ((blue * 33_050) >> 8) - 17_685);
      rgba[at + 3] = 255;
    }
  }
  return rgba;
}

/** From 14 bits to 8. */
function clamp(value: number): number {
  return Math.max(0, Math.min(255, value >> 6));
}
