import { broken } from "../broken.ts";

/** What a decoder of the LZ family has written so far: literals, and copies of what came before. Never longer than announced. */
export class LzWindow {
  readonly #bytes: Uint8Array;
  readonly #codec: string;
  #length = 0;

  constructor(maxBytes: number, codec: string) {
    this.#bytes = new Uint8Array(maxBytes);
    this.#codec = codec;
  }

  get length(): number {
    return this.#length;
  }

  literals(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  copy(distance: number, count: number): void {
    if (distance === 0 || distance > this.#length) throw broken(`${this.#codec}: a copy from before the beginning`);
    this.#reserve(count);
    const start = this.#length;
    if (distance >= count) this.#bytes.copyWithin(start, start - distance, start - distance + count);
    // Byte by byte: the copy overlaps itself.
    else for (let at = start; at < start + count; at += 1) this.#bytes[at] = this.#bytes[at - distance] as number;
    this.#length = start + count;
  }

  content(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    if (count > this.#bytes.length - this.#length) throw broken(`${this.#codec}: the data is longer than ${this.#bytes.length} bytes`);
  }
}
