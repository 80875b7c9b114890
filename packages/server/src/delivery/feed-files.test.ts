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
import { listFiles } from "../service/repositories/list-files.ts";
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
  get(address: string, caller?: typeof ANONYMOUS, headers?: Readonly<Record<string, string>>): Promise<Response>;
  text(address: string, caller?: typeof ANONYMOUS): Promise<string>;
}

/** Reads as clients do: nothing is remembered from before a change. */
function readerOf(instance: TestInstance): Reader {
  const get: Reader["get"] = async (address, caller = ANONYMOUS, headers = {}) => {
    const files = createFeedFiles(instance, createSmallBlobs(instance.blobs));
    const [id = "", repository = "", ...rest] = address.split("/");
    const feed = FEEDS.find((entry) => entry.id === id);
    assert.ok(feed);
    return files.respond(new Request(`https://dist.test/${address}`, { headers }), caller, feed, repository, rest.join("/"));
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
    "tells clients without tags what has not changed since, but never two generations of one second apart",
    withApp(async (instance, reader) => {
      const path = "apt/main/dists/stable/InRelease";
      await move(instance, "lantern", "stable", await release(instance, "lantern", "1.0.0"));
      assert.equal((await reader.get(path)).headers.get("last-modified"), null);
      instance.advance(5_000);
      const date = (await reader.get(path)).headers.get("last-modified") ?? "";
      const since = (value: string) => reader.get(path, ANONYMOUS, { "if-modified-since": value });
      assert.equal((await since(date)).status, 304);
      assert.equal((await since(new Date(Date.parse(date) - 1000).toUTCString())).status, 200);
      await move(instance, "lantern", "stable", await release(instance, "lantern", "1.1.0"));
      assert.equal((await since(date)).status, 200);
      instance.advance(5_000);
      assert.equal((await since(date)).status, 200);
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
    "hands a whole generation to who may read it, file by file, and to nobody else",
    withApp(async (instance, reader) => {
      await makeApp(instance, "secret", "members");
      await move(instance, "secret", "stable", await release(instance, "secret", "1.0.0"));
      await move(instance, "lantern", "stable", await release(instance, "lantern", "1.0.0"));
      const page = { after: 0, limit: 1000 };
      const files = createFeedFiles(instance, createSmallBlobs(instance.blobs));
      const get = (repository: string, id: number, caller = ANONYMOUS): Promise<Response> =>
        files.respondWithFile(new Request("https://dist.test/"), caller, repository, id);
      const { generation, files: listed, next } = await listFiles(instance, ANONYMOUS, "main", page);
      assert.equal(next, null);
      const index = listed.find(({ path }) => path === PACKAGES);
      assert.equal(await (await get("main", index?.id ?? 0)).text(), await reader.text(`apt/main/${PACKAGES}`));
      await move(instance, "lantern", "stable", await release(instance, "lantern", "1.1.0"));
      const before = await listFiles(instance, ANONYMOUS, "main", { ...page, generation });
      assert.deepEqual(versionsIn(await (await get("main", before.files.find(({ path }) => path === PACKAGES)?.id ?? 0)).text()), [
        "1.0.0",
      ]);
      await rejectsWith("feed/not-found", listFiles(instance, ANONYMOUS, "main", { ...page, generation: 99 }));

      const { files: secret } = await listFiles(instance, OWNER.principal, "secret", page);
      await rejectsWith("auth/required", listFiles(instance, ANONYMOUS, "secret", page));
      await rejectsWith("repository/not-found", listFiles(instance, principal(["read"], ["app_other"]), "secret", page));
      for (const { id } of secret) {
        await rejectsWith("auth/required", get("secret", id));
        await rejectsWith("feed/not-found", get("main", id));
        assert.equal((await get("secret", id, OWNER.principal)).status, 200);
      }
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
      // The same when it is compiled anew, in another repository or under another address.
      await setPolicy(instance, OWNER, "lantern", { access: "members" });
      assert.deepEqual(versionsIn(await reader.text(`apt/lantern/${PACKAGES}`, OWNER.principal)), listed);
      Object.assign(instance, { baseUrl: "https://moved.test" });
      await reissueRepositories(instance, OWNER);
      assert.deepEqual(versionsIn(await reader.text(`apt/lantern/${PACKAGES}`, OWNER.principal)), listed);
    }),
  );

  it(
    "tells the clients that know phases how many machines take an update, until all do",
    withApp(async (instance, reader) => {
      await move(instance, "lantern", "stable", await release(instance, "lantern", "1.0.0"));
      const two = await release(instance, "lantern", "1.1.0");
      const phased = (phase?: number): Promise<unknown> =>
        promote(instance, OWNER, "lantern", "stable", { release: two, exact: false, once: false, phase });
      const phases = async (): Promise<string[]> =>
        [...(await reader.text(`apt/main/${PACKAGES}`)).matchAll(/^(Version: .*|Phased-.*)$/gm)].map(([line]) => line);
      await phased(10);
      assert.deepEqual(await phases(), ["Version: 1.0.0", "Version: 1.1.0", "Phased-Update-Percentage: 10"]);
      assert.match(await reader.text("npm/main/lantern"), /"latest":"1\.1\.0"/);
      await phased(50);
      assert.deepEqual(await phases(), ["Version: 1.0.0", "Version: 1.1.0", "Phased-Update-Percentage: 50"]);
      await phased();
      assert.deepEqual(await phases(), ["Version: 1.0.0", "Version: 1.1.0"]);
      const { sequence } = (await phased(100)) as { sequence: number };
      assert.equal(sequence, 4, "nothing changed");
    }),
  );

  it(
    "keeps what is live of a version when another package joins it",
    withApp(async (instance, reader) => {
      const part = async (fileName: string, bytes: Uint8Array): Promise<void> => {
        const draft = await createDraft(instance, OWNER, "lantern", { version: "1.0.0", build: "" });
        const artifact = { name: fileName, digest: await uploadBytes(instance, "lantern", fileName, bytes) };
        await attach(instance, OWNER, "lantern", draft.id, { artifacts: [artifact] });
        instance.advance(1000);
        const { id } = await publish(instance, OWNER, "lantern", draft.id);
        await promote(instance, OWNER, "lantern", "stable", { release: id, exact: false, once: false, only: [sha256(bytes)] });
      };
      await part("lantern_1.0.0_amd64.deb", debOf("lantern", "1.0.0"));
      await part("lantern-1.0.0.tgz", npmOf("lantern", "1.0.0"));
      assert.deepEqual(versionsIn(await reader.text(`apt/main/${PACKAGES}`)), ["1.0.0"]);
      for (const path of ["latest", "tags/1.0.0"]) {
        const { assets } = JSON.parse(await reader.text(`github/main/repos/main/lantern/releases/${path}`)) as {
          assets: { name: string }[];
        };
        assert.deepEqual(assets.map(({ name }) => name).toSorted(), ["lantern-1.0.0.tgz", "lantern_1.0.0_amd64.deb"], path);
      }
    }),
  );

  it(
    "lists of a release what was promoted, not what came with it",
    withApp(async (instance, reader) => {
      const one = await release(instance, "lantern", "1.0.0");
      const tarball = sha256(npmOf("lantern", "1.0.0"));
      await promote(instance, OWNER, "lantern", "stable", { release: one, exact: false, once: false, only: [tarball] });
      assert.match(await reader.text("npm/main/lantern"), /"latest":"1\.0\.0"/);
      await rejectsWith("feed/not-found", reader.get(`apt/main/${PACKAGES}`));
      const assets = async (path: string): Promise<string[]> =>
        (JSON.parse(await reader.text(`github/main/repos/main/lantern/releases/${path}`)) as { assets: { name: string }[] }).assets.map(
          ({ name }) => name,
        );
      for (const path of ["latest", "tags/1.0.0"]) assert.deepEqual(await assets(path), ["lantern-1.0.0.tgz"], path);
      await move(instance, "lantern", "stable", one);
      assert.deepEqual(versionsIn(await reader.text(`apt/main/${PACKAGES}`)), ["1.0.0"]);
    }),
  );
});
