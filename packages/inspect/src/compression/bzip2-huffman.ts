import { broken } from "../broken.ts";
import type { BitReader } from "./bit-reader.ts";

const MAX_LENGTH = 20;

/** A canonical code: codes of one length are consecutive numbers, in the order of their symbols. */
export interface HuffmanTable {
  readonly shortest: number;
  /** For each length: the first code beyond it, and what to add to a code to find its symbol. */
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
}

export function buildTable(lengths: Uint8Array): HuffmanTable {
  const limits = new Int32Array(MAX_LENGTH + 1);
  const bases = new Int32Array(MAX_LENGTH + 1);
  const symbols: number[] = [];
  let code = 0;
  let shortest = MAX_LENGTH;
  for (let length = 1; length <= MAX_LENGTH; length += 1) {
    bases[length] = symbols.length - code;
    for (const [symbol, own] of lengths.entries()) {
      if (own !== length) continue;
      symbols.push(symbol);
      code += 1;
      shortest = Math.min(shortest, length);
    }
    limits[length] = code;
    code *= 2;
  }
  return { shortest, limits, bases, symbols: Uint16Array.from(symbols) };
}

export function decodeSymbol(table: HuffmanTable, reader: BitReader): number {
  let code = reader.bits(table.shortest);
  for (let length = table.shortest; length <= MAX_LENGTH; length += 1) {
    if (code < (table.limits[length] as number)) {
      const symbol = table.symbols[code + (table.bases[length] as number)];
      if (symbol !== undefined) return symbol;
    }
    if (length < MAX_LENGTH) code = code * 2 + reader.bits(1);
  }
  throw broken("bzip2: a code that stands for nothing");
}
