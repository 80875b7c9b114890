import assert from "node:assert/strict";
import { type ByteSource, limitSource, memorySource } from "@distd/core";
import fc from "fast-check";
import type { Verdict } from "../../verify/verdict.ts";
import { watch } from "../watching-source.ts";
import { damage, damages } from "./damage.ts";

const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);
const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 60);
/** How often the whole file may be read. */
const MAX_READS = 8;
const SLACK_BYTES = 64 * 1024;

/** However the bytes are damaged there is a verdict: no exception, no endless reading, and nothing trusted that is not intact. */
export async function assertVerdicts(bytes: Buffer, verify: (source: ByteSource) => Promise<Verdict>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(damages, async (list) => {
      const damaged = damage(bytes, list);
      const watched = watch(memorySource(damaged));
      const { intact, trusted } = await verify(limitSource(watched, Number.POSITIVE_INFINITY));
      assert.ok(trusted !== true || intact === true);
      assert.ok(watched.bytesRead <= MAX_READS * (damaged.length + SLACK_BYTES), `read ${watched.bytesRead} of ${damaged.length}`);
    }),
    { numRuns: RUNS, seed: SEED },
  );
}
