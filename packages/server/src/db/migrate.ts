import { DistError } from "@distd/core";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { MIGRATIONS, type Migration } from "./migrations/index.ts";

/** Brings the schema to this program's version, each migration in one transaction. A newer schema is refused, not touched. */
export async function migrate(db: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  await db.write(async (tx) => {
    await tx.schema
      .createTable("migrations")
      .ifNotExists()
      .addColumn("name", "text", (c) => c.primaryKey())
      .addColumn("applied_at", "text", (c) => c.notNull().defaultTo(sql`current_timestamp`))
      .execute();
  });
  for (const [position, migration] of migrations.entries()) {
    await db.write(async (tx) => {
      const applied = await tx.selectFrom("migrations").select("name").orderBy("name").execute();
      const unknown = applied.find((row) => !migrations.some((known) => known.name === row.name));
      if (unknown)
        throw new DistError("config/schema-too-new", `the data has the schema change '${unknown.name}', which this distd does not know`);
      if (applied.length > position) return;
      await migration.up(tx, db.traits);
      await tx.insertInto("migrations").values({ name: migration.name }).execute();
    });
  }
}
