import assert from "node:assert/strict";
import { it } from "node:test";
import { describeOnEngines } from "../test-support/on-engines.ts";
import { makeApp, OWNER, publishFiles, type TestInstance } from "../test-support/test-instance.ts";
import { rejectsWith } from "../test-support/expect-code.ts";
import { act } from "./act.ts";
import { createApp } from "./apps.ts";
import { auditProblems, checkpoint, listAuditEvents } from "./audit.ts";
import { promote, rollback } from "./channels/promote.ts";
import { createToken, revokeToken } from "./tokens.ts";
import { withdraw } from "./channels/withdraw.ts";

describeOnEngines("the audit log", (withInstance) => {
  const withHistory = (body: (instance: TestInstance) => Promise<void>) =>
    withInstance(async (instance) => {
      await makeApp(instance);
      await publishFiles(instance, "notes", "1.0.0", { "android/any": "one" });
      await promote(instance, OWNER, "notes", "beta", { release: "1.0.0", exact: false, once: false });
      await checkpoint(instance);
      await publishFiles(instance, "notes", "1.1.0", { "android/any": "two" });
      await promote(instance, OWNER, "notes", "beta", { release: "1.1.0", exact: false, once: false });
      await rollback(instance, OWNER, "notes", "beta", {});
      await checkpoint(instance);
      await body(instance);
    });

  it(
    "holds exactly one event for each change, in order, and matches its checkpoints",
    withHistory(async (instance) => {
      const token = await createToken(instance, OWNER, { name: "ci", apps: ["notes"], scopes: ["publish"], expiresInSeconds: 60 });
      await revokeToken(instance, OWNER, token.id);
      await revokeToken(instance, OWNER, token.id);
      await withdraw(instance, OWNER, "notes", "1.1.0", { status: "yanked", reason: "" });
      const events = await listAuditEvents(instance, OWNER.principal, { from: 0, limit: 100, app: undefined });
      assert.deepEqual(
        events.map(({ action }) => action),
        (
          "app.create release.create upload.complete release.attach release.publish channel.promote " +
          "release.create upload.complete release.attach release.publish channel.promote channel.rollback " +
          "token.create token.revoke release.yank"
        ).split(" "),
      );
      assert.deepEqual(
        events.map(({ index }) => index),
        events.map((_, index) => index),
      );
      assert.equal(JSON.stringify(events).includes(token.secret), false);
      assert.deepEqual(await auditProblems(instance), []);
    }),
  );

  it(
    "writes nothing for a change that fails",
    withHistory(async (instance) => {
      const before = await instance.db.read.selectFrom("audit_events").selectAll().execute();
      await rejectsWith("app/exists", createApp(instance, OWNER, { slug: "notes", name: "again", access: "members" }));
      assert.deepEqual(await instance.db.read.selectFrom("audit_events").selectAll().execute(), before);
    }),
  );

  it(
    "shows every tampering: a changed field, a changed text, a deleted, swapped or cut-off event, a lost checkpoint",
    withHistory(async (instance) => {
      const all = await instance.db.read.selectFrom("audit_events").selectAll().orderBy("index").execute();
      const head = await instance.db.read.selectFrom("audit_head").selectAll().executeTakeFirstOrThrow();
      const restore = () =>
        instance.db.write(async (tx) => {
          await tx.deleteFrom("audit_events").execute();
          await tx.insertInto("audit_events").values(all).execute();
          await tx.updateTable("audit_head").set(head).execute();
        });
      for (const { index, body } of all) {
        for (const change of [
          { actor: "somebody" },
          { at: "2020-01-01T00:00:00.000Z" },
          { subject: "other" },
          { app: "other" },
          { action: "app.policy" as const },
          { body: body.replace('"at":"2026', '"at":"2025') },
        ]) {
          await instance.db.write(async (tx) => tx.updateTable("audit_events").set(change).where("index", "=", index).execute());
          assert.notDeepEqual(await auditProblems(instance), [], `event ${index}: ${JSON.stringify(change)}`);
          await restore();
        }
        await instance.db.write(async (tx) => tx.deleteFrom("audit_events").where("index", "=", index).execute());
        assert.notDeepEqual(await auditProblems(instance), [], `event ${index} deleted`);
        await restore();
      }
      assert.deepEqual(await auditProblems(instance), []);
      await instance.db.write(async (tx) => {
        await tx.deleteFrom("audit_events").where("index", ">=", 6).execute();
        await tx.updateTable("audit_head").set({ size: 6, peaks: "[]" }).execute();
      });
      assert.ok((await auditProblems(instance)).some((text) => text.includes("covers events that are missing")));
      await restore();
      await instance.db.write(async (tx) => tx.updateTable("audit_checkpoints").set({ note: "forged\n6\nAAAA\n\n" }).execute());
      assert.ok((await auditProblems(instance)).some((text) => text.includes("not signed by this instance's key")));
    }),
  );

  it(
    "answers a repeated request from memory and does nothing twice",
    withHistory(async (instance) => {
      const caller = { ...OWNER, idempotency: { key: "key-12345", fingerprint: "a" } };
      const first = await rollback(instance, { ...OWNER }, "notes", "beta", {}).catch(() => undefined);
      assert.equal(first, undefined);
      const created = await createApp(instance, caller, { slug: "second", name: "Second", access: "public" });
      const events = await instance.db.read.selectFrom("audit_events").selectAll().execute();
      assert.deepEqual(await createApp(instance, caller, { slug: "second", name: "Second", access: "public" }), created);
      assert.equal((await instance.db.read.selectFrom("audit_events").selectAll().execute()).length, events.length);
      await rejectsWith(
        "request/key-reused",
        act(instance, { ...OWNER, idempotency: { key: "key-12345", fingerprint: "b" } }, async () => ({ result: null })),
      );
      await act(
        instance,
        { principal: { ...OWNER.principal, id: "other" }, idempotency: { key: "key-12345", fingerprint: "b" } },
        async () => ({ result: null }),
      );
    }),
  );
});
