import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { memorySource } from "@distd/core";
import fc from "fast-check";
import { isBroken } from "../../broken.ts";
import { DEFAULT_LIMITS, readArtifact } from "../../index.ts";
import { watch } from "../watching-source.ts";
import { damages } from "./damage.ts";
import type { FuzzTarget } from "./targets.ts";

const MAX_MS = 5000;
export const MAX_GROWTH_BYTES = 256 * 1024 * 1024;

export interface Outcomes {
  facts: number;
  refused: number;
}

/** Damaged bytes give facts or `artifact/broken`: no other error, no hang, no endless reading. */
async function survives(bytes: Uint8Array, name: string): Promise<keyof Outcomes> {
  const started = performance.now();
  const source = watch(memorySource(bytes));
  let outcome: keyof Outcomes = "facts";
  try {
    const { facts } = await readArtifact(source, name);
    assert.ok(JSON.stringify(facts).isWellFormed());
  } catch (thrown) {
    assert.ok(isBroken(thrown) && thrown.code === "artifact/broken", `threw ${(thrown as Error).stack}`);
    outcome = "refused";
  }
  const elapsed = performance.now() - started;
  assert.ok(elapsed < MAX_MS, `took ${elapsed} ms`);
  assert.ok(source.bytesRead <= 2 * DEFAULT_LIMITS.maxReadBytes, `read ${source.bytesRead} bytes`);
  return outcome;
}

/** Damages a target so many times. A failure throws with the seed and the smallest damage that shows it. */
export async function fuzz(target: FuzzTarget, runs: number, seed: number): Promise<Outcomes> {
  const outcomes = { facts: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(damages, async (list) => {
      outcomes[await survives(target.make(list), target.fixture)] += 1;
    }),
    { numRuns: runs, seed },
  );
  // Nothing here waits for the system, and some garbage is only let go when the event loop turns.
  await setImmediate();
  return outcomes;
}
