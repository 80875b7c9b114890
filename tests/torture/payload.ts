import { createCipheriv, createHash } from "node:crypto";
import type { Random } from "./random.ts";

/** A file that is never kept: its bytes are made again from its key whenever they are needed. */
export interface Payload {
  readonly key: string;
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** No inspector knows a format that begins like this, so random bytes are never taken for a broken package. */
const HEAD = Buffer.from("torture payload of no known format\n");

export function createPayload(key: string, size: number): Payload {
  return { key, size, sha256: createHash("sha256").update(payloadBytes({ key, size })).digest("hex") };
}

export function payloadBytes({ key, size }: Pick<Payload, "key" | "size">): Buffer {
  const secret = createHash("sha256").update(key).digest().subarray(0, 16);
  const bytes = createCipheriv("aes-128-ctr", secret, Buffer.alloc(16)).update(Buffer.alloc(size));
  HEAD.copy(bytes);
  return bytes;
}

/** Empty, tiny, and from there on every magnitude equally often, because faults hide at the ends and at chunk borders. */
export function randomSize(random: Random, maxBytes: number): number {
  if (random.chance(0.04)) return 0;
  if (random.chance(0.04)) return 1 + random.below(64);
  return Math.floor(Math.exp(Math.log(64) + random.fraction() * (Math.log(maxBytes) - Math.log(64))));
}
