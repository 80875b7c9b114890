import { broken } from "../broken.ts";

/** Bits from pieces of bytes, the highest of each byte first. `want` fetches; `bits` never waits, so that decoding a block is fast. */
export class BitReader {
  readonly #pieces: AsyncGenerator<Uint8Array, void, undefined>;
  #bytes: Uint8Array = new Uint8Array();
  #offset = 0;
  #buffer = 0;
  #held = 0;
  #ended = false;

  constructor(pieces: AsyncGenerator<Uint8Array, void, undefined>) {
    this.#pieces = pieces;
  }

  /** Makes `length` bytes available, or all there are. */
  async want(length: number): Promise<void> {
    while (!this.#ended && this.#bytes.length - this.#offset < length) {
      const next = await this.#pieces.next();
      if (next.done === true) this.#ended = true;
      else this.#bytes = new Uint8Array(Buffer.concat([this.#bytes.subarray(this.#offset), next.value]));
      if (next.done !== true) this.#offset = 0;
    }
  }

  /** Whether that many whole bytes are available. */
  has(bytes: number): boolean {
    return this.#bytes.length - this.#offset + this.#held / 8 >= bytes;
  }

  alignToByte(): void {
    this.#held -= this.#held % 8;
  }

  /** At most 24 at once. */
  bits(count: number): number {
    while (this.#held < count) {
      if (this.#offset >= this.#bytes.length) throw broken("bzip2: the data ends early");
      this.#buffer = ((this.#buffer << 8) | (this.#bytes[this.#offset] as number)) >>> 0;
      this.#offset += 1;
      this.#held += 8;
    }
    this.#held -= count;
    return (this.#buffer >>> this.#held) & (2 ** count - 1);
  }
}
