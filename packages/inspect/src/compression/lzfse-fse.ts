// Finite state entropy as LZFSE has it: a state stands for a symbol, and with a few bits of the stream for the next state. Streams are
// written forwards and read backwards, from the highest bit of the last byte.
import { broken } from "../broken.ts";

/** What each symbol stands for: a number, to which so many bits of the stream are added. */
export interface SymbolValues {
  readonly bases: readonly number[];
  readonly extraBits: readonly number[];
}

/** One entry for each state. */
export interface FseTable {
  readonly stateBits: Uint8Array;
  readonly stateBases: Uint16Array;
  readonly valueBits: Uint8Array;
  readonly valueBases: Uint32Array;
}

/** `frequencies` say how many states each symbol has; a stream that is not used may have no table. */
export function buildFseTable(frequencies: Uint16Array, states: number, { bases, extraBits }: SymbolValues): FseTable {
  const sum = frequencies.reduce((total, frequency) => total + frequency, 0);
  if (sum !== states && sum !== 0) throw broken(`lzfse: a table of ${sum} states, not ${states}`);
  const table = {
    stateBits: new Uint8Array(sum),
    stateBases: new Uint16Array(sum),
    valueBits: new Uint8Array(sum),
    valueBases: new Uint32Array(sum),
  };
  let state = 0;
  for (const [symbol, frequency] of frequencies.entries()) {
    // A symbol's states share all next states: the first of them take twice as many each, where the number does not divide.
    const bits = Math.clz32(frequency) - Math.clz32(states);
    const wide = ((2 * states) >> bits) - frequency;
    for (let index = 0; index < frequency; index += 1, state += 1) {
      table.stateBits[state] = index < wide ? bits : bits - 1;
      table.stateBases[state] = index < wide ? ((frequency + index) << bits) - states : (index - wide) << (bits - 1);
      table.valueBits[state] = extraBits[symbol] ?? 0;
      table.valueBases[state] = bases[symbol] ?? symbol;
    }
  }
  return table;
}

/** A stream's bits from the back. */
export class BackwardBits {
  readonly #bytes: Uint8Array;
  #at: number;
  #buffer = 0;
  #held = 0;

  /** `unused` bits of the last byte, its highest, are zero. */
  constructor(bytes: Uint8Array, unused: number) {
    this.#bytes = bytes;
    this.#at = bytes.length;
    if (this.take(unused) !== 0) throw broken("lzfse: a stream begins inside a number");
  }

  /** At most 24 at once. */
  take(count: number): number {
    while (this.#held < count) {
      if (this.#at === 0) throw broken("lzfse: a stream ends early");
      this.#at -= 1;
      this.#buffer = ((this.#buffer << 8) | (this.#bytes[this.#at] as number)) >>> 0;
      this.#held += 8;
    }
    this.#held -= count;
    return (this.#buffer >>> this.#held) & (2 ** count - 1);
  }
}

/** One of the numbers that take turns in a stream. */
export class FseDecoder {
  readonly #table: FseTable;
  #state: number;

  constructor(table: FseTable, state: number) {
    this.#table = table;
    this.#state = state;
  }

  next(bits: BackwardBits): number {
    const { stateBits, stateBases, valueBits, valueBases } = this.#table;
    const state = this.#state;
    const forState = stateBits[state];
    if (forState === undefined) throw broken(`lzfse: state ${state} is in no table`);
    this.#state = (stateBases[state] as number) + bits.take(forState);
    return (valueBases[state] as number) + bits.take(valueBits[state] as number);
  }
}
