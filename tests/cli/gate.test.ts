import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { GateResultDocument, PublishDocument, ReleaseDocument } from "@distd/core/wire";
import { makeDeb, makeNpm, makeWheel } from "../real-clients/packages.ts";
import { dist, inFolder, SAMPLES, sampleManifest } from "../support/dist.ts";
import { type TestServer, withServer } from "../support/server.ts";

const corpus = join(import.meta.dirname, "..", "..", "fixtures", "formats", "apk", "ok");

/** A folder with both builds of the sample app, the newer one live on beta. */
function withLiveApp(body: (server: TestServer, run: (...args: string[]) => ReturnType<typeof dist>) => Promise<void>): Promise<void> {
  return withServer((server) =>
    inFolder(
      {
        "dist.json": sampleManifest("1.5.0"),
        "old.json": sampleManifest("1.4.0"),
        "other.json": sampleManifest("1.5.0", { version: "1.6.0", build: "1", artifacts: [{ path: join(corpus, "unsigned.apk") }] }),
        "gate.json": JSON.stringify({ rules: { identifiers: ["test.other"] }, channels: { beta: { "gate/lower-build": "warning" } } }),
      },
      async (cwd) => {
        const run = (...args: string[]) => dist([...args, "--json"], { server: server.url, cwd });
        assert.equal((await run("ci", "publish")).code, 0);
        await body(server, run);
      },
    ),
  );
}

