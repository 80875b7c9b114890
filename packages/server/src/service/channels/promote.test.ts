import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { it } from "node:test";
import { CHANNEL_DOCUMENT_TYPE, channelDocumentSchema, openEnvelope } from "@distd/core/wire";
import { rejectsWith } from "../../test-support/expect-code.ts";
import { describeOnEngines } from "../../test-support/on-engines.ts";
import { makeApp, OWNER, principal, publishFiles, type TestInstance } from "../../test-support/test-instance.ts";
import { reissueChannelDocuments } from "./channel-documents.ts";
import { channelHistory, listChannels } from "./channel-state.ts";
import { promote as promoteService, rollback } from "./promote.ts";
import { channelProblems } from "../store/check-channels.ts";
import { createDraft } from "../releases/drafts.ts";
import { showRelease } from "../releases/releases.ts";
import { withdraw } from "./withdraw.ts";

const promote = (
  instance: TestInstance,
  release: string,
  options: { expect?: number; exact?: boolean; once?: boolean; channel?: string } = {},
) => promoteService(instance, OWNER, "notes", options.channel ?? "beta", { release, exact: false, once: false, ...options });

const versions = (state: { targets: Record<string, { version: string }> }) =>
  Object.fromEntries(Object.entries(state.targets).map(([target, { version }]) => [target, version]));

async function document(instance: TestInstance) {
  const row = await instance.db.read.selectFrom("channel_documents").selectAll().executeTakeFirstOrThrow();
  return channelDocumentSchema.parse(
    JSON.parse(openEnvelope(JSON.parse(row.body), CHANNEL_DOCUMENT_TYPE, [createPublicKey(instance.key)])),
  );
}

