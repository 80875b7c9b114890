import { type Kysely, sql } from "kysely";
import type { DatabaseTraits } from "../database.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- a migration describes tables that the types of today may no longer have
type Any = any;

/** Apps say what they are. Downloading and installing have levels of their own. People are invited to an app's channel, by links that end. */
export async function up(db: Kysely<Any>, _traits: DatabaseTraits): Promise<void> {
  for (const name of ["download", "install"]) {
    await db.schema
      .alterTable("apps")
      .addColumn(name, "text", (c) => c.notNull().defaultTo("token"))
      .execute();
  }
  await db.updateTable("apps").set({ download: sql`access`, install: sql`access` }).execute();
  for (const name of ["contact", "summary", "website"]) await db.schema.alterTable("apps").addColumn(name, "text").execute();
  await db.schema
    .createTable("testers")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("org_id", "text", (c) => c.notNull().references("organizations.id"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("mail", "text")
    .addColumn("groups", "text", (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("testers_mail").on("testers").columns(["org_id", "mail"]).unique().execute();
  await db.schema
    .createTable("tester_links")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("tester_id", "text", (c) => c.notNull().references("testers.id"))
    .addColumn("app_id", "text", (c) => c.notNull().references("apps.id"))
    .addColumn("channel", "text", (c) => c.notNull())
    .addColumn("hash", "text", (c) => c.notNull().unique())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("created_by", "text", (c) => c.notNull())
    .addColumn("expires_at", "text", (c) => c.notNull())
    .addColumn("revoked_at", "text")
    .execute();
  await db.schema.createIndex("tester_links_app").on("tester_links").columns(["app_id", "tester_id"]).execute();
  await db.schema
    .createTable("installs")
    .addColumn("tester_id", "text", (c) => c.notNull().references("testers.id"))
    .addColumn("artifact_id", "text", (c) => c.notNull().references("artifacts.id"))
    .addColumn("app_id", "text", (c) => c.notNull().references("apps.id"))
    .addColumn("at", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("installs_key", ["tester_id", "artifact_id"])
    .execute();
  await db.schema.createIndex("installs_app").on("installs").column("app_id").execute();
}
