import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { sha256 } from "@distd/core";
import type { BlobStore } from "./blob-store.ts";
import { openFsBlobStore } from "./fs/index.ts";
import { openMemoryBlobStore } from "./memory/index.ts";

const STORES: readonly { readonly name: string; open(folder: string): Promise<BlobStore> }[] = [
  { name: "fs", open: (folder) => openFsBlobStore(folder) },
  { name: "memory", open: async () => openMemoryBlobStore() },
];

const text = new TextEncoder();

async function put(store: BlobStore, upload: string, content: string): Promise<ReturnType<typeof sha256>> {
  const bytes = text.encode(content);
  const staged = await store.stage(upload);
  await staged.append(bytes);
  await staged.sync();
  await staged.close();
  await store.promote(upload, sha256(bytes));
  return sha256(bytes);
}

async function listed(store: BlobStore): Promise<string[]> {
  const digests: string[] = [];
  for await (const { digest } of store.list()) digests.push(digest);
  return digests.toSorted();
}

for (const { name, open } of STORES) {
  describe(`blob store ${name}`, () => {
    const withStore = (body: (store: BlobStore) => Promise<void>) => async () => {
      const folder = mkdtempSync(join(tmpdir(), "distd-blobs-"));
      try {
        await body(await open(folder));
      } finally {
        rmSync(folder, { recursive: true });
      }
    };

    it(
      "gives back what was promoted, whole and in parts",
      withStore(async (store) => {
        const digest = await put(store, "upl_1", "hello world");
        assert.equal(await store.size(digest), 11);
        assert.equal(await store.body(digest, 0, 11).text(), "hello world");
        assert.equal(await store.body(digest, 6, 9).text(), "wor");
        const source = await store.source(digest);
        assert.equal(new TextDecoder().decode(await source.read(0, 5)), "hello");
        await assert.rejects(source.read(8, 4), { code: "artifact/broken" });
        await source.close();
        assert.deepEqual(await store.staged(), []);
      }),
    );

    it(
      "keeps what was staged, also when it is opened again",
      withStore(async (store) => {
        const first = await store.stage("upl_1");
        await first.append(text.encode("hello "));
        await first.sync();
        await first.close();
        const second = await store.stage("upl_1");
        assert.equal(second.length, 6);
        await second.append(text.encode("you"));
        await second.truncate(8);
        assert.equal(second.length, 8);
        const bytes = await second.source().read(0, 8);
        await second.close();
        assert.equal(new TextDecoder().decode(bytes), "hello yo");
        assert.deepEqual(await store.staged(), ["upl_1"]);
      }),
    );

    it(
      "never shows staged bytes as a blob, and drops them on request, also twice",
      withStore(async (store) => {
        const staged = await store.stage("upl_1");
        await staged.append(text.encode("half"));
        await staged.close();
        assert.equal(await store.size(sha256("half")), undefined);
        assert.deepEqual(await listed(store), []);
        await store.discard("upl_1");
        await store.discard("upl_1");
        assert.deepEqual(await store.staged(), []);
      }),
    );

    it(
      "takes the same bytes twice, also at once",
      withStore(async (store) => {
        const [digest] = await Promise.all([put(store, "upl_1", "same"), put(store, "upl_2", "same")]);
        assert.equal(await store.body(digest, 0, 4).text(), "same");
        assert.deepEqual(await listed(store), [digest]);
        assert.deepEqual(await store.staged(), []);
      }),
    );

    it(
      "removes, also what is not there, and lists the rest",
      withStore(async (store) => {
        const gone = await put(store, "upl_1", "gone");
        const kept = await put(store, "upl_2", "kept");
        await store.remove(gone);
        await store.remove(gone);
        assert.equal(await store.size(gone), undefined);
        assert.deepEqual(await listed(store), [kept]);
      }),
    );

    it(
      "stores no bytes under the digest of no bytes",
      withStore(async (store) => {
        const staged = await store.stage("upl_0");
        await staged.sync();
        await staged.close();
        await store.promote("upl_0", sha256(""));
        assert.equal(await store.size(sha256("")), 0);
      }),
    );

    it(
      "says how much room there is",
      withStore(async (store) => {
        const { bytes, totalBytes } = await store.free();
        assert.ok(bytes > 0 && bytes <= totalBytes);
      }),
    );
  });
}
