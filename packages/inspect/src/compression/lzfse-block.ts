// A compressed block of LZFSE: a header with the frequencies of all symbols, four interleaved streams of literals in one, and a stream of
// steps, each a number of literals (L), of bytes to copy (M) and a distance (D).
import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";
import type { LzWindow } from "./lz-window.ts";
import { BackwardBits, buildFseTable, FseDecoder, type SymbolValues } from "./lzfse-fse.ts";
import { LZFSE_SYMBOLS, type LzfseHeader } from "./lzfse-header.ts";

const STATES = { l: 64, m: 64, d: 256, literal: 1024 } as const;
const MAX_LITERALS = 40_000;
const MAX_MATCHES = 10_000;

/** Runs of bits: how many symbols have so many extra bits, one after the other, each base following from those before. */
function symbolValues(runs: readonly (readonly [symbols: number, bits: number])[]): SymbolValues {
  const extraBits = runs.flatMap(([symbols, bits]) => Array.from({ length: symbols }, () => bits));
  let next = 0;
  const bases = extraBits.map((bits) => {
    next += 2 ** bits;
    return next - 2 ** bits;
  });
  return { bases, extraBits };
}

const L_VALUES = symbolValues([
  [16, 0],
  [1, 2],
  [1, 3],
  [1, 5],
  [1, 8],
]);
const M_VALUES = symbolValues([
  [16, 0],
  [1, 3],
  [1, 5],
  [1, 8],
  [1, 11],
]);
const D_VALUES = symbolValues(Array.from({ length: 16 }, (_, bits) => [4, bits] as const));
const LITERAL_VALUES: SymbolValues = { bases: [], extraBits: [] };

/** The block's payload follows its header in `reader`. */
export function decodeLzfseBlock(header: LzfseHeader, reader: ByteReader, window: LzWindow): void {
  // Many blocks of nothing would take long for no output.
  if (header.rawBytes === 0) throw broken("lzfse: a compressed block of nothing");
  if (header.literals > MAX_LITERALS || header.matches > MAX_MATCHES) throw broken("lzfse: a block of too many steps");
  const literals = readLiterals(header, reader.take(header.literalBytes));
  const steps = new BackwardBits(reader.take(header.stepBytes), header.stepBitsUnused);
  const [l, m, d] = LZFSE_SYMBOLS;
  const { frequencies } = header;
  const lengths = new FseDecoder(buildFseTable(frequencies.subarray(0, l), STATES.l, L_VALUES), header.lState);
  const copies = new FseDecoder(buildFseTable(frequencies.subarray(l, l + m), STATES.m, M_VALUES), header.mState);
  const distances = new FseDecoder(buildFseTable(frequencies.subarray(l + m, l + m + d), STATES.d, D_VALUES), header.dState);
  const end = window.length + header.rawBytes;
  let used = 0;
  let distance = 0;
  for (let left = header.matches; left > 0; left -= 1) {
    const count = lengths.next(steps);
    const copied = copies.next(steps);
    // 0 is the distance before.
    distance = distances.next(steps) || distance;
    if (used + count > literals.length) throw broken("lzfse: a block has too few literals");
    if (window.length + count + copied > end) throw broken("lzfse: a block is longer than it says");
    window.literals(literals.subarray(used, used + count));
    if (copied > 0) window.copy(distance, copied);
    used += count;
  }
  if (window.length !== end) throw broken("lzfse: a block is shorter than it says");
}

function readLiterals(header: LzfseHeader, stream: Uint8Array): Uint8Array {
  const literals = new Uint8Array(header.literals);
  if (header.literals % 4 !== 0) throw broken("lzfse: literals are not in fours");
  const table = buildFseTable(header.frequencies.subarray(-LZFSE_SYMBOLS[3]), STATES.literal, LITERAL_VALUES);
  const decoders = header.literalStates.map((state) => new FseDecoder(table, state));
  const bits = new BackwardBits(stream, header.literalBitsUnused);
  for (let at = 0; at < literals.length; ) for (const decoder of decoders) literals[at++] = decoder.next(bits);
  return literals;
}
