// PNG (ISO/IEC 15948) and Apple's CgBI variant: signature, chunks of length, type, data, CRC. CgBI has a CgBI chunk first, deflates without a
// zlib header, and stores BGRA with the colour multiplied by alpha.
import { crc32, deflateSync } from "node:zlib";
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { checkSides, type Pixels } from "./pixels.ts";

export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

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

export interface PngChunks {
  readonly header: PngHeader;
  readonly palette: Uint8Array;
  readonly transparency: Uint8Array;
  readonly data: readonly Uint8Array[];
}

/** Reads the chunks that matter; sizes are checked before anything is inflated. */
export function readPngChunks(bytes: Uint8Array): PngChunks {
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
  checkSides(width, height);
  return { width, height, bitDepth, colorType, interlace, isCgbi };
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
