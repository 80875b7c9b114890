// A bitmap as Windows keeps it in icons: BITMAPINFOHEADER with twice the height, a palette, rows from the bottom, then a mask of one bit a
// pixel that says what is transparent. Followed: Microsoft's "BITMAPINFOHEADER" and "Icons".
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { checkSides, type Pixels } from "./pixels.ts";

const HEADER_BYTES = 40;
const MAX_HEADER_BYTES = 124;
const UNCOMPRESSED = 0;
const BIT_FIELDS = 3;
const BITS: readonly number[] = [1, 4, 8, 24, 32];

export interface DibHeader {
  readonly headerBytes: number;
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** Colours of the palette. */
  readonly colours: number;
}

/** Undefined when it is no bitmap, or one in a form icons do not have. */
export function parseDibHeader(bytes: Uint8Array): DibHeader | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const reader = new ByteReader(bytes, { littleEndian: true });
  const headerBytes = reader.u32();
  const [width, doubled] = [reader.i32(), reader.i32()];
  const bits = reader.skip(2).u16();
  const compression = reader.u32();
  const used = reader.seek(32).u32();
  if (headerBytes < HEADER_BYTES || headerBytes > MAX_HEADER_BYTES || !BITS.includes(bits)) return undefined;
  // Fields of 32 bits are those of an uncompressed one in every icon there is; of other bitmaps they are not read.
  if (compression !== UNCOMPRESSED && !(compression === BIT_FIELDS && bits === 32)) return undefined;
  const fieldBytes = compression === BIT_FIELDS && headerBytes === HEADER_BYTES ? 12 : 0;
  if (used > 256 && bits <= 8) throw broken(`the icon has ${used} colours`);
  const colours = bits > 8 ? 0 : used === 0 ? 1 << bits : used;
  return { headerBytes: headerBytes + fieldBytes, width, height: doubled >> 1, bits, colours };
}

export function decodeDib(bytes: Uint8Array, header: DibHeader): Pixels {
  const { headerBytes, width, height, bits, colours } = header;
  checkSides(width, height);
  const reader = new ByteReader(bytes, { littleEndian: true }).seek(headerBytes);
  const palette = reader.take(colours * 4);
  const rowBytes = ((width * bits + 31) >> 5) * 4;
  const rows = reader.take(rowBytes * height);
  const maskRowBytes = ((width + 31) >> 5) * 4;
  const mask = reader.left < maskRowBytes * height ? undefined : reader.take(maskRowBytes * height);
  const hasAlpha = bits === 32 && rows.some((byte, index) => (index & 3) === 3 && byte !== 0);
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const line = (height - 1 - y) * rowBytes;
    const maskLine = (height - 1 - y) * maskRowBytes;
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 4;
      const [from, at] = bits > 8 ? [rows, line + x * (bits >> 3)] : [palette, indexAt(rows, line, x, bits) * 4];
      for (let channel = 0; channel < 3; channel++) rgba[to + channel] = from[at + 2 - channel] ?? 0;
      const isMasked = mask !== undefined && indexAt(mask, maskLine, x, 1) === 1;
      rgba[to + 3] = hasAlpha ? (rows[at + 3] ?? 0) : isMasked ? 0 : 255;
    }
  }
  return { width, height, rgba };
}

function indexAt(rows: Uint8Array, line: number, x: number, bits: number): number {
  const bit = x * bits;
  return ((rows[line + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
}
