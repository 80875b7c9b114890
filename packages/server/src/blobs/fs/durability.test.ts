import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DistError, sha256 } from "@distd/core";
import { type FsOps, nodeFsOps, type OpenFile } from "./fs-ops.ts";
import { openFsBlobStore } from "./index.ts";

/** Calls `before` ahead of every operation, with its name and the path as the store sees it. */
function observed(folder: string, before: (operation: string, path: string) => void): FsOps {
  const short = (path: string): string => path.slice(folder.length + 1) || ".";
  const watch = (path: string, file: OpenFile): OpenFile => ({
    ...file,
    write: (offset, bytes) => (before("write", short(path)), file.write(offset, bytes)),
    sync: () => (before("sync", short(path)), file.sync()),
  });
  return {
    ...nodeFsOps,
    open: async (path, mode) => watch(path, await nodeFsOps.open(path, mode)),
    rename: (from, to) => (before("rename", `${short(from)} ${short(to)}`), nodeFsOps.rename(from, to)),
    makeFolder: (path) => (before("makeFolder", short(path)), nodeFsOps.makeFolder(path)),
    syncFolder: (path) => (before("syncFolder", short(path)), nodeFsOps.syncFolder(path)),
  };
}

const content = new TextEncoder().encode("bytes that must stay");
const digest = sha256(content);

async function store(folder: string, ops: FsOps): Promise<void> {
  const blobs = await openFsBlobStore(folder, ops);
  const staged = await blobs.stage("upl_1");
  try {
    await staged.append(content);
    await staged.sync();
  } finally {
    await staged.close();
  }
  await blobs.promote("upl_1", digest);
}

async function inTemporaryFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "distd-durability-"));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("durability of the file store", () => {
  it("syncs the bytes, renames, then syncs every folder that changed, new ones included", () =>
    inTemporaryFolder(async (folder) => {
      const calls: string[] = [];
      await store(
        folder,
        observed(folder, (operation, path) => void calls.push(`${operation} ${path}`)),
      );
      const shard = `blobs/sha256/${digest.slice(0, 2)}`;
      assert.deepEqual(calls.slice(calls.indexOf("write uploads/upl_1")), [
        "write uploads/upl_1",
        "sync uploads/upl_1",
        `makeFolder ${shard}`,
        "syncFolder blobs/sha256",
        `rename uploads/upl_1 ${shard}/${digest}`,
        `syncFolder ${shard}`,
        "syncFolder uploads",
      ]);
    }));

  it("holds the bytes or nothing when any one call fails, and succeeds when repeated", () =>
    inTemporaryFolder(async (folder) => {
      let failures = 0;
      for (let nth = 1; ; nth++) {
        const place = join(folder, String(nth));
        let left = nth;
        const failing = observed(place, () => {
          left -= 1;
          if (left === 0) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
        });
        try {
          await store(place, failing);
          break;
        } catch (error) {
          assert.ok(error instanceof DistError || (error as { code?: string }).code === "ENOSPC");
          failures += 1;
        }
        const blobs = await openFsBlobStore(place);
        for await (const blob of blobs.list()) {
          assert.equal(blob.digest, digest);
          assert.equal(blob.size, content.length);
        }
        await blobs.discard("upl_1");
        await store(place, nodeFsOps);
        assert.equal(await (await openFsBlobStore(place)).size(digest), content.length);
      }
      assert.ok(failures >= 8, `only ${failures} calls were made to fail`);
    }));

  it("writes no more after a sync failed, because the next one would lie", () =>
    inTemporaryFolder(async (folder) => {
      let isFailing = true;
      const ops = observed(folder, (operation) => {
        if (operation === "sync" && isFailing) throw Object.assign(new Error("i/o error"), { code: "EIO" });
      });
      const blobs = await openFsBlobStore(folder, ops);
      const staged = await blobs.stage("upl_1");
      await staged.append(content);
      await assert.rejects(staged.sync(), { code: "EIO" });
      isFailing = false;
      await assert.rejects(staged.sync(), { code: "server/unavailable" });
      await staged.close();
      await assert.rejects(blobs.promote("upl_1", digest), { code: "server/unavailable" });
    }));

  it("keeps 256 folders of blobs and nothing else beside uploads", () =>
    inTemporaryFolder(async (folder) => {
      await store(folder, nodeFsOps);
      assert.deepEqual(readdirSync(folder).toSorted(), ["blobs", "uploads"]);
      assert.deepEqual(readdirSync(join(folder, "blobs", "sha256")), [digest.slice(0, 2)]);
    }));
});
