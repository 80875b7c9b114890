import { type Kysely, sql } from "kysely";
import type { DatabaseTraits } from "../database.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- a migration describes tables that the types of today may no longer have
type Any = any;

/** A channel may offer a release for some of its targets only, and to a part of the machines. Keys take over from each other. */
export async function up(db: Kysely<Any>, traits: DatabaseTraits): Promise<void> {
  const integer = traits.engine === "postgres" ? "bigint" : "integer";
  await db.schema.alterTable("channel_releases").addColumn("targets", "text").execute();
  await db.schema.alterTable("channel_releases").addColumn("phase", integer).execute();
  // A key may go on signing beside the one that took over; what a compromised one signed counts no more.
  await db.schema.alterTable("repository_keys").addColumn("signs_until", "text").execute();
  await db.schema
    .alterTable("repository_keys")
    .addColumn("compromised", integer, (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createIndex("generated_files_immutable")
    .on("generated_files")
    .columns(["repository_id", "feed", "channel"])
    .where(sql<boolean>`release_id = '' and cache = 'immutable' and to_generation is null`)
    .execute();
  // With two indexes to choose from, SQLite took the one that also has every page a list ever had.
  await db.schema.dropIndex("feed_pages_list").execute();
  await db.schema.createIndex("feed_pages_generations").on("feed_pages").columns(["list_id", "from_generation"]).execute();
}
