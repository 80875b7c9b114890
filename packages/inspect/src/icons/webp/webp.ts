// WebP (RFC 9649): a RIFF file of chunks. A picture is lossy (VP8, its transparency in ALPH before it) or lossless (VP8L); VP8X announces what
// there is. Moving pictures are not read. Sizes are looked at before pixels are decoded.
import { ByteReader } from "@distd/core";
import { broken } from "../../broken.ts";
import { checkSides, type Pixels } from "../pixels.ts";
import { readAlpha } from "./alpha.ts";
import { decodeLossless } from "./lossless.ts";
import { decodeLossy } from "./lossy.ts";

const MAX_CHUNKS = 64;

export function isWebp(bytes: Uint8Array): boolean {
  return bytes.length > 12 && latin1(bytes.subarray(0, 4)) === "RIFF" && latin1(bytes.subarray(8, 12)) === "WEBP";
}

/** Undefined when it holds no still picture. */
export function decodeWebp(bytes: Uint8Array): Pixels | undefined {
  const chunks = readChunks(bytes);
  const announced = chunks.get("VP8X");
  if (announced !== undefined) checkAnnounced(announced);
  const lossless = chunks.get("VP8L");
  if (lossless !== undefined) return decodeLossless(lossless);
  const lossy = chunks.get("VP8 ");
  if (lossy === undefined) return undefined;
  const pixels = decodeLossy(lossy);
  const alpha = chunks.get("ALPH");
  if (alpha !== undefined) for (const [index, value] of readAlpha(alpha, pixels).entries()) pixels.rgba[index * 4 + 3] = value;
  return pixels;
}

function readChunks(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const reader = new ByteReader(bytes, { littleEndian: true }).seek(12);
  const chunks = new Map<string, Uint8Array>();
  while (reader.left >= 8) {
    const type = latin1(reader.take(4));
    const length = reader.u32();
    if (chunks.size === MAX_CHUNKS) throw broken(`the icon has more than ${MAX_CHUNKS} chunks`);
    if (!chunks.has(type)) chunks.set(type, reader.take(length));
    else reader.skip(length);
    // An odd one is followed by a byte of nothing, which the last may lack.
    if (length % 2 === 1 && reader.left > 0) reader.skip(1);
  }
  return chunks;
}

function checkAnnounced(chunk: Uint8Array): void {
  const reader = new ByteReader(chunk, { littleEndian: true }).seek(4);
  const side = (): number => (reader.u16() | (reader.u8() << 16)) + 1;
  checkSides(side(), side());
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
