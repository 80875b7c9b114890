// The fourteen guesses of lossless WebP (RFC 9649 §3.5.1) from the pixels to the left and above. Pixels are 0xAARRGGBB.

const OPAQUE_BLACK = 0xff000000;
const SHIFTS: readonly number[] = [0, 8, 16, 24];

export function predictPixel(pixels: Uint32Array, at: number, width: number, mode: number): number {
  const left = pixels[at - 1] ?? 0;
  const above = pixels[at - width] ?? 0;
  const corner = pixels[at - width - 1] ?? 0;
  // At the end of a row this is the first pixel of the own one, as the format has it.
  const next = pixels[at - width + 1] ?? 0;
  switch (mode) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return next;
    case 4:
      return corner;
    case 5:
      return average(average(left, next), above);
    case 6:
      return average(left, corner);
    case 7:
      return average(left, above);
    case 8:
      return average(corner, above);
    case 9:
      return average(above, next);
    case 10:
      return average(average(left, corner), average(above, next));
    case 11:
      return difference(above, corner) < difference(left, corner) ? left : above;
    case 12:
      return perChannel((shift) => channel(left, shift) + channel(above, shift) - channel(corner, shift));
    case 13: {
      const middle = average(left, above);
      return perChannel((shift) => channel(middle, shift) + Math.trunc((channel(middle, shift) - channel(corner, shift)) / 2));
    }
    default:
      return OPAQUE_BLACK;
  }
}

function channel(pixel: number, shift: number): number {
  return (pixel >>> shift) & 0xff;
}

function average(a: number, b: number): number {
  return ((((a ^ b) & 0xfefefefe) >>> 1) + (a & b)) >>> 0;
}

function difference(a: number, b: number): number {
  return SHIFTS.reduce((sum, shift) => sum + Math.abs(channel(a, shift) - channel(b, shift)), 0);
}

function perChannel(value: (shift: number) => number): number {
  return SHIFTS.reduce((pixel, shift) => pixel | (Math.max(0, Math.min(255, value(shift))) << shift), 0) >>> 0;
}
