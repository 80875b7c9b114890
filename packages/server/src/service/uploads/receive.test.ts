import assert from "node:assert/strict";
import { it } from "node:test";
import { DistError, sha256 } from "@distd/core";
import { rejectsWith } from "../../test-support/expect-code.ts";
import { describeOnEngines } from "../../test-support/on-engines.ts";
import { bodyOf, makeApp, OWNER, principal, type TestInstance, uploadText } from "../../test-support/test-instance.ts";
import { createReceiver } from "./receive.ts";
import { createUpload, have, openUpload, type UploadRow } from "./uploads.ts";

const bytes = new TextEncoder().encode("0123456789");
const announced = { sha256: sha256(bytes), size: bytes.length, fileName: "ten.bin" };

const begin = (instance: TestInstance, input = announced, caller = OWNER): Promise<UploadRow> =>
  createUpload(instance, caller, "notes", input, instance.receiver.isBusy);

const reopen = (instance: TestInstance, upload: UploadRow) => openUpload(instance, OWNER.principal, "notes", upload.id);

async function* dies(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
  throw new Error("the connection is gone");
}

describeOnEngines("uploads", (withInstance) => {
  const withUpload = (body: (instance: TestInstance, upload: UploadRow) => Promise<void>) =>
    withInstance(async (instance) => {
      await makeApp(instance);
      await body(instance, await begin(instance));
    });

  it(
    "stores what came in pieces under its digest",
    withUpload(async (instance, upload) => {
      assert.equal(await instance.receiver.receive(OWNER, upload, 0, bodyOf(bytes.slice(0, 4))), 4);
      assert.equal(
        await instance.receiver.receive(OWNER, await reopen(instance, upload), 4, bodyOf(bytes.slice(4, 5), bytes.slice(5))),
        10,
      );
      assert.equal(await instance.blobs.body(announced.sha256, 0, 10).text(), "0123456789");
      await rejectsWith("upload/not-found", reopen(instance, upload));
      const blob = await instance.db.read.selectFrom("blobs").selectAll().executeTakeFirstOrThrow();
      assert.deepEqual([blob.state, blob.size, blob.store_key], ["live", 10, instance.blobs.traits.key(announced.sha256)]);
    }),
  );

  it(
    "keeps what came before the connection broke, and goes on there",
    withUpload(async (instance, upload) => {
      await assert.rejects(instance.receiver.receive(OWNER, upload, 0, dies(bytes.slice(0, 6))), /connection is gone/);
      const again = await begin(instance);
      assert.equal(again.id, upload.id);
      assert.equal(await instance.receiver.offset(again), 6);
      await instance.receiver.receive(OWNER, again, 6, bodyOf(bytes.slice(6)));
      assert.equal(await instance.blobs.size(announced.sha256), 10);
    }),
  );

  it(
    "goes on after a restart from what was durable, computing the digest anew",
    withUpload(async (instance, upload) => {
      await assert.rejects(instance.receiver.receive(OWNER, upload, 0, dies(bytes.slice(0, 6))));
      const restarted = createReceiver(instance);
      const row = await reopen(instance, upload);
      assert.equal(await restarted.offset(row), 6);
      await restarted.receive(OWNER, row, 6, bodyOf(bytes.slice(6)));
      assert.equal(await instance.blobs.size(announced.sha256), 10);
    }),
  );

  it(
    "after a restart does not trust bytes beyond what was recorded as durable",
    withUpload(async (instance, upload) => {
      const staged = await instance.blobs.stage(upload.id);
      await staged.append(new TextEncoder().encode("garbage"));
      await staged.close();
      const restarted = createReceiver(instance);
      assert.equal(await restarted.offset(upload), 0);
      await restarted.receive(OWNER, upload, 0, bodyOf(bytes));
      assert.equal(await instance.blobs.body(announced.sha256, 0, 10).text(), "0123456789");
    }),
  );

  it(
    "refuses a wrong offset with the right one, more bytes than announced, and two writers at a time",
    withUpload(async (instance, upload) => {
      const error = await rejectsWith("upload/offset-mismatch", instance.receiver.receive(OWNER, upload, 3, bodyOf(bytes)));
      assert.equal(error.details["offset"], 0);
      await rejectsWith("upload/too-large", instance.receiver.receive(OWNER, upload, 0, bodyOf(bytes, bytes)));
      const row = await reopen(instance, upload);
      const offset = await instance.receiver.offset(row);
      const first = instance.receiver.receive(OWNER, row, offset, bodyOf());
      await rejectsWith("upload/busy", instance.receiver.receive(OWNER, row, offset, bodyOf()));
      await first;
    }),
  );

  it(
    "drops bytes that do not have the digest announced, and keeps nothing",
    withUpload(async (instance, upload) => {
      const wrong = new TextEncoder().encode("9876543210");
      const error = await rejectsWith("blob/digest-mismatch", instance.receiver.receive(OWNER, upload, 0, bodyOf(wrong)));
      assert.equal(error.details["got"], sha256(wrong));
      await rejectsWith("upload/not-found", reopen(instance, upload));
      assert.deepEqual(await instance.blobs.staged(), []);
      assert.deepEqual(await instance.db.read.selectFrom("blobs").selectAll().execute(), []);
    }),
  );

  it(
    "keeps the bytes when it could not look at them, and finishes with the next request",
    withUpload(async (instance, upload) => {
      const { inspect } = instance;
      Object.assign(instance, { inspect: () => Promise.reject(new DistError("server/failed", "no process could be started")) });
      await rejectsWith("server/failed", instance.receiver.receive(OWNER, upload, 0, bodyOf(bytes)));
      Object.assign(instance, { inspect });
      const again = await begin(instance);
      assert.equal(again.id, upload.id);
      const offset = await instance.receiver.offset(again);
      await instance.receiver.receive(OWNER, again, offset, bodyOf(bytes.slice(offset)));
      assert.equal(await instance.blobs.size(announced.sha256), 10);
    }),
  );

  it(
    "takes an empty file",
    withInstance(async (instance) => {
      await makeApp(instance);
      assert.equal(await uploadText(instance, "notes", ""), sha256(""));
      assert.equal(await instance.blobs.size(sha256("")), 0);
    }),
  );

  it(
    "shows an upload to nobody but who began it",
    withUpload(async (instance, upload) => {
      const stranger = principal(["publish"]);
      await rejectsWith("upload/not-found", openUpload(instance, stranger, "notes", upload.id));
      const own = await begin(instance, announced, { principal: stranger });
      assert.notEqual(own.id, upload.id);
    }),
  );

  it(
    "says 'have' only for bytes this app holds or was given",
    withInstance(async (instance) => {
      await makeApp(instance, "notes");
      await makeApp(instance, "other");
      const digest = await uploadText(instance, "other", "secret build");
      assert.deepEqual(await have(instance, OWNER, "notes", [digest]), []);
      assert.deepEqual(await have(instance, OWNER, "other", [digest, sha256("never seen")]), [digest]);
      await uploadText(instance, "notes", "secret build");
      assert.deepEqual(await have(instance, OWNER, "notes", [digest]), [digest]);
    }),
  );

  it(
    "asks for bytes whose file was lost, and is whole again when they come",
    withInstance(async (instance) => {
      await makeApp(instance);
      const digest = await uploadText(instance, "notes", "lost and found");
      await instance.blobs.remove(digest);
      assert.deepEqual(await have(instance, OWNER, "notes", [digest]), []);
      await uploadText(instance, "notes", "lost and found");
      assert.equal(await instance.blobs.size(digest), 14);
      assert.deepEqual(await have(instance, OWNER, "notes", [digest]), [digest]);
    }),
  );

  it(
    "revives nothing that is being deleted, however late its lease ended",
    withUpload(async (instance, upload) => {
      const { promote } = instance.blobs;
      Object.assign(instance.blobs, {
        async promote(id: string, digest: typeof announced.sha256) {
          await promote(id, digest);
          await instance.db.write(async (tx) => tx.updateTable("blobs").set({ state: "deleting" }).execute());
        },
      });
      await rejectsWith("server/unavailable", instance.receiver.receive(OWNER, upload, 0, bodyOf(bytes)));
      assert.deepEqual(
        (await instance.db.read.selectFrom("blobs").select("state").execute()).map(({ state }) => state),
        ["deleting"],
      );
    }),
  );

  it(
    "refuses what does not fit the app's quota, and counts each blob once",
    withInstance(async (instance) => {
      await makeApp(instance);
      await instance.db.write(async (tx) => tx.updateTable("apps").set({ quota_bytes: 25 }).execute());
      await uploadText(instance, "notes", "0123456789");
      await uploadText(instance, "notes", "abcdefghij");
      const error = await rejectsWith("store/quota-exceeded", uploadText(instance, "notes", "ABCDEFGHIJ"));
      assert.deepEqual(error.details, { used: 20, wanted: 10, quota: 25 });
    }),
  );

  it(
    "refuses what does not fit the disk",
    withInstance(async (instance) => {
      await makeApp(instance);
      Object.assign(instance.blobs, { free: async () => ({ bytes: 60, totalBytes: 1000 }) });
      await uploadText(instance, "notes", "0123456789");
      await rejectsWith("store/no-room", uploadText(instance, "notes", "0123456789a"));
    }),
  );

  it(
    "refuses file names that are none",
    withInstance(async (instance) => {
      await makeApp(instance);
      for (const fileName of ["", "..", "a/b", "a\\b", "a\u0000", "a\r\nb", "\u202egpj.exe", "x".repeat(256)]) {
        await rejectsWith("usage/invalid", begin(instance, { ...announced, fileName }));
      }
    }),
  );
});
