import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { memorySource } from "@distd/core";
import { rejectsWith } from "../test-support/expect-code.ts";
import { startInspectChild } from "./child-process.ts";
import { CHILD_LIMITS } from "./limits.ts";
import { createInspectionPool, type InspectionPool } from "./inspection-pool.ts";

const sample = join(import.meta.dirname, "../../../../examples/quickstart/builds/1.4.0/notes.apk");
const misbehaving = [process.execPath, join(import.meta.dirname, "../test-support/misbehaving-child.ts")];
const nothing = memorySource(new Uint8Array(8));

async function withPool(pool: InspectionPool, body: (pool: InspectionPool) => Promise<void>): Promise<void> {
  try {
    await body(pool);
  } finally {
    pool.close();
  }
}
const badPool = (maxWorkMs = 300): InspectionPool =>
  createInspectionPool(() => startInspectChild(misbehaving, { ...CHILD_LIMITS, maxWorkMs }));

describe("inspection in a process of its own", () => {
  it("reads the facts of an artifact, asking for bytes", () =>
    withPool(createInspectionPool(), async (pool) => {
      const { facts } = await pool.inspect(memorySource(readFileSync(sample)), "notes.apk");
      assert.deepEqual([facts.format, facts.identifier, facts.version], ["apk", "test.acme.notes", "1.4.0"]);
    }));

  it("passes refusals on, with their code and words", () =>
    withPool(createInspectionPool(), async (pool) => {
      const error = await rejectsWith("artifact/broken", pool.inspect(memorySource(new Uint8Array(100)), "notes.apk"));
      assert.ok(error.message.length > 10);
    }));

  it("uses a child again", () =>
    withPool(badPool(), async (pool) => {
      const first = await pool.inspect(nothing, "fine");
      const second = await pool.inspect(nothing, "fine");
      assert.equal(first.facts.format, second.facts.format);
    }));

  it("reads several artifacts at once, and all of many", () =>
    withPool(createInspectionPool(), async (pool) => {
      const bytes = readFileSync(sample);
      const all = await Promise.all(Array.from({ length: 12 }, () => pool.inspect(memorySource(bytes), "notes.apk")));
      assert.ok(all.every(({ facts }) => facts.build === "412"));
    }));

  for (const [name, reason, maxWorkMs] of [
    ["spin", /more than 0\.3 s/, 300],
    ["grow", /more than 256 MiB/, 30_000],
    ["crash", /ended the process/, 300],
  ] as const) {
    it(`refuses an artifact that makes the reader ${name}, and goes on with the next`, () =>
      withPool(badPool(maxWorkMs), async (pool) => {
        const error = await rejectsWith("artifact/broken", pool.inspect(nothing, name));
        assert.match(error.message, reason);
        assert.ok((await pool.inspect(nothing, "fine")).facts.format);
      }));
  }

  it("does not count time spent waiting for bytes", () =>
    withPool(badPool(), async (pool) => {
      let answered = false;
      const slow = {
        size: 8,
        async read() {
          await Bun.sleep(600);
          answered = true;
          return new Uint8Array(1);
        },
      };
      const waiting = pool.inspect(slow, "wait");
      await Promise.race([waiting.catch(() => {}), Bun.sleep(700)]);
      assert.equal(answered, true);
      await rejectsWith("artifact/broken", waiting);
    }));
});
