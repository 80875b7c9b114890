import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { it } from "node:test";
import { rejectsWith } from "../../test-support/expect-code.ts";
import { describeOnEngines } from "../../test-support/on-engines.ts";
import { makeApp, OWNER, publishFiles, requests, uploadText } from "../../test-support/test-instance.ts";
import { setPolicy } from "../app-policy.ts";
import { attach, createDraft } from "./drafts.ts";
import { publish } from "./publish.ts";
import { listReleases, showRelease } from "./releases.ts";

const android = { "android/any": "apk bytes" };
const both = { "android/any": "apk bytes", "linux/x64": "elf bytes" };

describeOnEngines("publishing", (withInstance) => {
  it(
    "makes a draft visible with all its artifacts in one step",
    withInstance(async (instance) => {
      await makeApp(instance);
      const draft = await createDraft(instance, OWNER, "notes", { version: "1.0.0", build: 7, notes: "first" });
      await attach(instance, OWNER, "notes", draft.id, { artifacts: await requests(instance, "notes", both) });
      assert.deepEqual(
        (await listReleases(instance, { ...OWNER.principal, scopes: ["read"] }, "notes", { before: undefined, limit: 10 })).length,
        0,
      );
      const release = await publish(instance, OWNER, "notes", draft.id);
      assert.equal(release.status, "published");
      assert.equal(release.revision, 1);
      assert.equal(release.build, "7");
      assert.deepEqual(
        release.artifacts.map(({ platform, arch }) => `${platform}/${arch}`),
        ["android/any", "linux/x64"],
      );
    }),
  );

  it(
    "gives identical content the same ids, whatever its notes",
    withInstance(async (instance) => {
      await makeApp(instance);
      const first = await publishFiles(instance, "notes", "1.0.0", both);
      const draft = await createDraft(instance, OWNER, "notes", { version: "v1.0.0", notes: "another CI run" });
      await attach(instance, OWNER, "notes", draft.id, { artifacts: await requests(instance, "notes", both) });
      const second = await publish(instance, OWNER, "notes", draft.id);
      assert.deepEqual(second, first);
      assert.deepEqual((await showRelease(instance, OWNER.principal, "notes", draft.id)).id, first.id);
    }),
  );

  it(
    "makes the next revision of a new coordinate, with everything published before",
    withInstance(async (instance) => {
      await makeApp(instance);
      const first = await publishFiles(instance, "notes", "1.0.0", android);
      const second = await publishFiles(instance, "notes", "1.0.0", { "linux/x64": "elf bytes" });
      assert.equal(second.revision, 2);
      assert.notEqual(second.id, first.id);
      assert.deepEqual(
        second.artifacts.map(({ id }) => id).filter((id) => first.artifacts.some((old) => old.id === id)),
        first.artifacts.map(({ id }) => id),
      );
      assert.equal((await showRelease(instance, OWNER.principal, "notes", first.id)).artifacts.length, 1);
      assert.equal((await showRelease(instance, OWNER.principal, "notes", "1.0.0")).id, second.id);
      assert.equal((await publishFiles(instance, "notes", "1.0.0", android)).id, first.id);
    }),
  );

  it(
    "keeps the ids of what a new revision repeats",
    withInstance(async (instance) => {
      await makeApp(instance);
      const first = await publishFiles(instance, "notes", "1.0.0", android);
      const second = await publishFiles(instance, "notes", "1.0.0", both);
      assert.equal(second.artifacts.length, 2);
      assert.ok(second.artifacts.some(({ id }) => id === first.artifacts[0]?.id));
    }),
  );

  it(
    "refuses other content at a coordinate, naming the release that has it, and leaves everything as it was",
    withInstance(async (instance) => {
      await makeApp(instance);
      const first = await publishFiles(instance, "notes", "1.0.0", android);
      const error = await rejectsWith("release/conflict", publishFiles(instance, "notes", "1.0.0", { "android/any": "other bytes" }));
      assert.equal(error.details["release"], first.id);
      assert.deepEqual(await showRelease(instance, OWNER.principal, "notes", "1.0.0"), first);
    }),
  );

  it(
    "takes the same version with another build as another release",
    withInstance(async (instance) => {
      await makeApp(instance);
      const first = await publishFiles(instance, "notes", "1.0.0", android, "1");
      const second = await publishFiles(instance, "notes", "1.0.0", { "android/any": "other bytes" }, "2");
      assert.notEqual(second.id, first.id);
      assert.equal(second.revision, 1);
    }),
  );

  it(
    "refuses an empty draft and changes to a published release",
    withInstance(async (instance) => {
      await makeApp(instance);
      const empty = await createDraft(instance, OWNER, "notes", { version: "1.0.0" });
      await rejectsWith("release/incomplete", publish(instance, OWNER, "notes", empty.id));
      const release = await publishFiles(instance, "notes", "1.0.0", android);
      const late = await requests(instance, "notes", { "linux/x64": "late" });
      await rejectsWith("release/published", attach(instance, OWNER, "notes", release.id, { artifacts: late }));
    }),
  );

  it(
    "attaches all or none, and one coordinate once",
    withInstance(async (instance) => {
      await makeApp(instance);
      const draft = await createDraft(instance, OWNER, "notes", { version: "1.0.0" });
      const [good] = await requests(instance, "notes", android);
      const missing = { name: "b", digest: `sha256:${"0".repeat(64)}`, platform: "linux" as const };
      await rejectsWith("blob/missing", attach(instance, OWNER, "notes", draft.id, { artifacts: [good as never, missing] }));
      assert.equal((await showRelease(instance, OWNER.principal, "notes", draft.id)).artifacts.length, 0);
      await attach(instance, OWNER, "notes", draft.id, { artifacts: [good as never] });
      await attach(instance, OWNER, "notes", draft.id, { artifacts: [good as never] });
      const twin = await requests(instance, "notes", { "android/any": "twin" });
      await rejectsWith("release/conflict", attach(instance, OWNER, "notes", draft.id, { artifacts: twin }));
    }),
  );

  it(
    "takes only bytes that were uploaded for this app: knowing a digest gives nothing",
    withInstance(async (instance) => {
      await makeApp(instance, "notes");
      await makeApp(instance, "other");
      const digest = await uploadText(instance, "other", "secret build");
      const draft = await createDraft(instance, OWNER, "notes", { version: "1.0.0" });
      await rejectsWith(
        "blob/missing",
        attach(instance, OWNER, "notes", draft.id, { artifacts: [{ name: "x", digest: `sha256:${digest}` }] }),
      );
    }),
  );

  it(
    "refuses what the bytes contradict",
    withInstance(async (instance) => {
      await makeApp(instance);
      const draft = await createDraft(instance, OWNER, "notes", { version: "1.0.0" });
      const digest = await uploadText(instance, "notes", "plain");
      await rejectsWith(
        "artifact/contradiction",
        attach(instance, OWNER, "notes", draft.id, { artifacts: [{ name: "x", digest: `sha256:${digest}`, format: "apk" }] }),
      );
    }),
  );

  it(
    "refuses a broken artifact before anything is stored",
    withInstance(async (instance) => {
      await makeApp(instance);
      await rejectsWith("artifact/broken", uploadText(instance, "notes", "not a zip", "notes.apk"));
      assert.deepEqual(await instance.db.read.selectFrom("blobs").selectAll().execute(), []);
      assert.deepEqual(await instance.db.read.selectFrom("uploads").selectAll().execute(), []);
      assert.deepEqual(await instance.blobs.staged(), []);
    }),
  );
});

