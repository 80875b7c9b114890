import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { availableEngines } from "../test-support/engines.ts";
import { rejectsWith } from "../test-support/expect-code.ts";
import { openDatabase } from "./index.ts";
import { migrate } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/index.ts";

const row = (key: string, value = "") => ({ key, value });

for (const engine of availableEngines()) {
  describe(`database on ${engine.name}`, () => {
    const withDb = (body: (opened: Awaited<ReturnType<typeof engine.open>>) => Promise<void>) => async () => {
      const opened = await engine.open();
      try {
        await body(opened);
      } finally {
        await opened.close();
      }
    };

    it(
      "runs writes one after the other, so that read-then-write loses nothing",
      withDb(async ({ db }) => {
        await db.write(async (tx) => tx.insertInto("instance").values(row("counter", "0")).execute());
        const increments = Array.from({ length: 40 }, () =>
          db.write(async (tx) => {
            const { value } = await tx.selectFrom("instance").select("value").where("key", "=", "counter").executeTakeFirstOrThrow();
            await tx
              .updateTable("instance")
              .set({ value: String(Number(value) + 1) })
              .where("key", "=", "counter")
              .execute();
          }),
        );
        await Promise.all(increments);
        assert.equal((await db.read.selectFrom("instance").select("value").executeTakeFirstOrThrow()).value, "40");
      }),
    );

    it(
      "runs writes of two processes one after the other",
      withDb(async ({ db, address }) => {
        const other = await openDatabase(address);
        await db.write(async (tx) => tx.insertInto("instance").values(row("counter", "0")).execute());
        const increment = (one: typeof db) =>
          one.write(async (tx) => {
            const { value } = await tx.selectFrom("instance").select("value").where("key", "=", "counter").executeTakeFirstOrThrow();
            await tx
              .updateTable("instance")
              .set({ value: String(Number(value) + 1) })
              .where("key", "=", "counter")
              .execute();
          });
        for (let round = 0; round < 10; round++) {
          await increment(db);
          await increment(other);
        }
        await other.close();
        assert.equal((await db.read.selectFrom("instance").select("value").executeTakeFirstOrThrow()).value, "20");
      }),
    );

    it(
      "does not stop the process while another one writes",
      withDb(async ({ db, address }) => {
        const other = await openDatabase(address);
        let release = (): void => {};
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        const writing = other.write(async (tx) => {
          await tx.insertInto("instance").values(row("theirs")).execute();
          await held;
        });
        await Bun.sleep(50);
        let ticks = 0;
        const timer = setInterval(() => void (ticks += 1), 5);
        const waiting = db.write(async (tx) => tx.insertInto("instance").values(row("ours")).execute());
        await Bun.sleep(150);
        release();
        await Promise.all([writing, waiting]);
        clearInterval(timer);
        await other.close();
        assert.ok(ticks >= 5, `the event loop turned ${ticks} times`);
        assert.equal((await db.read.selectFrom("instance").selectAll().execute()).length, 2);
      }),
    );

    it(
      "leaves no trace of a write that throws",
      withDb(async ({ db }) => {
        const failing = db.write(async (tx) => {
          await tx.insertInto("instance").values(row("gone")).execute();
          throw new Error("stop");
        });
        await assert.rejects(failing, /stop/);
        assert.deepEqual(await db.read.selectFrom("instance").selectAll().execute(), []);
        await db.write(async (tx) => tx.insertInto("instance").values(row("there")).execute());
        assert.equal((await db.read.selectFrom("instance").selectAll().execute()).length, 1);
      }),
    );

    it(
      "reads while a write is under way, and sees only what is committed",
      withDb(async ({ db }) => {
        let release = (): void => {};
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        const writing = db.write(async (tx) => {
          await tx.insertInto("instance").values(row("new")).execute();
          await held;
        });
        assert.deepEqual(await db.read.selectFrom("instance").selectAll().execute(), []);
        release();
        await writing;
        assert.equal((await db.read.selectFrom("instance").selectAll().execute()).length, 1);
      }),
    );

    it(
      "refuses a second row under a unique key",
      withDb(async ({ db }) => {
        const insert = () => db.write(async (tx) => tx.insertInto("instance").values(row("once")).execute());
        await insert();
        await assert.rejects(insert());
      }),
    );

    it(
      "returns sizes and counts as numbers, also beyond 32 bits",
      withDb(async ({ db }) => {
        const size = 2 ** 40 + 1;
        const blob = { sha256: "a".repeat(64) as never, size, store_key: "", state: "live" as const, created_at: "" };
        await db.write(async (tx) => tx.insertInto("blobs").values(blob).execute());
        const read = await db.read
          .selectFrom("blobs")
          .select(({ fn }) => ["size", fn.countAll<number>().as("count")])
          .groupBy("size")
          .executeTakeFirstOrThrow();
        assert.deepEqual({ ...read }, { size, count: 1 });
      }),
    );

    it(
      "sorts version keys by code units",
      withDb(async ({ db }) => {
        const { parseVersion } = await import("@distd/core");
        const open = { access: "members", download: "members", install: "members" } as const;
        const app = { id: "app", org_id: "org_main", slug: "a", name: "A", ...open, quota_bytes: null, created_at: "" };
        const versions = ["1.10.0", "1.2.0", "1.2.0-rc.1", "1.2.0-alpha", "10.0.0", "1.2.0-Beta"];
        await db.write(async (tx) => {
          await tx.insertInto("apps").values(app).execute();
          for (const [index, text] of versions.entries()) {
            const { scheme, sortKey } = parseVersion(text);
            await tx
              .insertInto("releases")
              .values({
                id: `rel_${index}`,
                app_id: "app",
                version: text,
                scheme,
                sort_key: sortKey,
                build: "",
                revision: 1,
                status: "published",
                notes: "",
                created_at: "",
                created_by: "",
                shared: 0,
              })
              .execute();
          }
        });
        const sorted = await db.read.selectFrom("releases").select("version").orderBy("sort_key").execute();
        assert.deepEqual(
          sorted.map(({ version }) => version),
          ["1.2.0-Beta", "1.2.0-alpha", "1.2.0-rc.1", "1.2.0", "1.10.0", "10.0.0"],
        );
      }),
    );

    it(
      "migrates once, and again without effect",
      withDb(async ({ db }) => {
        await migrate(db);
        assert.deepEqual(
          (await db.read.selectFrom("migrations").select("name").execute()).map(({ name }) => name),
          MIGRATIONS.map(({ name }) => name),
        );
      }),
    );

    it(
      "leaves the schema as it was when a migration fails, and succeeds on the next try",
      withDb(async ({ db }) => {
        let failing = true;
        const next = {
          name: "9999-next",
          async up(tx: Parameters<(typeof MIGRATIONS)[number]["up"]>[0]) {
            await tx.schema.createTable("next").addColumn("id", "integer").execute();
            if (failing) throw new Error("power went");
          },
        };
        await assert.rejects(migrate(db, [...MIGRATIONS, next]), /power went/);
        failing = false;
        await migrate(db, [...MIGRATIONS, next]);
      }),
    );

    it(
      "refuses data of a newer version and does not touch it",
      withDb(async ({ db }) => {
        await db.write(async (tx) => tx.insertInto("migrations").values({ name: "9999-from-the-future" }).execute());
        await rejectsWith("config/schema-too-new", migrate(db));
      }),
    );
  });
}
