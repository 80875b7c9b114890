import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DistError } from "@distd/core";
import { withLock } from "./lock.ts";

async function inFolder(body: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "distd-lock-"));
  try {
    await body(join(folder, "lock"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("a lock", () => {
  it("lets one in at a time, says who it is, and leaves nothing", () =>
    inFolder(async (path) => {
      let inside = 0;
      const enter = (): Promise<void> =>
        withLock(path, async () => {
          assert.equal((inside += 1), 1);
          assert.equal(readFileSync(path, "utf8"), String(process.pid));
          await new Promise((resolve) => setTimeout(resolve, 20));
          inside -= 1;
        });
      await Promise.all([enter(), enter(), enter()]);
      assert.deepEqual(readdirSync(join(path, "..")), []);
    }));

  it("of a process that has ended is taken over", () =>
    inFolder(async (path) => {
      const { pid } = spawnSync("true");
      writeFileSync(path, String(pid));
      assert.equal(await withLock(path, async () => "mine", 5_000), "mine");
    }));

  it("of one that is at work is waited for, and not for ever", () =>
    inFolder(async (path) => {
      writeFileSync(path, String(process.pid));
      await assert.rejects(
        withLock(path, async () => assert.fail("two at a time"), 150),
        (error) => error instanceof DistError && error.code === "install/busy",
      );
      assert.ok(existsSync(path));
    }));
});
