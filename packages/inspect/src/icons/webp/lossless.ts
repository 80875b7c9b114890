// Lossless WebP (VP8L, RFC 9649 §3): a header with the size, a list of what was done to the pixels, the pixels.
import { broken } from "../../broken.ts";
import { checkSides, type Pixels } from "../pixels.ts";
import { LowBitReader } from "./bit-reader.ts";
import { readEntropyImage, tilesOf } from "./entropy-image.ts";
import { addPixels, type Transform, undoColourCorrelation, undoGreenSubtraction, undoPalette, undoPrediction } from "./transforms.ts";

const MAGIC = 0x2f;
const TRANSFORM = { prediction: 0, colour: 1, green: 2 } as const;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function readLosslessSize(reader: LowBitReader): Size {
  if (reader.read(8) !== MAGIC) throw broken("the icon is no lossless WebP");
  const [width, height] = [reader.read(14) + 1, reader.read(14) + 1];
  reader.skip(1);
  if (reader.read(3) !== 0) throw broken("the icon is of a later version of WebP");
  return { width, height };
}

export function decodeLossless(bytes: Uint8Array): Pixels {
  const reader = new LowBitReader(bytes);
  const { width, height } = readLosslessSize(reader);
  checkSides(width, height);
  const rgba = new Uint8Array(width * height * 4);
  for (const [index, pixel] of readLosslessPixels(reader, { width, height }).entries()) {
    rgba[index * 4] = pixel >>> 16;
    rgba[index * 4 + 1] = pixel >>> 8;
    rgba[index * 4 + 2] = pixel;
    rgba[index * 4 + 3] = pixel >>> 24;
  }
  return { width, height, rgba };
}

/** Pixels as 0xAARRGGBB, of a stream without header. */
export function readLosslessPixels(reader: LowBitReader, { width, height }: Size): Uint32Array {
  const transforms: Transform[] = [];
  const seen = new Set<number>();
  let codedWidth = width;
  while (reader.read(1) === 1) {
    const kind = reader.read(2);
    if (seen.has(kind)) throw broken("the icon's pixels were changed twice in one way");
    seen.add(kind);
    if (kind === TRANSFORM.green) transforms.push(undoGreenSubtraction);
    else if (kind === TRANSFORM.prediction || kind === TRANSFORM.colour) {
      const bits = reader.read(3) + 2;
      const tiles = readEntropyImage(reader, tilesOf(codedWidth, bits), tilesOf(height, bits), false);
      transforms.push((kind === TRANSFORM.prediction ? undoPrediction : undoColourCorrelation)(codedWidth, bits, tiles));
    } else {
      const palette = readPalette(reader);
      const bits = palette.length <= 2 ? 3 : palette.length <= 4 ? 2 : palette.length <= 16 ? 1 : 0;
      transforms.push(undoPalette(codedWidth, height, bits, palette));
      codedWidth = tilesOf(codedWidth, bits);
    }
  }
  const pixels = readEntropyImage(reader, codedWidth, height, true);
  return transforms.reduceRight((changed, undo) => undo(changed), pixels);
}

/** Each colour is the difference from the one before. */
function readPalette(reader: LowBitReader): Uint32Array {
  const palette = readEntropyImage(reader, reader.read(8) + 1, 1, false);
  for (let index = 1; index < palette.length; index++) palette[index] = addPixels(palette[index] ?? 0, palette[index - 1] ?? 0);
  return palette;
}
