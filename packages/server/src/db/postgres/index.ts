import { Kysely, PostgresDialect, sql } from "kysely";
import type { Database } from "../database.ts";
import type { Schema } from "../schema.ts";

/** Any number; the same one in every distd that shares the data. */
const WRITER_LOCK = 7_217_001;
const INT8 = 20;

/** PostgreSQL at a connection address. The driver is loaded only when asked for. */
export async function openPostgres(address: string): Promise<Database> {
  const { default: pg } = await import("pg");
  // Sizes, sequences and counts stay below 2^53.
  const types = {
    getTypeParser: (id: number, format?: "text" | "binary") => (id === INT8 ? Number : pg.types.getTypeParser(id, format)),
  };
  const pool = new pg.Pool({ connectionString: address, max: 8, types });
  // Without a listener a connection lost while idle would end the process; the next query reports the loss.
  pool.on("error", () => {});
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return {
    traits: { engine: "postgres", sharedByProcesses: true },
    read: kysely,
    // One writer at a time, as on SQLite: the lock goes with the transaction, whatever ends it.
    write: (body) =>
      kysely.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(${WRITER_LOCK})`.execute(tx);
        return body(tx);
      }),
    close: () => kysely.destroy(),
  };
}
