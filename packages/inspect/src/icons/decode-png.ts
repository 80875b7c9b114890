// The pixels of a PNG: deflated rows, each with a filter byte; interlaced ones (Adam7) come as seven smaller images.
import { inflateRawSync, inflateSync } from "node:zlib";
import { broken } from "../broken.ts";
import type { Pixels } from "./pixels.ts";
import { type PngChunks, readPngChunks } from "./png.ts";
import { unfilter } from "./unfilter.ts";

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const DEPTHS: Readonly<Record<number, readonly number[]>> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };
const PALETTE = 3;
/** What zlib asks for at least. Output that fits one piece is not copied together. */
const MIN_CHUNK_BYTES = 64;

/** Which pixels a pass holds: first column and row, and the steps to the next. */
type Pass = readonly [left: number, top: number, across: number, down: number];
const WHOLE: readonly Pass[] = [[0, 0, 1, 1]];
const ADAM7: readonly Pass[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** Undefined when colours are stored in a way the standard does not have. */
export function decodePng(bytes: Uint8Array): Pixels | undefined {
  const chunks = readPngChunks(bytes);
  const { width, height, bitDepth, colorType, interlace, isCgbi } = chunks.header;
  const channels = CHANNELS[colorType];
  if (channels === undefined || DEPTHS[colorType]?.includes(bitDepth) !== true || interlace > 1) return undefined;
  const passes = (interlace === 1 ? ADAM7 : WHOLE)
    .map((pass) => ({ pass, columns: Math.ceil((width - pass[0]) / pass[2]), rows: Math.ceil((height - pass[1]) / pass[3]) }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map((size) => ({ ...size, rowBytes: Math.ceil((size.columns * channels * bitDepth) / 8) }));
  const total = passes.reduce((sum, { rows, rowBytes }) => sum + rows * (rowBytes + 1), 0);
  const inflate = isCgbi ? inflateRawSync : inflateSync;
  const raw = inflateOrRefuse(() =>
    inflate(Buffer.concat(chunks.data), { maxOutputLength: total, chunkSize: Math.max(MIN_CHUNK_BYTES, total + 1) }),
  );
  if (raw.length !== total) throw broken("the icon has fewer pixels than it claims");
  const rgba = new Uint8Array(width * height * 4);
  const colour = colourReader(chunks, channels);
  let at = 0;
  for (const { pass, columns, rows, rowBytes } of passes) {
    const lines = raw.subarray(at, at + rows * (rowBytes + 1));
    unfilter(lines, rowBytes, rows, Math.max(1, (channels * bitDepth) >> 3));
    at += lines.length;
    for (let row = 0; row < rows; row++) {
      const line = lines.subarray(row * (rowBytes + 1) + 1, (row + 1) * (rowBytes + 1));
      const start = (pass[1] + row * pass[3]) * width + pass[0];
      for (let column = 0; column < columns; column++) colour(line, column, rgba, (start + column * pass[2]) * 4);
    }
  }
  return { width, height, rgba };
}

function inflateOrRefuse(inflate: () => Uint8Array): Uint8Array {
  try {
    return inflate();
  } catch (cause) {
    throw broken("the icon's pixels do not inflate", cause);
  }
}

type ColourReader = (line: Uint8Array, column: number, out: Uint8Array, to: number) => void;

/** Puts one pixel of a row where it belongs, as RGBA with 8 bits each. */
function colourReader({ header, palette, transparency }: PngChunks, channels: number): ColourReader {
  const { bitDepth, colorType, isCgbi } = header;
  const scale = 255 / (2 ** bitDepth - 1);
  const hasAlpha = channels === 2 || channels === 4;
  const isGrey = channels <= 2;
  const [green, blue]: readonly [number, number] = isGrey ? [0, 0] : [1, 2];
  // The one colour that is transparent, for images without alpha: 16 bits a sample.
  const key = colorType === PALETTE || hasAlpha || transparency.length < channels * 2 ? undefined : Buffer.from(transparency);
  return (line, column, out, to) => {
    const sample = (channel: number): number => sampleAt(line, column * channels + channel, bitDepth);
    if (colorType === PALETTE) {
      const index = sample(0);
      for (let channel = 0; channel < 3; channel++) out[to + channel] = palette[index * 3 + channel] ?? 0;
      out[to + 3] = transparency[index] ?? 255;
      return;
    }
    out[to] = Math.round(sample(0) * scale);
    out[to + 1] = Math.round(sample(green) * scale);
    out[to + 2] = Math.round(sample(blue) * scale);
    out[to + 3] = hasAlpha ? Math.round(sample(channels - 1) * scale) : 255;
    if (key !== undefined && [0, green, blue].every((channel) => sample(channel) === key.readUInt16BE(channel * 2))) out[to + 3] = 0;
    if (isCgbi && !isGrey) undoCgbi(out, to);
  };
}

function sampleAt(line: Uint8Array, index: number, bitDepth: number): number {
  if (bitDepth === 8) return line[index] ?? 0;
  if (bitDepth === 16) return ((line[index * 2] ?? 0) << 8) | (line[index * 2 + 1] ?? 0);
  const bit = index * bitDepth;
  return ((line[bit >> 3] ?? 0) >> (8 - bitDepth - (bit & 7))) & ((1 << bitDepth) - 1);
}

function undoCgbi(out: Uint8Array, to: number): void {
  const [blue = 0, green = 0, red = 0, alpha = 0] = out.subarray(to, to + 4);
  const undo = (value: number): number => (alpha === 0 ? 0 : Math.min(255, Math.round((value * 255) / alpha)));
  out[to] = undo(red);
  out[to + 1] = undo(green);
  out[to + 2] = undo(blue);
}
