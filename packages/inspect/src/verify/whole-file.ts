// What lies beside an artifact signs all of it: the hashes that all of them need are begun together, and every byte goes through them once.
import { createHash, type Hash } from "node:crypto";
import type { HashName } from "./public-key.ts";

type WholeFileHash = HashName | "blake2b512";

export class WholeFile {
  /** Bytes. */
  readonly size: number;
  readonly #plain = new Map<WholeFileHash, Hash>();
  readonly #prefixed: Hash[] = [];

  constructor(size: number) {
    this.size = size;
  }

  /** One for all who ask for it: whoever needs more than its digest takes a copy. */
  hash(name: WholeFileHash): Hash {
    const known = this.#plain.get(name) ?? createHash(name);
    this.#plain.set(name, known);
    return known;
  }

  /** Of these bytes, and the file behind them. */
  hashBehind(name: HashName, ...first: readonly Uint8Array[]): Hash {
    const hash = createHash(name);
    for (const bytes of first) hash.update(bytes);
    this.#prefixed.push(hash);
    return hash;
  }

  get hashes(): readonly Hash[] {
    return [...this.#plain.values(), ...this.#prefixed];
  }
}

/** Of all bytes so far; the hash goes on being whoever else's it is. */
export function digestOf(hash: Hash): Buffer {
  return hash.copy().digest();
}
