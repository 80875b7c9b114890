// ICNS, Apple's icons: elements of type and length, one for each size. New types hold a PNG (or JPEG 2000, which is not read), old ones
// three channels packed by runs with a mask in an element of its own, two in between four packed channels behind `ARGB`.
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import type { Pixels, StoredImage } from "./pixels.ts";
import { isPng, readPngChunks } from "./png.ts";
import { preferred } from "./preferred.ts";
import { unpackRuns } from "./unpack-runs.ts";

const MAX_ELEMENTS = 256;
const MAGIC = "icns";
const ARGB = "ARGB";
/** Types of four packed channels, and their sides. */
const PACKED: Readonly<Record<string, number>> = { ic04: 16, ic05: 32, icsb: 18 };
/** Types of three packed channels; what comes before the channels; the element with the mask. */
const MASKED: Readonly<Record<string, { readonly side: number; readonly skip: number; readonly mask: string }>> = {
  is32: { side: 16, skip: 0, mask: "s8mk" },
  il32: { side: 32, skip: 0, mask: "l8mk" },
  ih32: { side: 48, skip: 0, mask: "h8mk" },
  it32: { side: 128, skip: 4, mask: "t8mk" },
};

export function isIcns(bytes: Uint8Array): boolean {
  return bytes.length > 8 && latin1(bytes.subarray(0, 4)) === MAGIC;
}

interface Candidate {
  readonly side: number;
  readonly bits: number;
  decode(): StoredImage;
}

/** Undefined when it holds no image we read. */
export function decodeIcns(bytes: Uint8Array): StoredImage | undefined {
  const elements = readElements(bytes);
  const candidates = [...elements].map(([type, data]) => toCandidate(type, data, elements)).filter((found) => found !== undefined);
  return preferred(candidates)?.decode();
}

function readElements(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const reader = new ByteReader(bytes, { littleEndian: false }).seek(8);
  const elements = new Map<string, Uint8Array>();
  while (reader.left >= 8) {
    const type = latin1(reader.take(4));
    const length = reader.u32();
    if (length < 8) throw broken(`the icon has an element of ${length} bytes`);
    if (elements.size === MAX_ELEMENTS) throw broken(`the icon has more than ${MAX_ELEMENTS} elements`);
    elements.set(type, reader.take(length - 8));
  }
  return elements;
}

function toCandidate(type: string, data: Uint8Array, elements: ReadonlyMap<string, Uint8Array>): Candidate | undefined {
  if (isPng(data)) {
    const { header } = readPngChunks(data);
    return { side: Math.max(header.width, header.height), bits: 32, decode: () => data };
  }
  const side = PACKED[type];
  if (side !== undefined && latin1(data.subarray(0, 4)) === ARGB) return { side, bits: 32, decode: () => decodeArgb(data, side) };
  const masked = MASKED[type];
  if (masked === undefined) return undefined;
  return { side: masked.side, bits: 24, decode: () => decodeMasked(data, masked, elements.get(masked.mask)) };
}

function decodeArgb(data: Uint8Array, side: number): Pixels {
  const area = side * side;
  const [alpha, red, green, blue] = channelsOf(unpackRuns(data.subarray(4), area * 4), area);
  return interleave(side, [red, green, blue, alpha]);
}

function decodeMasked(
  data: Uint8Array,
  { side, skip }: { readonly side: number; readonly skip: number },
  mask: Uint8Array | undefined,
): Pixels {
  const area = side * side;
  if (mask !== undefined && mask.length < area) throw broken("the icon's mask is cut short");
  const packed = data.subarray(skip);
  // Small ones may be stored as they are, a byte of nothing and three of colour for each pixel.
  const plain = packed.length === area * 4;
  const channels = plain ? [1, 2, 3].map((channel) => everyFourth(packed, channel)) : channelsOf(unpackRuns(packed, area * 3), area);
  return interleave(side, [...channels, mask]);
}

function channelsOf(plain: Uint8Array, area: number): readonly Uint8Array[] {
  return Array.from({ length: plain.length / area }, (_, channel) => plain.subarray(channel * area, (channel + 1) * area));
}

function everyFourth(bytes: Uint8Array, from: number): Uint8Array {
  return Uint8Array.from({ length: bytes.length / 4 }, (_, index) => bytes[index * 4 + from] ?? 0);
}

function interleave(side: number, channels: readonly (Uint8Array | undefined)[]): Pixels {
  const rgba = new Uint8Array(side * side * 4);
  for (const [channel, values] of channels.entries())
    for (let pixel = 0; pixel < side * side; pixel++) rgba[pixel * 4 + channel] = values?.[pixel] ?? 255;
  return { width: side, height: side, rgba };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