describe("the release gate, from CI", () => {
  it("refuses a lower build than what is live, showing both sides, and publishes nothing", () =>
    withLiveApp(async (_, run) => {
      const refused = await run("ci", "publish", "--manifest", "old.json");
      assert.equal(refused.code, 21);
      const problem = refused.json<{ code: string; detail: string; details: { checks: GateResultDocument[] } }>();
      assert.equal(problem.code, "gate/refused");
      assert.match(problem.detail, /412.*430/);
      assert.deepEqual(
        problem.details.checks.filter(({ severity }) => severity === "error").map(({ check, live, offered }) => [check, live, offered]),
        [
          ["gate/lower-build", "430", "412"],
          ["gate/lower-build", "430", "412"],
        ],
      );
      assert.equal((await run("release", "show", "acme-notes@1.4.0")).code, 10);
    }));

  it("warns of packages that their feeds leave out, naming feed and reason", () =>
    withServer((server) => {
      const packages = [
        makeDeb({ version: "1.0.0", fields: { Depends: "garbage (((" } }),
        makeNpm({ version: "1.0" }),
        { ...makeWheel({ version: "1.0.0" }), file: "other-1.0.0-py3-none-any.whl" },
      ];
      const artifacts = packages.map(({ file }) => ({ path: file }));
      const files = Object.fromEntries(packages.map(({ file, bytes }) => [file, bytes] as const));
      const manifest = JSON.stringify({ app: "lantern", access: "public", version: "1.0.0", artifacts });
      return inFolder({ ...files, "dist.json": manifest }, async (cwd) => {
        const published = await dist(["ci", "publish", "--json"], { server: server.url, cwd });
        assert.equal(published.code, 0, published.stderr);
        const { warnings } = published.json<PublishDocument>();
        const said = warnings.filter((warning) => warning.includes("leaves it out"));
        assert.equal(said.length, 3, warnings.join("\n"));
        assert.match(said.join("\n"), /apt cannot read its field Depends: garbage/);
        assert.match(said.join("\n"), /"1\.0" is not a version as semver/);
        assert.match(said.join("\n"), /it is called 'other-1\.0\.0-py3-none-any\.whl', but is lantern 1\.0\.0/);
      });
    }));

  it("refuses another package name", () =>
    withLiveApp(async (_, run) => {
      const refused = await run("ci", "publish", "--manifest", "other.json");
      assert.equal(refused.code, 21);
      assert.match(refused.stderr, /its identifier is \S+, what is live is test\.acme\.notes/);
    }));

  it("lets one role accept a check for one release, with a reason that stays", () =>
    withLiveApp(async (server, run) => {
      const override = ["--override", "gate/lower-build", "--reason", "old line gets a fix"];
      const { secret } = (await run("token", "create", "--scope", "publish,promote")).json<{ secret: string }>();
      const without = await dist(["ci", "publish", "--manifest", "old.json", ...override], { server: server.url, token: secret, cwd: "/" });
      assert.notEqual(without.code, 0);
      const accepted = await run("ci", "publish", "--manifest", "old.json", ...override);
      assert.equal(accepted.code, 0, accepted.stderr);
      assert.match(accepted.json<PublishDocument>().warnings.join(), /accepted by admin: old line gets a fix/);
      const release = (await run("release", "show", "acme-notes@1.4.0")).json<ReleaseDocument>();
      assert.equal(release.checks.find(({ check }) => check === "gate/lower-build")?.override?.reason, "old line gets a fix");
      const { events } = (await run("audit", "list")).json<{
        events: { action: string; details: { overridden?: { reason: string }[] } }[];
      }>();
      assert.equal(events.findLast(({ action }) => action === "release.publish")?.details.overridden?.[0]?.reason, "old line gets a fix");
    }));

  it("needs a reason to override, and the scope for it", () =>
    withLiveApp(async (server, run) => {
      assert.equal((await run("ci", "publish", "--manifest", "old.json", "--override", "gate/lower-build")).code, 2);
      const { secret } = (await run("token", "create", "--scope", "publish,promote")).json<{ secret: string }>();
      const create = await run("release", "create", "acme-notes", "1.4.0", "--build", "412");
      const { id } = create.json<{ id: string }>();
      await run("release", "attach", id, join(SAMPLES, "1.4.0", "notes.apk"));
      const refused = await dist(["release", "publish", id, "--channel", "beta", "--override", "gate/lower-build", "--reason", "because"], {
        server: server.url,
        token: secret,
      });
      assert.equal(refused.code, 12);
    }));

  it("answers before anything is uploaded", () =>
    withLiveApp(async (_, run) => {
      const checked = await run("release", "check", join(SAMPLES, "1.4.0", "notes.apk"));
      assert.equal(checked.code, 21);
      const { checks } = checked.json<{ checks: GateResultDocument[] }>();
      assert.ok(checks.some(({ check, severity }) => check === "gate/lower-build" && severity === "error"));
      const { events } = (await run("audit", "list")).json<{ events: { action: string }[] }>();
      assert.equal(events.filter(({ action }) => action === "upload.complete").length, 2);
      const fine = await run("release", "check", "--app", "acme-notes", "--channel", "nightly", join(SAMPLES, "1.4.0", "notes.apk"));
      assert.equal(fine.code, 0);
    }));

  it("follows the app's policy", () =>
    withLiveApp(async (_, run) => {
      assert.equal((await run("app", "policy", "acme-notes", "--gate", "gate.json")).code, 0);
      const refused = await run("ci", "publish", "--manifest", "old.json");
      assert.equal(refused.code, 21);
      assert.match(refused.stderr, /is not among test\.other/);
      assert.equal(refused.stderr.includes("lower-build"), false);
    }));

  it("reports a content conflict before it looks at anything else", () =>
    withLiveApp(async (_, run) => {
      const manifest = sampleManifest("1.4.0", { version: "1.5.0", build: "430" });
      await inFolder({ "conflict.json": manifest }, async (folder) => {
        const conflict = await run("ci", "publish", "--manifest", join(folder, "conflict.json"));
        assert.equal(conflict.code, 11);
      });
    }));

  it("lets people promote an older release: that is how they go back", () =>
    withLiveApp(async (_, run) => {
      const manifest = sampleManifest("1.4.0", { channel: undefined });
      await inFolder({ "none.json": manifest }, async (folder) => {
        assert.equal((await run("ci", "publish", "--manifest", join(folder, "none.json"))).code, 0);
      });
      assert.equal((await run("channel", "promote", "acme-notes", "beta", "1.4.0")).code, 0);
    }));
});
