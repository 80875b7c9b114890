import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../db/database.ts";
import { openDatabase } from "../db/index.ts";

/** Real engines to run a suite on. `open` gives a fresh, empty database each time; `close` also removes it. */
export interface Engine {
  readonly name: string;
  /** Why it cannot run here; undefined when it can. */
  readonly skip: string | undefined;
  open(): Promise<{ readonly db: Database; readonly address: string; close(): Promise<void> }>;
}

const server = process.env["DISTD_TEST_POSTGRES"];

export const ENGINES: readonly Engine[] = [
  {
    name: "sqlite",
    skip: undefined,
    async open() {
      const folder = mkdtempSync(join(tmpdir(), "distd-sqlite-"));
      const address = join(folder, "distd.sqlite");
      const db = await openDatabase(address);
      return {
        db,
        address,
        async close() {
          await db.close();
          rmSync(folder, { recursive: true });
        },
      };
    },
  },
  {
    name: "postgres",
    skip: server === undefined ? "PostgreSQL is not installed, and DISTD_TEST_POSTGRES names none" : undefined,
    async open() {
      const { default: pg } = await import("pg");
      const schema = `test_${crypto.randomUUID().replaceAll("-", "")}`;
      const admin = new pg.Client({ connectionString: server });
      await admin.connect();
      await admin.query(`create schema ${schema}`);
      const address = `${server}?options=${encodeURIComponent(`-csearch_path=${schema}`)}`;
      const db = await openDatabase(address);
      return {
        db,
        address,
        async close() {
          await db.close();
          await admin.query(`drop schema ${schema} cascade`);
          await admin.end();
        },
      };
    },
  },
];

/** Every engine that can run here. In CI all of them must. */
export function availableEngines(): readonly Engine[] {
  const missing = ENGINES.filter(({ skip }) => skip !== undefined);
  if (missing.length > 0 && process.env["CI"] === "true") throw new Error(missing.map(({ name, skip }) => `${name}: ${skip}`).join("; "));
  for (const { name, skip } of missing) console.warn(`skipped: suite on ${name}: ${skip}`);
  return ENGINES.filter(({ skip }) => skip === undefined);
}
