// What lossless WebP does to pixels before coding them, undone (RFC 9649 §3.5). Pixels are 0xAARRGGBB.
import { tilesOf } from "./entropy-image.ts";
import { predictPixel } from "./predict-pixel.ts";

export type Transform = (pixels: Uint32Array) => Uint32Array;

/** Each channel is the sum, without carry into the next. */
export function addPixels(a: number, b: number): number {
  return ((((a & 0xff00ff00) + (b & 0xff00ff00)) & 0xff00ff00) | (((a & 0xff00ff) + (b & 0xff00ff)) & 0xff00ff)) >>> 0;
}

/** Pixels are differences from a guess made of their neighbours; the way of guessing is one tile's green. */
export function undoPrediction(width: number, bits: number, modes: Uint32Array): Transform {
  const columns = tilesOf(width, bits);
  return (pixels) => {
    for (let at = 0; at < pixels.length; at++) {
      const [x, y] = [at % width, Math.floor(at / width)];
      const mode = ((modes[(y >> bits) * columns + (x >> bits)] ?? 0) >>> 8) & 15;
      // The first row is guessed from the left, the first column from above.
      const guess = predictPixel(pixels, at, width, y === 0 ? (x === 0 ? 0 : 1) : x === 0 ? 2 : mode);
      pixels[at] = addPixels(pixels[at] ?? 0, guess);
    }
    return pixels;
  };
}

/** Red and blue had parts of green, and blue of red, taken out; how much is one tile's colour. */
export function undoColourCorrelation(width: number, bits: number, factors: Uint32Array): Transform {
  const columns = tilesOf(width, bits);
  const part = (factor: number, channel: number): number => (((factor << 24) >> 24) * ((channel << 24) >> 24)) >> 5;
  return (pixels) => {
    for (let at = 0; at < pixels.length; at++) {
      const [x, y] = [at % width, Math.floor(at / width)];
      const factor = factors[(y >> bits) * columns + (x >> bits)] ?? 0;
      const pixel = pixels[at] ?? 0;
      const green = pixel >>> 8;
      const red = ((pixel >>> 16) + part(factor, green)) & 0xff;
      const blue = (pixel + part(factor >>> 8, green) + part(factor >>> 16, red)) & 0xff;
      pixels[at] = ((pixel & 0xff00ff00) | (red << 16) | blue) >>> 0;
    }
    return pixels;
  };
}

export function undoGreenSubtraction(pixels: Uint32Array): Uint32Array {
  return pixels.map((pixel) => {
    const green = (pixel >>> 8) & 0xff;
    return addPixels(pixel, (green << 16) | green);
  });
}

/** Pixels are numbers of colours, kept in green; of small palettes several are packed into one. */
export function undoPalette(width: number, height: number, bits: number, palette: Uint32Array): Transform {
  const colourBits = 8 >> bits;
  const columns = tilesOf(width, bits);
  return (packed) => {
    const pixels = new Uint32Array(width * height);
    for (let at = 0; at < pixels.length; at++) {
      const [x, y] = [at % width, Math.floor(at / width)];
      const green = ((packed[y * columns + (x >> bits)] ?? 0) >>> 8) & 0xff;
      const index = (green >> (colourBits * (x & ((1 << bits) - 1)))) & ((1 << colourBits) - 1);
      pixels[at] = palette[index] ?? 0;
    }
    return pixels;
  };
}
