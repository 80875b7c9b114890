// One pass over a file, however many look at it: hashes of the whole, and stretches of it.
import { createHash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import type { HashName } from "../public-key.ts";
import type { VerdictProblem } from "../verdict.ts";
import type { Stretch } from "./macho/code-sweep.ts";

const CHUNK_BYTES = 1024 * 1024;

export interface SweepPlan {
  readonly hashes: ReadonlySet<HashName>;
  readonly stretches: readonly Stretch[];
}

export interface Swept {
  readonly digests: ReadonlyMap<HashName, Buffer>;
  readonly problems: readonly VerdictProblem[];
}

/** `source` may be one that only goes forward. */
export async function sweep(source: ByteSource, { hashes, stretches }: SweepPlan): Promise<Swept> {
  const running = new Map([...hashes].map((name) => [name, createHash(name)]));
  const end = running.size > 0 ? source.size : Math.max(0, ...stretches.map(({ offset, bytes }) => offset + bytes));
  const stop = Math.min(end, source.size);
  for (let offset = 0; offset < stop; offset += CHUNK_BYTES) {
    const chunk = await source.read(offset, Math.min(CHUNK_BYTES, stop - offset));
    for (const hash of running.values()) hash.update(chunk);
    for (const stretch of stretches) {
      const from = Math.max(0, stretch.offset - offset);
      const until = Math.min(chunk.length, stretch.offset + stretch.bytes - offset);
      if (from < until) stretch.take(chunk.subarray(from, until));
    }
  }
  return {
    digests: new Map([...running].map(([name, hash]) => [name, hash.digest()])),
    problems: stretches.flatMap((stretch) => stretch.finish()),
  };
}
