import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isHere, type Settled } from "../client.ts";
import { makeNpm, NAME } from "../packages.ts";
import { assertInstalled, PATIENCE, tellStory, withClient } from "../scenario.ts";
import { onStage } from "../stage.ts";
import { npmClient } from "./npm.ts";

const [npm10, npm8] = [npmClient("npm-10"), npmClient("npm-8")];
for (const client of [npm10, npm8]) tellStory(client);

async function viewed(settled: Settled, ...args: readonly string[]): Promise<unknown> {
  return JSON.parse((await settled.run("view", "--json", ...args)).stdout);
}

describe("what npm shows", { skip: !isHere(npm10) }, () => {
  it("views versions, and channels as dist-tags, and installs by tag", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.publish("1.0.0");
      await stage.publish("1.1.0");
      await stage.publish("2.0.0-rc.1", { channel: "beta" });
      await withClient(npm10, stage, async (settled) => {
        const tags = { latest: "1.1.0", stable: "1.1.0", beta: "2.0.0-rc.1" };
        assert.deepEqual(await viewed(settled, NAME, "dist-tags"), tags);
        assert.equal(await viewed(settled, NAME, "version"), "1.1.0");
        assert.deepEqual(await viewed(settled, NAME, "versions"), ["1.0.0", "1.1.0", "2.0.0-rc.1"]);
        assert.equal(await viewed(settled, NAME, "description"), "keeps a light on – 灯");
        const listed = (await settled.run("dist-tag", "ls", NAME)).stdout.trim().split("\n").toSorted();
        assert.deepEqual(listed, ["beta: 2.0.0-rc.1", "latest: 1.1.0", "stable: 1.1.0"]);
        await settled.install(NAME, "beta");
        await assertInstalled(npm10, settled, "2.0.0-rc.1");
        await settled.install(NAME, "^1.0.0");
        await assertInstalled(npm10, settled, "1.1.0");
        await settled.run("ping");
      });
    }),
  );

  it("installs scoped packages, and what is on beta alone", PATIENCE, () =>
    onStage(async (stage) => {
      const name = `@acme/${NAME}`;
      const version = "0.1.0-beta.1";
      await stage.publish(version, { packages: [makeNpm({ name, version })], channel: "beta" });
      await withClient(npm10, stage, async (settled) => {
        await settled.install(name);
        assert.equal(await settled.startProgram(name), version);
        assert.deepEqual(await viewed(settled, name, "dist-tags"), { latest: version, beta: version });
      });
    }),
  );

  it("installs each of several packages of one release, and goes back with all of them", PATIENCE, () =>
    onStage(async (stage) => {
      const names = [NAME, `@acme/${NAME}`];
      for (const version of ["1.0.0", "1.1.0"]) {
        // What tells the artifacts of a release apart is their target: one is for Linux alone.
        const packages = [
          makeNpm({ version }),
          makeNpm({ name: `@acme/${NAME}`, version, fields: { os: ["linux"], cpu: ["x64", "arm64"] } }),
        ];
        await stage.publish(version, { packages: packages.map((made, index) => ({ ...made, file: `${index}-${made.file}` })) });
      }
      await stage.rollback();
      for (const name of names) {
        await withClient(npm10, stage, async (settled) => {
          await settled.install(name);
          assert.equal(await settled.startProgram(name), "1.0.0");
        });
      }
    }),
  );

  it("installs from a lockfile what a channel went back over", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.publish("1.0.0");
      await stage.publish("1.1.0");
      await withClient(npm10, stage, async (settled) => {
        await settled.install(NAME);
        await stage.rollback();
        await settled.run("cache", "clean", "--force");
        await settled.run("ci");
        await assertInstalled(npm10, settled, "1.1.0");
      });
    }),
  );

  it("calls a yanked version deprecated with its reason, gives others the replacement, and keeps it for who pins it", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.publish("1.0.0");
      await stage.publish("1.1.0");
      const reason = 'loses "notes" <on> save & quit';
      await stage.yank("1.1.0", "1.0.0", reason);
      await withClient(npm10, stage, async (settled) => {
        assert.equal(await viewed(settled, `${NAME}@1.1.0`, "deprecated"), reason);
        await settled.install(NAME);
        await assertInstalled(npm10, settled, "1.0.0");
        // Of versions that fit, npm takes one that is not deprecated.
        await settled.install(NAME, "^1.0.0");
        await assertInstalled(npm10, settled, "1.0.0");
        const { stderr } = await settled.run("install", `${NAME}@1.1.0`);
        assert.match(stderr, /deprecated lantern@1\.1\.0: loses "notes"/);
        await assertInstalled(npm10, settled, "1.1.0");
      });
    }),
  );
});

describe("npm audit signatures", { skip: !isHere(npm8) }, () => {
  it("finds what the registry signed verified, and a changed signature tampered with", PATIENCE, () =>
    onStage(async (stage) => {
      await stage.publish("1.0.0");
      await withClient(npm8, stage, async (settled) => {
        await settled.install(NAME);
        const good = await settled.run("audit", "signatures");
        assert.match(good.stdout, /1 package has a verified registry signature/);
        stage.proxy.spoils = (path, bytes) => (path.endsWith(`/${NAME}`) ? withinSignature(bytes) : undefined);
        await settled.run("cache", "clean", "--force");
        const bad = await settled.run("audit", "signatures").then(
          ({ stdout }) => stdout,
          (error: Error) => error.message,
        );
        assert.match(bad, /1 package has an invalid registry signature[^]*tampered/);
        assert.ok(stage.proxy.spoilt > 0);
      });
    }),
  );
});

/** A letter of the signature that is another letter with one bit changed. */
function withinSignature(packument: Buffer): number | undefined {
  const start = packument.indexOf('"sig":"') + '"sig":"'.length;
  const offset = [...packument.subarray(start + 20, start + 60)].findIndex((byte) => /[b-y]/.test(String.fromCharCode(byte)));
  return offset < 0 ? undefined : start + 20 + offset;
}
