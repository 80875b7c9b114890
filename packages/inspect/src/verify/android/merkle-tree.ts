// The tree of hashes that fs-verity makes (kernel.org, "fs-verity: read-only file-based authenticity protection"): SHA-256 of every 4 KiB, the
// last block padded with zeros; their hashes, padded to 4 KiB, again, until one block is left. Its hash is the root.
import { createHash } from "node:crypto";
import { broken } from "../../broken.ts";

export const BLOCK_BYTES = 4096;
const HASH_BYTES = 32;
/** Of the lowest level: files up to 4 GiB. */
const MAX_LEVEL_BYTES = 32 * 1024 * 1024;

export class MerkleTree {
  readonly #salt: Uint8Array;
  /** Hashes of the lowest level, padded. */
  readonly #lowest: Buffer;
  #filled = 0;
  #rest: Buffer = Buffer.alloc(0);

  /** `salt` is hashed before every block as it is. */
  constructor(bytes: number, salt: Uint8Array) {
    const level = levelBytes(bytes);
    if (level > MAX_LEVEL_BYTES) throw broken(`a file of ${bytes} bytes is too large for a tree of hashes`);
    this.#salt = salt;
    this.#lowest = Buffer.alloc(level);
  }

  update(piece: Uint8Array): void {
    let bytes = piece;
    if (this.#rest.length > 0) {
      const missing = BLOCK_BYTES - this.#rest.length;
      this.#rest = Buffer.concat([this.#rest, piece.subarray(0, missing)]);
      if (this.#rest.length < BLOCK_BYTES) return;
      this.#add(this.#rest);
      this.#rest = Buffer.alloc(0);
      bytes = piece.subarray(missing);
    }
    const whole = bytes.length - (bytes.length % BLOCK_BYTES);
    for (let at = 0; at < whole; at += BLOCK_BYTES) this.#add(bytes.subarray(at, at + BLOCK_BYTES));
    if (whole < bytes.length) this.#rest = Buffer.from(bytes.subarray(whole));
  }

  /** The levels from the top, as they are stored, and the root's hash. */
  finish(): { readonly root: Uint8Array; readonly levels: readonly Uint8Array[] } {
    if (this.#rest.length > 0) {
      this.#add(Buffer.concat([this.#rest, Buffer.alloc(BLOCK_BYTES - this.#rest.length)]));
      this.#rest = Buffer.alloc(0);
    }
    const levels = [this.#lowest];
    for (let level = this.#lowest; level.length > BLOCK_BYTES; ) {
      const above = Buffer.alloc(levelBytes(level.length));
      for (let at = 0; at < level.length; at += BLOCK_BYTES)
        above.set(this.#hash(level.subarray(at, at + BLOCK_BYTES)), (at / BLOCK_BYTES) * HASH_BYTES);
      levels.unshift(above);
      level = above;
    }
    return { root: this.#hash(levels[0] ?? this.#lowest), levels };
  }

  #add(block: Uint8Array): void {
    this.#lowest.set(this.#hash(block), this.#filled);
    this.#filled += HASH_BYTES;
  }

  #hash(block: Uint8Array): Buffer {
    return createHash("sha256").update(this.#salt).update(block).digest();
  }
}

/** Of the hashes of so many bytes, padded to whole blocks. */
function levelBytes(bytes: number): number {
  const hashes = Math.ceil(bytes / BLOCK_BYTES) * HASH_BYTES;
  return Math.max(1, Math.ceil(hashes / BLOCK_BYTES)) * BLOCK_BYTES;
}
