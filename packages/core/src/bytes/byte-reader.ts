import { DistError } from "../errors/dist-error.ts";
import { decodeUtf8 } from "../text/utf8.ts";

/** A cursor over bytes in memory. Every read is checked against the end; a lie in the bytes is `artifact/broken`, never a crash. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  offset = 0;

  constructor(bytes: Uint8Array, options: { readonly littleEndian: boolean }) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = options.littleEndian;
  }

  get left(): number {
    return this.bytes.length - this.offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), this.#littleEndian);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), this.#littleEndian);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), this.#littleEndian);
  }

  /** Unsigned 64 bits; beyond 2^53-1 no file has such an offset, so it is refused. */
  u64(): number {
    const value = this.#view.getBigUint64(this.#take(8), this.#littleEndian);
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw new DistError("artifact/broken", `a 64-bit number is out of range at ${this.offset - 8}`);
    return Number(value);
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    const start = this.#take(length);
    return this.bytes.subarray(start, start + length);
  }

  /** The next `length` bytes as UTF-8; invalid bytes are an error. */
  text(length: number): string {
    return decodeUtf8(this.take(length));
  }

  seek(offset: number): this {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > this.bytes.length) {
      throw new DistError("artifact/broken", `offset ${offset} lies outside ${this.bytes.length} bytes`);
    }
    this.offset = offset;
    return this;
  }

  skip(length: number): this {
    this.#take(length);
    return this;
  }

  #take(length: number): number {
    const start = this.offset;
    if (!Number.isSafeInteger(length) || length < 0 || length > this.bytes.length - start) {
      throw new DistError("artifact/broken", `${length} bytes wanted at ${start}, ${this.bytes.length - start} left`);
    }
    this.offset = start + length;
    return start;
  }
}
