// A short run over every target; `npm run fuzz` is the long one. DIST_FUZZ_RUNS sets how often per target.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FORMATS } from "./index.ts";
import { fuzz, MAX_GROWTH_BYTES } from "./test-support/fuzz/survives.ts";
import { fuzzTargets } from "./test-support/fuzz/targets.ts";

const RUNS = Number(process.env["DIST_FUZZ_RUNS"] ?? 60);
const SEED = Number(process.env["DIST_FUZZ_SEED"] ?? 20261120);

describe("damaged artifacts give facts or are refused as broken", () => {
  for (const { id: format } of FORMATS.filter(({ id }) => id !== "file")) {
    it(format, async () => {
      const before = process.memoryUsage().rss;
      const targets = await fuzzTargets(format);
      assert.ok(targets.length > 0);
      for (const target of targets) await fuzz(target, RUNS, SEED);
      const growth = process.memoryUsage().rss - before;
      assert.ok(growth < MAX_GROWTH_BYTES, `memory grew by ${growth} bytes`);
    });
  }
});
