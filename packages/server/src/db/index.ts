import { migrate } from "./migrate.ts";
import type { Database } from "./database.ts";

export type { Database, Read, Tx } from "./database.ts";

/** Opens `postgres://…` or the path of an SQLite file, with the schema of this version. */
export async function openDatabase(address: string): Promise<Database> {
  const db = /^postgres(?:ql)?:/.test(address)
    ? await (await import("./postgres/index.ts")).openPostgres(address)
    : (await import("./sqlite/index.ts")).openSqlite(address);
  try {
    await migrate(db);
  } catch (error) {
    await db.close();
    throw error;
  }
  return db;
}
