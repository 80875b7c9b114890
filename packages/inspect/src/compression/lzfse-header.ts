import type { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";

/** Symbols of L, M, D and literals: their frequencies follow one another in this order. */
export const LZFSE_SYMBOLS = [20, 20, 64, 256] as const;
const FREQUENCIES = 360;
const PADDING_BYTES = 2;
const PACKED_BYTES = 32;

export interface LzfseHeader {
  readonly rawBytes: number;
  readonly literals: number;
  readonly matches: number;
  readonly literalBytes: number;
  readonly stepBytes: number;
  readonly literalBitsUnused: number;
  readonly stepBitsUnused: number;
  readonly literalStates: readonly number[];
  readonly lState: number;
  readonly mState: number;
  readonly dState: number;
  readonly frequencies: Uint16Array;
}

/** `bvx1`, behind its magic: every number whole. */
export function readPlainHeader(reader: ByteReader): LzfseHeader {
  const rawBytes = reader.u32();
  const payloadBytes = reader.u32();
  const [literals, matches, literalBytes, stepBytes] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
  if (literalBytes + stepBytes !== payloadBytes) throw broken("lzfse: a block's streams are not its payload");
  const literalBitsUnused = unused(-reader.i32());
  const literalStates = [reader.u16(), reader.u16(), reader.u16(), reader.u16()];
  const stepBitsUnused = unused(-reader.i32());
  const [lState, mState, dState] = [reader.u16(), reader.u16(), reader.u16()];
  const frequencies = Uint16Array.from({ length: FREQUENCIES }, () => reader.u16());
  reader.skip(PADDING_BYTES);
  return {
    rawBytes,
    literals,
    matches,
    literalBytes,
    stepBytes,
    literalBitsUnused,
    stepBitsUnused,
    literalStates,
    lState,
    mState,
    dState,
    frequencies,
  };
}

/** `bvx2`, behind its magic: numbers packed into 64 bits each, frequencies with a code that makes small ones short. */
export function readPackedHeader(reader: ByteReader): LzfseHeader {
  const rawBytes = reader.u32();
  const [first, second, third] = [packed(reader), packed(reader), packed(reader)];
  const headerBytes = third(0, 32);
  if (headerBytes < PACKED_BYTES) throw broken(`lzfse: a header of ${headerBytes} bytes`);
  return {
    rawBytes,
    literals: first(0, 20),
    literalBytes: first(20, 20),
    matches: first(40, 20),
    literalBitsUnused: unused(7 - first(60, 3)),
    literalStates: [second(0, 10), second(10, 10), second(20, 10), second(30, 10)],
    stepBytes: second(40, 20),
    stepBitsUnused: unused(7 - second(60, 3)),
    lState: third(32, 10),
    mState: third(42, 10),
    dState: third(52, 10),
    frequencies: readFrequencies(reader.take(headerBytes - PACKED_BYTES)),
  };
}

function packed(reader: ByteReader): (at: number, bits: number) => number {
  const low = BigInt(reader.u32());
  const value = (BigInt(reader.u32()) << 32n) | low;
  return (at, bits) => Number((value >> BigInt(at)) & ((1n << BigInt(bits)) - 1n));
}

function unused(bits: number): number {
  if (bits < 0 || bits > 7) throw broken(`lzfse: a stream's last byte lacks ${bits} bits`);
  return bits;
}

/** Codes from the lowest bit: 00 and 01 (first bit right) are 0 and 1, longer ones up to 14 bits are larger numbers. No bytes: all are 0. */
function readFrequencies(bytes: Uint8Array): Uint16Array {
  const frequencies = new Uint16Array(FREQUENCIES);
  if (bytes.length === 0) return frequencies;
  let [at, buffer, held] = [0, 0, 0];
  const take = (count: number): number => {
    while (held < count) {
      const byte = bytes[at];
      if (byte === undefined) throw broken("lzfse: a header's frequencies end early");
      buffer |= byte << held;
      at += 1;
      held += 8;
    }
    const value = buffer & (2 ** count - 1);
    buffer >>>= count;
    held -= count;
    return value;
  };
  for (let index = 0; index < FREQUENCIES; index += 1) frequencies[index] = readFrequency(take);
  if (at !== bytes.length) throw broken("lzfse: a header's frequencies end late");
  return frequencies;
}

function readFrequency(take: (count: number) => number): number {
  const short = take(2);
  if (short === 0) return 0;
  if (short === 2) return 1;
  if (short === 1) return take(1) === 0 ? 2 : 3;
  // 11: two more bits for 4 to 7 when the next is 0, else four or ten.
  if (take(1) === 0) return 4 + take(2);
  return take(1) === 0 ? 8 + take(4) : 24 + take(10);
}
