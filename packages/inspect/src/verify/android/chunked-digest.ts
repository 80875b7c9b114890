// The digest of v2 and v3 (source.android.com, "APK Signature Scheme v2", "Integrity-protected contents"): each section is cut into chunks of
// 1 MiB; a chunk is hashed after 0xa5 and its length, and the hashes of all chunks after 0x5a and their number.
import { createHash, type Hash } from "node:crypto";

const CHUNK_BYTES = 1024 * 1024;

export class ChunkedDigest {
  readonly #hash: "sha256" | "sha512";
  readonly #digests: Buffer[] = [];
  #chunk: Hash | undefined;
  #leftInChunk = 0;
  #leftInSection = 0;

  constructor(hash: "sha256" | "sha512") {
    this.#hash = hash;
  }

  /** What follows is a section of so many bytes. */
  startSection(bytes: number): void {
    this.#leftInSection = bytes;
  }

  update(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) {
      this.#chunk ??= this.#startChunk();
      const taken = piece.subarray(at, at + this.#leftInChunk);
      this.#chunk.update(taken);
      at += taken.length;
      this.#leftInChunk -= taken.length;
      this.#leftInSection -= taken.length;
      if (this.#leftInChunk > 0) continue;
      this.#digests.push(this.#chunk.digest());
      this.#chunk = undefined;
    }
  }

  digest(): Uint8Array {
    return createHash(this.#hash).update(withNumber(0x5a, this.#digests.length)).update(Buffer.concat(this.#digests)).digest();
  }

  #startChunk(): Hash {
    this.#leftInChunk = Math.min(CHUNK_BYTES, this.#leftInSection);
    return createHash(this.#hash).update(withNumber(0xa5, this.#leftInChunk));
  }
}

function withNumber(first: number, value: number): Buffer {
  const bytes = Buffer.alloc(5, first);
  bytes.writeUInt32LE(value, 1);
  return bytes;
}
