import { broken } from "../broken.ts";

/** Pixels as RGBA, 8 bits each, row by row from the top. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** An image of a container as it is stored there: a PNG, or pixels. */
export type StoredImage = Uint8Array | Pixels;

/** What is decoded at most: 16 MiB of pixels. */
const MAX_SIDE = 2048;

/** Called before a pixel is decoded. */
export function checkSides(width: number, height: number): void {
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) throw broken(`the icon claims ${width} by ${height} pixels`);
}
