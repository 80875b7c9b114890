import { broken } from "../../broken.ts";

/** Bytes that may be missing at the end: the decoder looks ahead of what it needs. */
const LOOKAHEAD = 2;

/** Yes or no by probabilities of 256, as lossy WebP codes everything (RFC 6386 §7). */
export class BoolDecoder {
  readonly #bytes: Uint8Array;
  #at = 2;
  #value: number;
  #range = 255;
  #shifted = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#value = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  }

  bit(probability: number): number {
    const split = 1 + (((this.#range - 1) * probability) >> 8);
    const isSet = this.#value >= split << 8;
    if (isSet) {
      this.#range -= split;
      this.#value -= split << 8;
    } else this.#range = split;
    while (this.#range < 128) {
      this.#value <<= 1;
      this.#range <<= 1;
      this.#shifted += 1;
      if (this.#shifted === 8) this.#load();
    }
    return isSet ? 1 : 0;
  }

  #load(): void {
    if (this.#at >= this.#bytes.length + LOOKAHEAD) throw broken("the icon's pixels are cut short");
    this.#value |= this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    this.#shifted = 0;
  }

  flag(): boolean {
    return this.bit(128) === 1;
  }

  /** Highest bit first. */
  number(bits: number): number {
    let value = 0;
    for (let bit = 0; bit < bits; bit++) value = (value << 1) | this.bit(128);
    return value;
  }

  /** 0 unless it is there; the sign behind it. */
  optional(bits: number): number {
    if (!this.flag()) return 0;
    const value = this.number(bits);
    return this.flag() ? -value : value;
  }
}
