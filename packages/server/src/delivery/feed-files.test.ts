import assert from "node:assert/strict";
import { it } from "node:test";
import { ANONYMOUS, sha256 } from "@distd/core";
import { FEEDS } from "@distd/feeds";
import { createFeedFiles } from "./feed-files.ts";
import { createSmallBlobs } from "./small-blobs.ts";
import { rejectsWith } from "../test-support/expect-code.ts";
import { describeOnEngines } from "../test-support/on-engines.ts";
import { debOf, npmOf } from "../test-support/packages.ts";
import { bodyOf, makeApp, OWNER, principal, type TestInstance } from "../test-support/test-instance.ts";
import { setPolicy } from "../service/app-policy.ts";
import { promote, rollback } from "../service/channels/promote.ts";
import { withdraw } from "../service/channels/withdraw.ts";
import { DAY_MS } from "../service/instance.ts";
import { attach, createDraft } from "../service/releases/drafts.ts";
import { publish } from "../service/releases/publish.ts";
import { createUpload } from "../service/uploads/uploads.ts";
import { dropOldGenerations, reissueRepositories } from "../service/repositories/keep-up.ts";
import { createRepository } from "../service/repositories/membership.ts";

async function uploadBytes(instance: TestInstance, app: string, fileName: string, bytes: Uint8Array): Promise<string> {
  const digest = sha256(bytes);
  const upload = await createUpload(instance, OWNER, app, { sha256: digest, size: bytes.length, fileName }, instance.receiver.isBusy);
  await instance.receiver.receive(OWNER, upload, await instance.receiver.offset(upload), bodyOf(bytes));
  return `sha256:${digest}`;
}

/** A published release of a deb and an npm package. */
async function release(instance: TestInstance, app: string, version: string, name = app): Promise<string> {
  const draft = await createDraft(instance, OWNER, app, { version, build: "" });
  const files = { [`${name}_${version}_amd64.deb`]: debOf(name, version), [`${name}-${version}.tgz`]: npmOf(name, version) };
  const artifacts = [];
  for (const [fileName, bytes] of Object.entries(files))
    artifacts.push({ name: fileName, digest: await uploadBytes(instance, app, fileName, bytes) });
  await attach(instance, OWNER, app, draft.id, { artifacts });
  instance.advance(1000);
  return (await publish(instance, OWNER, app, draft.id)).id;
}

const move = (instance: TestInstance, app: string, channel: string, id: string): Promise<unknown> =>
  promote(instance, OWNER, app, channel, { release: id, exact: false, once: false });

interface Reader {
  get(address: string, caller?: typeof ANONYMOUS): Promise<Response>;
  text(address: string, caller?: typeof ANONYMOUS): Promise<string>;
}

/** Reads as clients do: nothing is remembered from before a change. */
function readerOf(instance: TestInstance): Reader {
  const get = async (address: string, caller = ANONYMOUS): Promise<Response> => {
    const files = createFeedFiles(instance, createSmallBlobs(instance.blobs));
    const [id = "", repository = "", ...rest] = address.split("/");
    const feed = FEEDS.find((entry) => entry.id === id);
    assert.ok(feed);
    return files.respond(new Request(`https://dist.test/${address}`), caller, feed, repository, rest.join("/"));
  };
  return { get, text: async (address, caller) => (await get(address, caller)).text() };
}

const PACKAGES = "dists/stable/main/binary-amd64/Packages";
const versionsIn = (text: string): string[] => [...text.matchAll(/^Version: (.*)$/gm)].map(([, version = ""]) => version);

