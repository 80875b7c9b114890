import assert from "node:assert/strict";
import { it } from "node:test";
import { type Sha256, sha256 } from "@distd/core";
import { rejectsWith } from "../../test-support/expect-code.ts";
import { describeOnEngines } from "../../test-support/on-engines.ts";
import { makeApp, OWNER, publishFiles, requests, type TestInstance, uploadText } from "../../test-support/test-instance.ts";
import { checkStore } from "./check-store.ts";
import { type Collected, collectGarbage, finishCollection } from "./collect-garbage.ts";
import { attach, createDraft } from "../releases/drafts.ts";
import { DAY_MS } from "../instance.ts";
import { publish } from "../releases/publish.ts";
import { createUpload, have } from "../uploads/uploads.ts";

async function collect(instance: TestInstance, dryRun = false): Promise<Collected> {
  const collected = await collectGarbage(instance, OWNER, { dryRun });
  assert.ok(collected, "another collection was under way");
  return collected;
}

describeOnEngines("garbage collection", (withInstance) => {
  const withApp = (body: (instance: TestInstance) => Promise<void>) =>
    withInstance(async (instance) => {
      await makeApp(instance);
      await body(instance);
      assert.deepEqual((await checkStore(instance, { readData: true })).problems, []);
    });

  it(
    "keeps what a release holds and what was uploaded lately; removes the rest, once its lease is over",
    withApp(async (instance) => {
      await publishFiles(instance, "notes", "1.0.0", { "android/any": "kept" });
      const orphan = await uploadText(instance, "notes", "orphan");
      assert.equal((await collect(instance)).blobs, 0);
      instance.advance(DAY_MS + 1);
      assert.deepEqual((await collect(instance, true)).digests, [orphan]);
      assert.equal(await instance.blobs.size(orphan), 6);
      assert.deepEqual(await collect(instance), { blobs: 1, bytes: 6, digests: [orphan] });
      assert.equal(await instance.blobs.size(orphan), undefined);
      assert.equal(await instance.blobs.size(sha256("kept")), 4);
      assert.equal((await collect(instance)).blobs, 0);
    }),
  );

  it(
    "keeps what a 'have' answer promised",
    withApp(async (instance) => {
      const digest = await uploadText(instance, "notes", "promised");
      instance.advance(DAY_MS - 1000);
      assert.deepEqual(await have(instance, OWNER, "notes", [digest]), [digest]);
      instance.advance(2000);
      await collect(instance);
      const draft = await createDraft(instance, OWNER, "notes", { version: "1.0.0" });
      await attach(instance, OWNER, "notes", draft.id, { artifacts: [{ name: "a", digest: `sha256:${digest}` }] });
      await publish(instance, OWNER, "notes", draft.id);
    }),
  );

  it(
    "drops drafts and uploads nobody finished, and their bytes a day later",
    withApp(async (instance) => {
      const draft = await createDraft(instance, OWNER, "notes", { version: "1.0.0", parts: ["android", "ios"] });
      await attach(instance, OWNER, "notes", draft.id, { artifacts: await requests(instance, "notes", { "android/any": "half" }) });
      await createUpload(instance, OWNER, "notes", { sha256: sha256("x"), size: 1, fileName: "x" }, () => false);
      instance.advance(7 * DAY_MS + 1);
      await collect(instance);
      assert.deepEqual(await instance.db.read.selectFrom("uploads").selectAll().execute(), []);
      assert.deepEqual(await instance.db.read.selectFrom("releases").selectAll().execute(), []);
      assert.equal(await instance.blobs.size(sha256("half")), 4);
      instance.advance(DAY_MS + 1);
      assert.equal((await collect(instance)).blobs, 1);
    }),
  );

  it(
    "finishes what an interrupted run had marked, and lets nobody use it meanwhile",
    withApp(async (instance) => {
      const digest = await uploadText(instance, "notes", "orphan");
      await instance.db.write(async (tx) => {
        await tx.updateTable("blobs").set({ state: "deleting" }).execute();
        await tx.deleteFrom("leases").execute();
      });
      assert.deepEqual(await have(instance, OWNER, "notes", [digest]), []);
      await rejectsWith("server/unavailable", uploadText(instance, "notes", "orphan"));
      await finishCollection(instance);
      assert.equal(await instance.blobs.size(digest), undefined);
      assert.equal(await uploadText(instance, "notes", "orphan"), digest);
    }),
  );

  it(
    "runs alone: a second collection steps aside, and bytes that come meanwhile are safe",
    withApp(async (instance) => {
      await uploadText(instance, "notes", "comes again");
      instance.advance(DAY_MS + 1);
      const { remove } = instance.blobs;
      let goOn = (): void => {};
      const held = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      Object.assign(instance.blobs, {
        async remove(digest: Sha256) {
          await held;
          await remove(digest);
        },
      });
      const first = collect(instance);
      while ((await instance.db.read.selectFrom("blobs").select("state").executeTakeFirst())?.state !== "deleting") await Bun.sleep(1);
      assert.equal(await collectGarbage(instance, OWNER, { dryRun: false }), undefined);
      await finishCollection(instance);
      await rejectsWith("server/unavailable", uploadText(instance, "notes", "comes again"));
      goOn();
      assert.equal((await first).blobs, 1);
      await publishFiles(instance, "notes", "1.0.0", { "android/any": "comes again" });
    }),
  );

  it(
    "removes the row of a blob whose file never arrived",
    withApp(async (instance) => {
      const row = { sha256: sha256("never"), size: 5, store_key: "", state: "arriving" as const, created_at: "" };
      await instance.db.write(async (tx) => tx.insertInto("blobs").values(row).execute());
      assert.equal((await collect(instance)).blobs, 1);
    }),
  );

  it(
    "leaves staging areas of unfinished uploads alone and sweeps those without one",
    withApp(async (instance) => {
      const upload = await createUpload(instance, OWNER, "notes", { sha256: sha256("x"), size: 1, fileName: "x" }, () => false);
      for (const id of [upload.id, "upl_stray"]) await (await instance.blobs.stage(id)).close();
      await collect(instance);
      assert.deepEqual(await instance.blobs.staged(), [upload.id]);
    }),
  );
});

describeOnEngines("distd check", (withInstance) => {
  it(
    "names every kind of damage",
    withInstance(async (instance) => {
      await makeApp(instance);
      const release = await publishFiles(instance, "notes", "1.0.0", { "android/any": "one", "ios/any": "two", "linux/x64": "three" });
      const problems = async () => (await checkStore(instance, { readData: true })).problems;
      assert.deepEqual(await problems(), []);

      await instance.blobs.remove(sha256("one"));
      await instance.blobs.remove(sha256("two"));
      const staged = await instance.blobs.stage("upl_x");
      await staged.append(new TextEncoder().encode("TWO"));
      await instance.blobs.promote("upl_x", sha256("two"));
      await staged.close();
      await instance.db.write(async (tx) => tx.deleteFrom("blob_references").where("sha256", "=", sha256("three")).execute());
      const found = (await problems()).toSorted();
      assert.equal(found.length, 3);
      assert.deepEqual(
        found,
        [
          `blob ${sha256("one")} is missing`,
          `blob ${sha256("two")} holds other bytes`,
          `release ${release.id}: 'linux-x64.bin' has no live blob, or nothing keeps it`,
        ].toSorted(),
      );
    }),
  );
});
