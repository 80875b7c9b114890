import { broken } from "../../broken.ts";

/** Bits from the lowest of each byte, as lossless WebP has them. */
export class LowBitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length * 8;
  }

  /** The next bits, at most 24; zeros behind the end. */
  peek(count: number): number {
    const [bytes, at] = [this.#bytes, this.#at >> 3];
    const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    return (word >>> (this.#at & 7)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.#at += count;
    if (this.#at > this.#end) throw broken("the icon's pixels are cut short");
  }

  read(count: number): number {
    const value = this.peek(count);
    this.skip(count);
    return value;
  }
}
