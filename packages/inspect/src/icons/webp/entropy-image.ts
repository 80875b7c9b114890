// Pixels of lossless WebP as they are coded (RFC 9649 §3.6): each is four symbols, or a copy of earlier ones, or one of a cache of recent colours.
import { broken } from "../../broken.ts";
import type { LowBitReader } from "./bit-reader.ts";
import { type PrefixCode, readPrefixCode } from "./prefix-code.ts";

const LITERALS = 256;
const LENGTHS = 24;
const DISTANCES = 40;
const MAX_CACHE_BITS = 11;
const CACHE_MULTIPLIER = 0x1e35a7bd;
/** Encoders make no more. */
const MAX_GROUPS = 2600;

/** Nearby pixels by how often they repeat: rows above in the upper half of a byte, 8 minus the columns to the left in the lower. */
const NEAR: readonly number[] = [
  0x18, 0x07, 0x17, 0x19, 0x28, 0x06, 0x27, 0x29, 0x16, 0x1a, 0x26, 0x2a, 0x38, 0x05, 0x37, 0x39, 0x15, 0x1b, 0x36, 0x3a, 0x25, 0x2b, 0x48,
  0x04, 0x47, 0x49, 0x14, 0x1c, 0x35, 0x3b, 0x46, 0x4a, 0x24, 0x2c, 0x58, 0x45, 0x4b, 0x34, 0x3c, 0x03, 0x57, 0x59, 0x13, 0x1d, 0x56, 0x5a,
  0x23, 0x2d, 0x44, 0x4c, 0x55, 0x5b, 0x33, 0x3d, 0x68, 0x02, 0x67, 0x69, 0x12, 0x1e, 0x66, 0x6a, 0x22, 0x2e, 0x54, 0x5c, 0x43, 0x4d, 0x65,
  0x6b, 0x32, 0x3e, 0x78, 0x01, 0x77, 0x79, 0x53, 0x5d, 0x11, 0x1f, 0x64, 0x6c, 0x42, 0x4e, 0x76, 0x7a, 0x21, 0x2f, 0x75, 0x7b, 0x31, 0x3f,
  0x63, 0x6d, 0x52, 0x5e, 0x00, 0x74, 0x7c, 0x41, 0x4f, 0x10, 0x20, 0x62, 0x6e, 0x30, 0x73, 0x7d, 0x51, 0x5f, 0x40, 0x72, 0x7e, 0x61, 0x6f,
  0x50, 0x71, 0x7f, 0x60, 0x70,
];

/** Pixels as 0xAARRGGBB. `hasGroups`: the codes may differ from one part of the picture to the next. */
export function readEntropyImage(reader: LowBitReader, width: number, height: number, hasGroups: boolean): Uint32Array {
  const cacheBits = reader.read(1) === 0 ? 0 : reader.read(4);
  if (cacheBits > MAX_CACHE_BITS) throw broken("the icon's cache of colours is too large");
  const cache = new Uint32Array(cacheBits === 0 ? 0 : 1 << cacheBits);
  const groupOf = readGroups(reader, width, height, cache.length, hasGroups);
  const pixels = new Uint32Array(width * height);
  let at = 0;
  const put = (colour: number): void => {
    pixels[at] = colour;
    if (cacheBits > 0) cache[Math.imul(colour, CACHE_MULTIPLIER) >>> (32 - cacheBits)] = colour;
    at += 1;
  };
  while (at < pixels.length) {
    const [main, red, blue, alpha, distances] = groupOf(at);
    const symbol = main.read(reader);
    if (symbol < LITERALS) {
      const rest = (red.read(reader) << 16) | blue.read(reader);
      put((rest | (symbol << 8) | (alpha.read(reader) << 24)) >>> 0);
    } else if (symbol < LITERALS + LENGTHS) {
      const length = readLong(reader, symbol - LITERALS);
      const distance = toDistance(readLong(reader, distances.read(reader)), width);
      if (distance > at || length > pixels.length - at) throw broken("the icon copies pixels that are not there");
      for (let copied = 0; copied < length; copied++) put(pixels[at - distance] ?? 0);
    } else put(cache[symbol - LITERALS - LENGTHS] ?? 0);
  }
  return pixels;
}

type Group = readonly [main: PrefixCode, red: PrefixCode, blue: PrefixCode, alpha: PrefixCode, distances: PrefixCode];

function readGroups(reader: LowBitReader, width: number, height: number, cached: number, hasGroups: boolean): (at: number) => Group {
  const readGroup = (): Group => [
    readPrefixCode(reader, LITERALS + LENGTHS + cached),
    readPrefixCode(reader, LITERALS),
    readPrefixCode(reader, LITERALS),
    readPrefixCode(reader, LITERALS),
    readPrefixCode(reader, DISTANCES),
  ];
  if (!hasGroups || reader.read(1) === 0) {
    const only = readGroup();
    return () => only;
  }
  const bits = reader.read(3) + 2;
  const columns = tilesOf(width, bits);
  const numbers = readEntropyImage(reader, columns, tilesOf(height, bits), false).map((colour) => (colour >>> 8) & 0xffff);
  const count = numbers.reduce((most, number) => Math.max(most, number + 1), 0);
  if (count > MAX_GROUPS) throw broken(`the icon has ${count} groups of codes`);
  const groups = Array.from({ length: count }, readGroup);
  return (at) => {
    const [column, row] = [(at % width) >> bits, Math.floor(at / width) >> bits];
    return groups[numbers[row * columns + column] ?? 0] as Group;
  };
}

/** How many tiles of `1 << bits` pixels lie along a side. */
export function tilesOf(side: number, bits: number): number {
  return (side + (1 << bits) - 1) >> bits;
}

/** Lengths and distances: the symbol tells the magnitude, further bits the rest. */
function readLong(reader: LowBitReader, symbol: number): number {
  if (symbol < 4) return symbol + 1;
  const bits = (symbol - 2) >> 1;
  return ((2 + (symbol & 1)) << bits) + reader.read(bits) + 1;
}

function toDistance(code: number, width: number): number {
  const near = NEAR[code - 1];
  return near === undefined ? code - NEAR.length : Math.max(1, (near >> 4) * width + 8 - (near & 15));
}