describeOnEngines("repositories", (withInstance) => {
  const withApp = (body: (instance: TestInstance, reader: Reader) => Promise<void>) =>
    withInstance(async (instance) => {
      await makeApp(instance, "lantern", "public");
      await body(instance, readerOf(instance));
    });

  it(
    "moves every feed with the channel, and takes off what a rollback went back over",
    withApp(async (instance, reader) => {
      const [one, two] = [await release(instance, "lantern", "1.0.0"), await release(instance, "lantern", "1.1.0")];
      await rejectsWith("feed/not-found", reader.get(`apt/main/${PACKAGES}`));
      await move(instance, "lantern", "stable", one);
      assert.deepEqual(versionsIn(await reader.text(`apt/main/${PACKAGES}`)), ["1.0.0"]);
      await move(instance, "lantern", "stable", two);
      assert.deepEqual(versionsIn(await reader.text(`apt/main/${PACKAGES}`)), ["1.0.0", "1.1.0"]);
      const packument = JSON.parse(await reader.text("npm/main/lantern")) as { "dist-tags": object; versions: object };
      assert.deepEqual(packument["dist-tags"], { latest: "1.1.0", stable: "1.1.0" });
      assert.deepEqual(Object.keys(packument.versions), ["1.0.0", "1.1.0"]);
      await rollback(instance, OWNER, "lantern", "stable", {});
      assert.deepEqual(versionsIn(await reader.text(`apt/main/${PACKAGES}`)), ["1.0.0"]);
      const after = JSON.parse(await reader.text("npm/main/lantern")) as { "dist-tags": object; versions: object };
      assert.deepEqual(after["dist-tags"], { latest: "1.0.0", stable: "1.0.0" });
      assert.deepEqual(Object.keys(after.versions), ["1.0.0", "1.1.0"], "who pins it still gets it");
      await move(instance, "lantern", "stable", two);
      assert.deepEqual(versionsIn(await reader.text(`apt/main/${PACKAGES}`)), ["1.0.0", "1.1.0"]);
    }),
  );

  it(
    "keeps a version that another channel of the repository still offers",
    withApp(async (instance, reader) => {
      const [one, two] = [await release(instance, "lantern", "1.0.0"), await release(instance, "lantern", "1.1.0")];
      await move(instance, "lantern", "stable", one);
      await move(instance, "lantern", "beta", one);
      await move(instance, "lantern", "beta", two);
      await move(instance, "lantern", "stable", two);
      await rollback(instance, OWNER, "lantern", "stable", {});
      const { versions, "dist-tags": tags } = JSON.parse(await reader.text("npm/main/lantern")) as {
        versions: object;
        "dist-tags": object;
      };
      assert.deepEqual(Object.keys(versions), ["1.0.0", "1.1.0"]);
      assert.deepEqual(tags, { latest: "1.0.0", stable: "1.0.0", beta: "1.1.0" });
    }),
  );

  it(
    "marks what is yanked where the client knows how, and takes it off elsewhere",
    withApp(async (instance, reader) => {
      const [one, two] = [await release(instance, "lantern", "1.0.0"), await release(instance, "lantern", "1.1.0")];
      await move(instance, "lantern", "stable", one);
      await move(instance, "lantern", "stable", two);
      await withdraw(instance, OWNER, "lantern", one, { status: "yanked", reason: 'leaks "keys" <b>' });
      assert.deepEqual(versionsIn(await reader.text(`apt/main/${PACKAGES}`)), ["1.1.0"]);
      const { versions } = JSON.parse(await reader.text("npm/main/lantern")) as { versions: Record<string, { deprecated?: string }> };
      assert.deepEqual([versions["1.0.0"]?.deprecated, versions["1.1.0"]?.deprecated], ['leaks "keys" <b>', undefined]);
      await withdraw(instance, OWNER, "lantern", one, { status: "quarantined", reason: "malware" });
      assert.deepEqual(Object.keys((JSON.parse(await reader.text("npm/main/lantern")) as { versions: object }).versions), ["1.1.0"]);
      await rejectsWith("feed/not-found", reader.get("npm/main/lantern/-/lantern-1.0.0.tgz"));
    }),
  );

  it(
    "serves an index that names what is there, also to who read it before the next generation",
    withApp(async (instance, reader) => {
      await move(instance, "lantern", "stable", await release(instance, "lantern", "1.0.0"));
      const before = await reader.text("apt/main/dists/stable/Release");
      const [, digest = ""] = / ([0-9a-f]{64}) \d+ main\/binary-amd64\/Packages$/m.exec(before) ?? [];
      const byHash = `apt/main/dists/stable/main/binary-amd64/by-hash/SHA256/${digest}`;
      assert.equal(sha256(new TextEncoder().encode(await reader.text(byHash))), digest);
      await move(instance, "lantern", "stable", await release(instance, "lantern", "1.1.0"));
      assert.deepEqual(versionsIn(await reader.text(byHash)), ["1.0.0"]);
      for (const version of ["1.2.0", "1.3.0"]) await move(instance, "lantern", "stable", await release(instance, "lantern", version));
      await dropOldGenerations(instance);
      assert.deepEqual(versionsIn(await reader.text(byHash)), ["1.0.0"], "a day has not passed");
      instance.advance(DAY_MS + 60_000);
      await dropOldGenerations(instance);
      await rejectsWith("feed/not-found", reader.get(byHash));
      assert.equal(versionsIn(await reader.text(`apt/main/${PACKAGES}`)).length, 4);
    }),
  );

  it(
    "keeps an app that is not public out of the index of all, and moves it when its access changes",
    withApp(async (instance, reader) => {
      await makeApp(instance, "secret", "members");
      await move(instance, "secret", "stable", await release(instance, "secret", "1.0.0"));
      await move(instance, "lantern", "stable", await release(instance, "lantern", "1.0.0"));
      assert.equal((await reader.text(`apt/main/${PACKAGES}`)).includes("secret"), false);
      await rejectsWith("auth/required", reader.get(`apt/secret/${PACKAGES}`));
      await rejectsWith("auth/required", reader.get(`apt/nobody/${PACKAGES}`));
      await rejectsWith("repository/not-found", reader.get(`apt/secret/${PACKAGES}`, principal(["read"], ["app_other"])));
      assert.deepEqual(versionsIn(await reader.text(`apt/secret/${PACKAGES}`, OWNER.principal)), ["1.0.0"]);
      await setPolicy(instance, OWNER, "secret", { access: "public" });
      assert.match(await reader.text(`apt/main/${PACKAGES}`), /Package: secret/);
      assert.match(await reader.text(`apt/main/${PACKAGES}`), /Package: lantern/);
      const digest = sha256(new TextEncoder().encode(await reader.text(`apt/main/${PACKAGES}`)));
      const byHash = `apt/main/dists/stable/main/binary-amd64/by-hash/SHA256/${digest}`;
      assert.match(await reader.text(byHash), /Package: secret/);
      await setPolicy(instance, OWNER, "secret", { access: "members" });
      for (const path of ["npm/main/secret/-/secret-1.0.0.tgz", byHash]) await rejectsWith("feed/not-found", reader.get(path));
      assert.equal((await reader.text(`apt/main/${PACKAGES}`)).includes("secret"), false);
      await rejectsWith("feed/not-found", reader.get("npm/main/secret"));
      assert.match(await reader.text("npm/secret/secret", OWNER.principal), /"1\.0\.0"/);
    }),
  );

  it(
    "gives a name to one app only",
    withApp(async (instance) => {
      await makeApp(instance, "thief", "public");
      await release(instance, "lantern", "1.0.0");
      const error = await rejectsWith("name/taken", release(instance, "thief", "9.0.0", "lantern"));
      assert.deepEqual(error.details, { ecosystem: "apt", name: "lantern", repository: "main" });
    }),
  );

  it(
    "is made of any channels of any apps, for who may read all of them",
    withApp(async (instance, reader) => {
      await makeApp(instance, "secret", "members");
      await move(instance, "secret", "beta", await release(instance, "secret", "2.0.0"));
      await move(instance, "lantern", "stable", await release(instance, "lantern", "1.0.0"));
      await createRepository(instance, OWNER, { name: "team", members: ["lantern", "secret@beta"] });
      const [packages] = [PACKAGES.replace("stable", "beta")];
      assert.deepEqual(versionsIn(await reader.text(`apt/team/${packages}`, OWNER.principal)), ["2.0.0"]);
      await move(instance, "secret", "stable", await release(instance, "secret", "3.0.0"));
      assert.deepEqual(versionsIn(await reader.text(`apt/team/${PACKAGES}`, OWNER.principal)), ["1.0.0"]);
      await rejectsWith("auth/required", reader.get(`apt/team/${packages}`));
      const { id } = await instance.db.read.selectFrom("apps").select("id").where("slug", "=", "lantern").executeTakeFirstOrThrow();
      await rejectsWith("repository/not-found", reader.get(`apt/team/${packages}`, principal(["read"], [id])));
    }),
  );

  it(
    "issues anew what would expire, and what names another address",
    withApp(async (instance, reader) => {
      await move(instance, "lantern", "stable", await release(instance, "lantern", "1.0.0"));
      assert.equal(await reissueRepositories(instance, OWNER), 0);
      const before = await reader.text("apt/main/dists/stable/Release");
      instance.advance(2 * DAY_MS);
      assert.equal(await reissueRepositories(instance, OWNER), 1);
      const after = await reader.text("apt/main/dists/stable/Release");
      const dateOf = (text: string): number => Date.parse(/^Date: (.*)$/m.exec(text)?.[1] ?? "");
      assert.equal(dateOf(after) - dateOf(before), 2 * DAY_MS);
      Object.assign(instance, { baseUrl: "https://moved.test" });
      assert.equal(await reissueRepositories(instance, OWNER), 1);
      assert.match(await reader.text("npm/main/lantern"), /https:\/\/moved\.test\/npm\/main\/lantern\/-\//);
      assert.equal(await reissueRepositories(instance, OWNER), 0);
    }),
  );

  it(
    "leaves ten versions in an apt index, and all in a packument",
    withApp(async (instance, reader) => {
      for (let patch = 0; patch < 13; patch++)
        await move(instance, "lantern", "stable", await release(instance, "lantern", `1.0.${patch}`));
      const listed = versionsIn(await reader.text(`apt/main/${PACKAGES}`));
      assert.equal(listed.length, 10);
      assert.ok(listed.includes("1.0.12") && !listed.includes("1.0.2"));
      assert.equal(Object.keys((JSON.parse(await reader.text("npm/main/lantern")) as { versions: object }).versions).length, 13);
    }),
  );
});
