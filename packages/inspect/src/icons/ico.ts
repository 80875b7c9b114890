// ICO: a directory of images of one icon, each a PNG or a bitmap. What the directory says of an image's size is often wrong; the image counts.
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import { type DibHeader, decodeDib, parseDibHeader } from "./dib.ts";
import type { StoredImage } from "./pixels.ts";
import { isPng, readPngChunks } from "./png.ts";
import { preferred } from "./preferred.ts";

const ICON = 1;
const ENTRY_BYTES = 16;
/** Real ones have a dozen. */
const MAX_IMAGES = 256;

export function isIco(bytes: Uint8Array): boolean {
  return bytes.length >= 6 + ENTRY_BYTES && bytes[0] === 0 && bytes[1] === 0 && bytes[2] === ICON && bytes[3] === 0;
}

interface Candidate {
  readonly side: number;
  readonly bits: number;
  readonly bytes: Uint8Array;
  /** Of bitmaps. */
  readonly dib?: DibHeader;
}

/** Undefined when it holds no image we read. */
export function decodeIco(bytes: Uint8Array): StoredImage | undefined {
  const reader = new ByteReader(bytes, { littleEndian: true }).seek(4);
  const count = reader.u16();
  if (count > MAX_IMAGES) throw broken(`the icon has ${count} images`);
  const candidates: Candidate[] = [];
  for (let index = 0; index < count; index++) {
    const [length, offset] = [reader.skip(8).u32(), reader.u32()];
    const image = new ByteReader(bytes, { littleEndian: true }).seek(offset).take(length);
    const candidate = measure(image);
    if (candidate !== undefined) candidates.push(candidate);
  }
  const best = preferred(candidates);
  return best?.dib === undefined ? best?.bytes : decodeDib(best.bytes, best.dib);
}

function measure(bytes: Uint8Array): Candidate | undefined {
  if (isPng(bytes)) {
    const { header } = readPngChunks(bytes);
    return { side: Math.max(header.width, header.height), bits: 32, bytes };
  }
  const dib = parseDibHeader(bytes);
  return dib === undefined ? undefined : { side: Math.max(dib.width, dib.height), bits: dib.bits, bytes, dib };
}
