import { decodePng } from "./decode-png.ts";
import { decodeIcns, isIcns } from "./icns.ts";
import { decodeIco, isIco } from "./ico.ts";
import type { Pixels, StoredImage } from "./pixels.ts";
import { encodePng, isPng, readPngChunks } from "./png.ts";
import { MAX_ICON_SIDE } from "./preferred.ts";
import { shrink } from "./shrink.ts";
import { decodeWebp, isWebp } from "./webp/webp.ts";

interface Kind {
  is(bytes: Uint8Array): boolean;
  decode(bytes: Uint8Array): StoredImage | undefined;
}

const KINDS: readonly Kind[] = [
  { is: isPng, decode: (bytes) => bytes },
  { is: isIco, decode: decodeIco },
  { is: isIcns, decode: decodeIcns },
  { is: isWebp, decode: decodeWebp },
];

/** An icon as a PNG every browser shows, at most 512 pixels a side; undefined when it is in a form we do not read. */
export function toPng(bytes: Uint8Array): Uint8Array | undefined {
  const image = KINDS.find((kind) => kind.is(bytes))?.decode(bytes);
  return image instanceof Uint8Array ? fitPng(image) : image && encodePng(fit(image));
}

/** One that is small and in the usual form stays as it is. */
function fitPng(bytes: Uint8Array): Uint8Array | undefined {
  const { header } = readPngChunks(bytes);
  if (isSmall(header) && !header.isCgbi) return bytes;
  const pixels = decodePng(bytes);
  return pixels && encodePng(fit(pixels));
}

function isSmall({ width, height }: { readonly width: number; readonly height: number }): boolean {
  return width <= MAX_ICON_SIDE && height <= MAX_ICON_SIDE;
}

function fit(pixels: Pixels): Pixels {
  return isSmall(pixels) ? pixels : shrink(pixels, MAX_ICON_SIDE);
}