describeOnEngines("channels", (withInstance) => {
  const withReleases = (body: (instance: TestInstance) => Promise<void>) =>
    withInstance(async (instance) => {
      await makeApp(instance);
      await publishFiles(instance, "notes", "1.0.0", { "android/any": "a1", "ios/arm64": "i1" });
      instance.advance(1000);
      await publishFiles(instance, "notes", "1.1.0", { "android/any": "a2", "ios/arm64": "i2" });
      instance.advance(1000);
      await publishFiles(instance, "notes", "1.1.1", { "android/any": "a3" });
      await body(instance);
      assert.deepEqual(await channelProblems(instance), []);
    });

  it(
    "replaces the targets a release has and keeps the others; exact drops them",
    withReleases(async (instance) => {
      await promote(instance, "1.1.0");
      const hotfix = await promote(instance, "1.1.1");
      assert.deepEqual(versions(hotfix), { "android/any": "1.1.1", "ios/arm64": "1.1.0" });
      assert.deepEqual(versions(await promote(instance, "1.1.1", { exact: true })), { "android/any": "1.1.1" });
    }),
  );

  it(
    "changes nothing when the release is live already",
    withReleases(async (instance) => {
      const first = await promote(instance, "1.0.0");
      const events = await instance.db.read.selectFrom("audit_events").selectAll().execute();
      assert.deepEqual(await promote(instance, "1.0.0"), first);
      assert.equal((await instance.db.read.selectFrom("audit_events").selectAll().execute()).length, events.length);
    }),
  );

  it(
    "moves only from the sequence that was expected",
    withReleases(async (instance) => {
      const first = await promote(instance, "1.0.0", { expect: 0 });
      assert.equal(first.sequence, 1);
      const error = await rejectsWith("channel/sequence-mismatch", promote(instance, "1.1.0", { expect: 0 }));
      assert.deepEqual(error.details, { expected: 0, sequence: 1 });
      assert.equal((await promote(instance, "1.1.0", { expect: 1 })).sequence, 2);
      await rejectsWith("channel/sequence-mismatch", rollback(instance, OWNER, "notes", "beta", { expect: 1 }));
    }),
  );

  it(
    "leaves a later promotion alone when an old job runs again",
    withReleases(async (instance) => {
      await promote(instance, "1.0.0", { once: true });
      const newer = await promote(instance, "1.1.0", { once: true });
      assert.deepEqual(await promote(instance, "1.0.0", { once: true }), newer);
    }),
  );

  it(
    "rolls back step by step, under rising sequences, until nothing is before",
    withReleases(async (instance) => {
      await promote(instance, "1.0.0");
      await promote(instance, "1.1.0");
      await promote(instance, "1.1.1");
      const once = await rollback(instance, OWNER, "notes", "beta", {});
      assert.equal(once.sequence, 4);
      assert.deepEqual(versions(once), { "android/any": "1.1.0", "ios/arm64": "1.1.0" });
      const twice = await rollback(instance, OWNER, "notes", "beta", {});
      assert.equal(twice.sequence, 5);
      assert.deepEqual(versions(twice), { "android/any": "1.0.0", "ios/arm64": "1.0.0" });
      await rejectsWith("channel/nothing-to-roll-back", rollback(instance, OWNER, "notes", "beta", {}));
      const history = await channelHistory(instance, OWNER.principal, "notes", "beta", { before: undefined, limit: 10 });
      assert.deepEqual(
        history.map(({ sequence, kind }) => `${sequence} ${kind}`),
        ["5 rollback", "4 rollback", "3 promote", "2 promote", "1 promote"],
      );
      assert.equal(history[0]?.version, "1.0.0");
    }),
  );

  it(
    "passes over states with withdrawn releases when it rolls back",
    withReleases(async (instance) => {
      await promote(instance, "1.0.0");
      await promote(instance, "1.1.0");
      await promote(instance, "1.1.1", { exact: true });
      await withdraw(instance, OWNER, "notes", "1.1.0", { status: "yanked", reason: "leaks" });
      assert.deepEqual(versions(await rollback(instance, OWNER, "notes", "beta", {})), { "android/any": "1.0.0", "ios/arm64": "1.0.0" });
    }),
  );

  it(
    "signs a document that says what is live, with files, digests and a sequence that only rises",
    withReleases(async (instance) => {
      await promote(instance, "1.0.0");
      await promote(instance, "1.1.1");
      await rollback(instance, OWNER, "notes", "beta", {});
      const signed = await document(instance);
      assert.equal(signed.sequence, 3);
      assert.deepEqual(Object.keys(signed.heads), ["android/any", "ios/arm64"]);
      assert.deepEqual(
        Object.values(signed.targets)
          .map(({ length, custom }) => `${custom.platform} ${length}`)
          .toSorted(),
        ["android 2", "ios 2"],
      );
      assert.ok(Object.entries(signed.targets).every(([path, { custom }]) => custom.url === `https://dist.test/d/${path}`));
      assert.ok(Date.parse(signed.expires) > Date.parse(signed.issued));
    }),
  );

  it(
    "issues a document anew when it is a day old, under the same sequence",
    withReleases(async (instance) => {
      await promote(instance, "1.0.0");
      const first = await document(instance);
      assert.equal(await reissueChannelDocuments(instance, OWNER), 0);
      instance.advance(25 * 3_600_000);
      assert.equal(await reissueChannelDocuments(instance, OWNER), 1);
      const second = await document(instance);
      assert.equal(second.sequence, first.sequence);
      assert.ok(second.expires > first.expires);
    }),
  );

  it(
    "refuses drafts, withdrawn releases, names that are none, and channels that do not exist",
    withReleases(async (instance) => {
      const draft = await createDraft(instance, OWNER, "notes", { version: "2.0.0" });
      await rejectsWith("release/draft", promote(instance, draft.id));
      await withdraw(instance, OWNER, "notes", "1.0.0", { status: "yanked", reason: "" });
      await rejectsWith("release/withdrawn", promote(instance, "1.0.0"));
      await rejectsWith("release/not-found", promote(instance, "9.9.9"));
      for (const channel of ["releases", "Beta", "1.0", "", "a".repeat(33)])
        await rejectsWith("usage/invalid", promote(instance, "1.1.0", { channel }));
      await rejectsWith("channel/not-found", rollback(instance, OWNER, "notes", "nightly", {}));
    }),
  );

  it(
    "lets a token promote only the channel it names",
    withReleases(async (instance) => {
      const caller = { principal: principal(["promote:beta"]) };
      await promoteService(instance, caller, "notes", "beta", { release: "1.0.0", exact: false, once: false });
      await rejectsWith(
        "auth/forbidden",
        promoteService(instance, caller, "notes", "stable", { release: "1.0.0", exact: false, once: false }),
      );
    }),
  );

  it(
    "needs a replacement to yank what is live, and moves every channel in the same step",
    withReleases(async (instance) => {
      await promote(instance, "1.0.0", { channel: "stable" });
      await promote(instance, "1.1.0");
      await promote(instance, "1.1.0", { channel: "stable" });
      const error = await rejectsWith(
        "release/live",
        withdraw(instance, OWNER, "notes", "1.1.0", { status: "quarantined", reason: "malware" }),
      );
      assert.deepEqual(error.details["channels"], ["beta", "stable"]);
      const release = await withdraw(instance, OWNER, "notes", "1.1.0", { status: "quarantined", reason: "malware", replacement: "1.0.0" });
      assert.equal(release.status, "quarantined");
      assert.equal(release.withdrawal?.reason, "malware");
      const states = await listChannels(instance, OWNER.principal, "notes");
      assert.deepEqual(
        states.map((state) => Object.values(versions(state)).join()),
        ["1.0.0,1.0.0", "1.0.0,1.0.0"],
      );
      const events = await instance.db.read
        .selectFrom("audit_events")
        .select("action")
        .where("action", "=", "release.quarantine")
        .execute();
      assert.equal(events.length, 1);
    }),
  );

  it(
    "never takes a withdrawal back",
    withReleases(async (instance) => {
      await withdraw(instance, OWNER, "notes", "1.1.1", { status: "quarantined", reason: "bad" });
      await withdraw(instance, OWNER, "notes", "1.1.1", { status: "yanked", reason: "not so bad" });
      assert.equal((await showRelease(instance, OWNER.principal, "notes", "1.1.1")).status, "quarantined");
    }),
  );
});
