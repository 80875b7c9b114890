// PNG (ISO/IEC 15948) and Apple's CgBI variant: signature, chunks of length, type, data, CRC. Pixels are deflated rows, each with a filter byte.
// CgBI has a CgBI chunk first, deflates without a zlib header, and stores BGRA with the colour multiplied by alpha.
import { crc32, deflateSync, inflateRawSync, inflateSync } from "node:zlib";
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { unfilter } from "./unfilter.ts";

export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Looked at before a pixel is decoded. */
const MAX_SIDE = 4096;

/** Pixels as RGBA, 8 bits each, row by row from the top. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  readonly colorType: number;
  readonly interlace: number;
  readonly isCgbi: boolean;
}

export function isPng(bytes: Uint8Array): boolean {
  return bytes.length > PNG_SIGNATURE.length && PNG_SIGNATURE.every((byte, index) => bytes[index] === byte);
}

interface Chunks {
  readonly header: PngHeader;
  readonly palette: Uint8Array;
  readonly transparency: Uint8Array;
  readonly data: readonly Uint8Array[];
}

/** Reads the chunks that matter; sizes are checked before anything is inflated. */
export function readPngChunks(bytes: Uint8Array): Chunks {
  const reader = new ByteReader(bytes, { littleEndian: false }).seek(PNG_SIGNATURE.length);
  let header: PngHeader | undefined;
  let isCgbi = false;
  let palette = new Uint8Array();
  let transparency = new Uint8Array();
  const data: Uint8Array[] = [];
  while (reader.left >= 12) {
    const length = reader.u32();
    const type = String.fromCharCode(...reader.take(4));
    const content = reader.take(length);
    reader.skip(4);
    if (type === "CgBI") isCgbi = true;
    if (type === "IHDR") header = parseHeader(content, isCgbi);
    if (type === "PLTE") palette = new Uint8Array(content);
    if (type === "tRNS") transparency = new Uint8Array(content);
    if (type === "IDAT") data.push(content);
    if (type === "IEND") break;
  }
  if (!header || data.length === 0) throw broken("the icon is a PNG without a header or pixels");
  return { header, palette, transparency, data };
}

function parseHeader(content: Uint8Array, isCgbi: boolean): PngHeader {
  const reader = new ByteReader(content, { littleEndian: false });
  const [width, height, bitDepth, colorType] = [reader.u32(), reader.u32(), reader.u8(), reader.u8()];
  const interlace = reader.skip(2).u8();
  if (width === 0 || height === 0 || width > MAX_SIDE || height > MAX_SIDE) throw broken(`the icon claims ${width} by ${height} pixels`);
  return { width, height, bitDepth, colorType, interlace, isCgbi };
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** The pixels of a PNG with 8 bits a channel and no interlacing, which is what builds write; undefined for others. */
export function decodePng(bytes: Uint8Array): Pixels | undefined {
  const { header, palette, transparency, data } = readPngChunks(bytes);
  const { width, height, bitDepth, colorType, interlace, isCgbi } = header;
  const channels = CHANNELS[colorType];
  if (bitDepth !== 8 || interlace !== 0 || channels === undefined) return undefined;
  const rowBytes = width * channels;
  const inflate = isCgbi ? inflateRawSync : inflateSync;
  const raw = inflateOrRefuse(() => inflate(Buffer.concat(data), { maxOutputLength: (rowBytes + 1) * height }));
  if (raw.length !== (rowBytes + 1) * height) throw broken("the icon has fewer pixels than it claims");
  const rows = unfilter(raw, rowBytes, height, channels);
  const rgba = new Uint8Array(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * channels;
    const sample = (channel: number): number => rows[at + channel] ?? 0;
    const out = pixel * 4;
    if (colorType === 3) {
      const index = sample(0);
      rgba.set([palette[index * 3] ?? 0, palette[index * 3 + 1] ?? 0, palette[index * 3 + 2] ?? 0, transparency[index] ?? 255], out);
    } else if (channels <= 2) rgba.set([sample(0), sample(0), sample(0), channels === 2 ? sample(1) : 255], out);
    else if (isCgbi) rgba.set(fromCgbi(sample(0), sample(1), sample(2), channels === 4 ? sample(3) : 255), out);
    else rgba.set([sample(0), sample(1), sample(2), channels === 4 ? sample(3) : 255], out);
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

function fromCgbi(blue: number, green: number, red: number, alpha: number): number[] {
  const undo = (value: number): number => (alpha === 0 ? 0 : Math.min(255, Math.round((value * 255) / alpha)));
  return [undo(red), undo(green), undo(blue), alpha];
}

export function encodePng({ width, height, rgba }: Pixels): Uint8Array {
  const raw = new Uint8Array((width * 4 + 1) * height);
  for (let row = 0; row < height; row++) raw.set(rgba.subarray(row * width * 4, (row + 1) * width * 4), row * (width * 4 + 1) + 1);
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint32(8, 0x08060000);
  const parts = [
    PNG_SIGNATURE,
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", deflateSync(raw, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
