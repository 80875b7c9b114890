// The head of a lossy frame (RFC 6386 §9): size, and then, coded, what holds for the whole frame.
import { ByteReader } from "@distd/core";
import { broken } from "../../broken.ts";
import { BoolDecoder } from "./bool-decoder.ts";
import { AC_FACTORS, DC_FACTORS } from "./quantizers.ts";
import { CHANGE_PROBABILITIES, DEFAULT_PROBABILITIES } from "./token-probabilities.ts";

const START_CODE = 0x2a019d;
const SEGMENTS = 4;
const MAX_FACTOR = 127;
/** DC_FACTORS[117] is 132, beyond which the format does not go for colour. */
const MAX_COLOUR_DC = 117;
const MAX_LEVEL = 63;

export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** DC and AC factors of brightness, of the brightness of whole macroblocks, and of colour. */
export interface Factors {
  readonly y: readonly [number, number];
  readonly y2: readonly [number, number];
  readonly uv: readonly [number, number];
}

/** What the filter between blocks needs to know. */
export interface FilterStrength {
  readonly level: number;
  readonly inner: number;
  readonly variance: number;
}

export interface FrameHeader {
  /** Probabilities of the segment's number for each macroblock; absent when all are in the first. */
  readonly segmentTree?: readonly [number, number, number];
  readonly factors: readonly Factors[];
  readonly isSimpleFilter: boolean;
  /** By segment, for macroblocks guessed whole and for those guessed in blocks; absent when nothing is filtered. */
  readonly filters?: readonly (readonly [FilterStrength, FilterStrength])[];
  readonly probabilities: Uint8Array;
  /** That a macroblock has no coefficients; absent when that is not said. */
  readonly skipProbability?: number;
  readonly modes: BoolDecoder;
  /** Coefficients; rows of macroblocks take turns. */
  readonly partitions: readonly BoolDecoder[];
}

/** Bytes before the coded part. */
const PLAIN_BYTES = 10;

export function readFrameSize(bytes: Uint8Array): FrameSize {
  const reader = new ByteReader(bytes, { littleEndian: true });
  if ((reader.u8() & 1) !== 0) throw broken("the icon's frame depends on another");
  if ((reader.skip(2).u16() | (reader.u8() << 16)) !== START_CODE) throw broken("the icon is no lossy WebP");
  return { width: reader.u16() & 0x3fff, height: reader.u16() & 0x3fff };
}

export function readFrameHeader(bytes: Uint8Array): FrameHeader {
  const tag = new ByteReader(bytes, { littleEndian: true });
  const firstBytes = (tag.u16() | (tag.u8() << 16)) >> 5;
  const reader = new ByteReader(bytes, { littleEndian: true }).seek(PLAIN_BYTES);
  const modes = new BoolDecoder(reader.take(firstBytes));
  // Colour space and clamping: neither changes what is decoded.
  modes.number(2);
  const segments = readSegments(modes);
  const isSimpleFilter = modes.flag();
  const filters = readFilters(modes, segments);
  const partitions = readPartitions(reader, 1 << modes.number(2));
  const factors = readFactors(modes, segments);
  modes.flag();
  const probabilities = Uint8Array.from(DEFAULT_PROBABILITIES, (probability, index) =>
    modes.bit(CHANGE_PROBABILITIES[index] ?? 255) === 1 ? modes.number(8) : probability,
  );
  const skipProbability = modes.flag() ? modes.number(8) : undefined;
  return {
    ...(segments?.tree === undefined ? {} : { segmentTree: segments.tree }),
    factors,
    isSimpleFilter,
    ...(filters === undefined ? {} : { filters }),
    probabilities,
    ...(skipProbability === undefined ? {} : { skipProbability }),
    modes,
    partitions,
  };
}

interface Segments {
  readonly isRelative: boolean;
  readonly quality: readonly number[];
  readonly strength: readonly number[];
  readonly tree?: readonly [number, number, number];
}

function readSegments(modes: BoolDecoder): Segments | undefined {
  if (!modes.flag()) return undefined;
  const hasTree = modes.flag();
  const hasValues = modes.flag();
  const isRelative = hasValues ? !modes.flag() : true;
  const values = (bits: number): readonly number[] => Array.from({ length: SEGMENTS }, () => (hasValues ? modes.optional(bits) : 0));
  const [quality, strength] = [values(7), values(6)];
  const probability = (): number => (modes.flag() ? modes.number(8) : 255);
  return { isRelative, quality, strength, ...(hasTree ? { tree: [probability(), probability(), probability()] as const } : {}) };
}

function readFilters(modes: BoolDecoder, segments: Segments | undefined): FrameHeader["filters"] {
  const [level, sharpness] = [modes.number(6), modes.number(3)];
  const hasDeltas = modes.flag();
  const deltas = hasDeltas && modes.flag() ? Array.from({ length: 8 }, () => modes.optional(6)) : [];
  if (level === 0) return undefined;
  // Of the differences two matter in still pictures: the one of frames on their own, and the one of macroblocks in blocks.
  const [ofFrame, ofBlocks] = hasDeltas ? [deltas[0] ?? 0, deltas[4] ?? 0] : [0, 0];
  return Array.from({ length: SEGMENTS }, (_, index) => {
    const strength = segments?.strength[index] ?? 0;
    const base = segments === undefined ? level : segments.isRelative ? level + strength : strength;
    return [filterStrength(base + ofFrame, sharpness), filterStrength(base + ofFrame + ofBlocks, sharpness)] as const;
  });
}

function filterStrength(wanted: number, sharpness: number): FilterStrength {
  const level = clamp(wanted, MAX_LEVEL);
  const shifted = level >> (sharpness > 4 ? 2 : sharpness > 0 ? 1 : 0);
  const inner = Math.max(1, sharpness > 0 ? Math.min(shifted, 9 - sharpness) : shifted);
  return { level, inner, variance: level >= 40 ? 2 : level >= 15 ? 1 : 0 };
}

/** The first ones' lengths are written before them; the last goes to the end. */
function readPartitions(reader: ByteReader, count: number): readonly BoolDecoder[] {
  const sizes = new ByteReader(reader.take(3 * (count - 1)), { littleEndian: true });
  return Array.from(
    { length: count },
    (_, index) => new BoolDecoder(reader.take(index === count - 1 ? reader.left : sizes.u16() | (sizes.u8() << 16))),
  );
}

function readFactors(modes: BoolDecoder, segments: Segments | undefined): readonly Factors[] {
  const base = modes.number(7);
  const [yDc, y2Dc, y2Ac, uvDc, uvAc] = Array.from({ length: 5 }, () => modes.optional(4)) as [number, number, number, number, number];
  return Array.from({ length: SEGMENTS }, (_, index) => {
    const own = segments?.quality[index] ?? 0;
    const quality = segments === undefined ? base : segments.isRelative ? base + own : own;
    const dc = (delta: number, most = MAX_FACTOR): number => DC_FACTORS[clamp(quality + delta, most)] ?? 0;
    const ac = (delta: number): number => AC_FACTORS[clamp(quality + delta, MAX_FACTOR)] ?? 0;
    return {
      y: [dc(yDc), ac(0)],
      y2: [dc(y2Dc) * 2, Math.max(8, Math.floor((ac(y2Ac) * 155) / 100))],
      uv: [dc(uvDc, MAX_COLOUR_DC), ac(uvAc)],
    };
  });
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}
