import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dist, inFolder, sampleManifest } from "./support/dist.ts";
import { DISTD, withServer } from "./support/server.ts";

const address = process.env["DISTD_TEST_POSTGRES"];
if (address === undefined && process.env["CI"] === "true") throw new Error("PostgreSQL is not installed");
if (address === undefined) console.warn("skipped: distd on PostgreSQL: it is not installed");

describe("distd on PostgreSQL", { skip: address === undefined }, () => {
  it("publishes, rolls back, verifies and checks as on SQLite", async () => {
    const { default: pg } = await import("pg");
    const admin = new pg.Client({ connectionString: address });
    await admin.connect();
    const schema = `e2e_${crypto.randomUUID().replaceAll("-", "")}`;
    await admin.query(`create schema ${schema}`);
    const database = `${address}?options=${encodeURIComponent(`-csearch_path=${schema}`)}`;
    try {
      await withServer(
        (server) =>
          inFolder({ a: sampleManifest("1.4.0"), b: sampleManifest("1.5.0") }, async (cwd) => {
            const run = (...args: string[]) => dist(args, { server: server.url, cwd, env: { DIST_CONFIG_HOME: cwd } });
            for (const manifest of ["a", "b"]) assert.equal((await run("ci", "publish", "--manifest", manifest)).code, 0);
            assert.equal((await run("channel", "rollback", "acme-notes", "beta", "--json")).json()["sequence"], 3);
            assert.equal((await run("audit", "verify")).code, 0);
            const check = Bun.spawnSync([DISTD, "check", "--data", server.data, "--database", database, "--read-data"]);
            assert.equal(check.exitCode, 0, check.stdout.toString());
          }),
        { env: { DISTD_DATABASE: database } },
      );
    } finally {
      await admin.query(`drop schema ${schema} cascade`);
      await admin.end();
    }
  });
});