describeOnEngines("many jobs, one release", (withInstance) => {
  const parts = ["android", "ios", "linux/x64"];

  it(
    "gives all jobs one draft, which the job that completes the set publishes",
    withInstance(async (instance) => {
      await makeApp(instance);
      const drafts = await Promise.all(parts.map(() => createDraft(instance, OWNER, "notes", { version: "1.0.0", parts })));
      assert.equal(new Set(drafts.map(({ id }) => id)).size, 1);
      const { id } = drafts[0] as { id: string };
      const job = async (target: string) => {
        await attach(instance, OWNER, "notes", id, { artifacts: await requests(instance, "notes", { [target]: target }) });
        return publish(instance, OWNER, "notes", id);
      };
      const incomplete = await rejectsWith("release/incomplete", job("android/any"));
      assert.deepEqual(incomplete.details["missing"], ["ios", "linux/x64"]);
      await rejectsWith("release/incomplete", job("linux/x64"));
      const release = await job("ios/arm64");
      assert.equal(release.artifacts.length, 3);
      const again = await publish(instance, OWNER, "notes", id);
      assert.deepEqual(again, release);
    }),
  );

  it(
    "publishes exactly once when the last jobs end at the same time",
    withInstance(async (instance) => {
      await makeApp(instance);
      const { id } = await createDraft(instance, OWNER, "notes", { version: "1.0.0", parts });
      const files = await Promise.all(
        ["android/any", "ios/arm64", "linux/x64"].map((target) => requests(instance, "notes", { [target]: target })),
      );
      const outcomes = await Promise.allSettled(
        files.map(async (artifacts) => {
          await attach(instance, OWNER, "notes", id, { artifacts });
          return publish(instance, OWNER, "notes", id);
        }),
      );
      const published = outcomes.filter((outcome) => outcome.status === "fulfilled").map(({ value }) => value);
      assert.ok(published.length >= 1);
      assert.equal(new Set(published.map((release) => JSON.stringify(release))).size, 1);
      const events = await instance.db.read.selectFrom("audit_events").selectAll().where("action", "=", "release.publish").execute();
      assert.equal(events.length, 1);
    }),
  );

  it(
    "takes a named part as complete when its job says so, not when a file of it is there",
    withInstance(async (instance) => {
      await makeApp(instance);
      const { id } = await createDraft(instance, OWNER, "notes", { version: "1.0.0", parts: ["phones", "servers"] });
      const phones = await attach(instance, OWNER, "notes", id, {
        artifacts: await requests(instance, "notes", { "android/any": "a" }),
        part: "phones",
      });
      assert.deepEqual(phones.missing, ["servers"]);
    }),
  );

  it(
    "lets one job of a finished release run again",
    withInstance(async (instance) => {
      await makeApp(instance);
      const first = await createDraft(instance, OWNER, "notes", { version: "1.0.0", parts: ["android", "linux"] });
      await attach(instance, OWNER, "notes", first.id, {
        artifacts: await requests(instance, "notes", { "android/any": "a", "linux/x64": "b" }),
      });
      const release = await publish(instance, OWNER, "notes", first.id);
      const again = await createDraft(instance, OWNER, "notes", { version: "1.0.0", parts: ["android", "linux"] });
      await attach(instance, OWNER, "notes", again.id, { artifacts: await requests(instance, "notes", { "android/any": "a" }) });
      assert.equal((await publish(instance, OWNER, "notes", again.id)).id, release.id);
    }),
  );

  it(
    "lets a job attach again what another job has just published with it",
    withInstance(async (instance) => {
      await makeApp(instance);
      const { id } = await createDraft(instance, OWNER, "notes", { version: "1.0.0", parts: ["android", "linux"] });
      const phone = await requests(instance, "notes", { "android/any": "a" });
      await attach(instance, OWNER, "notes", id, { artifacts: phone, part: "android" });
      await attach(instance, OWNER, "notes", id, { artifacts: await requests(instance, "notes", { "linux/x64": "b" }), part: "linux" });
      const release = await publish(instance, OWNER, "notes", id);
      assert.deepEqual(await attach(instance, OWNER, "notes", id, { artifacts: phone, part: "android" }), release);
      const other = await requests(instance, "notes", { "android/any": "other bytes" });
      await rejectsWith("release/published", attach(instance, OWNER, "notes", id, { artifacts: other, part: "android" }));
    }),
  );

  it(
    "refuses jobs that declare other parts",
    withInstance(async (instance) => {
      await makeApp(instance);
      await createDraft(instance, OWNER, "notes", { version: "1.0.0", parts: ["android", "ios"] });
      await rejectsWith("release/conflict", createDraft(instance, OWNER, "notes", { version: "1.0.0", parts: ["android"] }));
    }),
  );

  it(
    "looks again when something is attached while it looks: a signature that comes late counts",
    withInstance(async (instance) => {
      await makeApp(instance);
      const { publicKey, privateKey } = generateKeyPairSync("ed25519");
      const key = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
      await setPolicy(instance, OWNER, "notes", { gate: { rules: { keys: [key] }, checks: {}, channels: {} } });
      const zip = Buffer.from("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", "base64").toString("latin1");
      const digest = await uploadText(instance, "notes", zip, "notes.zip");
      const signature = await uploadText(instance, "notes", sign(null, Buffer.from(zip), privateKey).toString("base64"), "notes.zip.edsig");
      const { id } = await createDraft(instance, OWNER, "notes", { version: "1.0.0" });
      await attach(instance, OWNER, "notes", id, { artifacts: [{ name: "notes.zip", digest: `sha256:${digest}`, platform: "linux" }] });
      let looked = 0;
      const slow = Object.assign({}, instance, {
        verify: async (request: Parameters<typeof instance.verify>[0]) => {
          looked += 1;
          const attached = { name: "notes.zip.edsig", digest: `sha256:${signature}`, platform: "linux" as const };
          if (looked === 1) await attach(instance, OWNER, "notes", id, { artifacts: [attached] });
          return instance.verify(request);
        },
      });
      const release = await publish(slow, OWNER, "notes", id);
      assert.equal(looked, 2);
      assert.deepEqual(
        release.artifacts.map(({ name, role }) => [name, role]),
        [
          ["notes.zip.edsig", "signature"],
          ["notes.zip", "portable"],
        ],
      );
    }),
  );
});
