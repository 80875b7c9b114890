import { type CreateTableBuilder, type Kysely, sql } from "kysely";
import type { DatabaseTraits } from "../database.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- a migration describes tables that the types of today may no longer have
type Any = any;

export async function up(db: Kysely<Any>, traits: DatabaseTraits): Promise<void> {
  // Keys compare by code units on both engines.
  const sortable = traits.engine === "postgres" ? sql`text collate "C"` : sql`text`;
  const integer = traits.engine === "postgres" ? "bigint" : "integer";
  const bytes = traits.engine === "postgres" ? sql`bytea` : sql`blob`;
  const table = (name: string): CreateTableBuilder<string> => db.schema.createTable(name);
  // Written by the engine, so that rows of one transaction have different ones.
  const serial = traits.engine === "postgres" ? sql`bigserial` : sql`integer`;

  await table("derived")
    .addColumn("sha256", "text", (c) => c.notNull().references("blobs.sha256").onDelete("cascade"))
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("generator", integer, (c) => c.notNull())
    .addColumn("body", bytes, (c) => c.notNull())
    .addPrimaryKeyConstraint("derived_key", ["sha256", "kind"])
    .execute();

  await db.schema.createIndex("blob_aliases_blob").on("blob_aliases").columns(["sha256"]).execute();

  await table("channel_releases")
    .addColumn("channel_id", "text", (c) => c.notNull().references("channels.id"))
    .addColumn("release_id", "text", (c) => c.notNull().references("releases.id"))
    .addColumn("sequence", integer, (c) => c.notNull())
    .addColumn("passed", integer, (c) => c.notNull())
    .addPrimaryKeyConstraint("channel_releases_key", ["channel_id", "release_id"])
    .execute();
  await db.schema.createIndex("channel_releases_order").on("channel_releases").columns(["channel_id", "sequence", "release_id"]).execute();

  await table("repositories")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("org_id", "text", (c) => c.notNull().references("organizations.id"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("generation", integer, (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addUniqueConstraint("repositories_name", ["org_id", "name"])
    .execute();
  await table("repository_members")
    .addColumn("repository_id", "text", (c) => c.notNull().references("repositories.id").onDelete("cascade"))
    .addColumn("app_id", "text", (c) => c.notNull().references("apps.id"))
    .addColumn("channel", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("repository_members_key", ["repository_id", "app_id", "channel"])
    .execute();
  await db.schema.createIndex("repository_members_app").on("repository_members").columns(["app_id"]).execute();
  await table("repository_keys")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("repository_id", "text", (c) => c.notNull().references("repositories.id"))
    .addColumn("family", "text", (c) => c.notNull())
    .addColumn("sealed", "text", (c) => c.notNull())
    .addColumn("public", "text", (c) => c.notNull())
    .addColumn("fingerprint", "text", (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("retired_at", "text")
    .execute();
  await table("package_names")
    .addColumn("repository_id", "text", (c) => c.notNull().references("repositories.id"))
    .addColumn("ecosystem", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("app_id", "text", (c) => c.notNull().references("apps.id"))
    .addPrimaryKeyConstraint("package_names_key", ["repository_id", "ecosystem", "name"])
    .execute();

  await table("fragments")
    .addColumn("repository_id", "text", (c) => c.notNull().references("repositories.id").onDelete("cascade"))
    .addColumn("release_id", "text", (c) => c.notNull().references("releases.id").onDelete("cascade"))
    .addColumn("feed", "text", (c) => c.notNull())
    .addColumn("address", "text", (c) => c.notNull())
    .addColumn("body", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("fragments_key", ["repository_id", "release_id", "feed"])
    .execute();
  await table("generations")
    .addColumn("repository_id", "text", (c) => c.notNull().references("repositories.id").onDelete("cascade"))
    .addColumn("number", integer, (c) => c.notNull())
    .addColumn("reason", "text", (c) => c.notNull())
    .addColumn("base_url", "text", (c) => c.notNull())
    .addColumn("issued_at", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("generations_key", ["repository_id", "number"])
    .execute();
  await table("feed_lists")
    .addColumn("id", serial, (c) => c.primaryKey())
    .addColumn("repository_id", "text", (c) => c.notNull().references("repositories.id").onDelete("cascade"))
    .addColumn("feed", "text", (c) => c.notNull())
    .addColumn("channel", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("changed", integer, (c) => c.notNull())
    .addColumn("digests", "text", (c) => c.notNull())
    .addUniqueConstraint("feed_lists_name", ["repository_id", "feed", "channel", "name"])
    .execute();
  await table("feed_entries")
    .addColumn("list_id", integer, (c) => c.notNull().references("feed_lists.id").onDelete("cascade"))
    .addColumn("key", sortable, (c) => c.notNull())
    .addColumn("release_id", "text", (c) => c.notNull())
    .addColumn("rank", sortable, (c) => c.notNull())
    .addColumn("text", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("feed_entries_key", ["list_id", "key", "release_id"])
    .execute();
  await db.schema.createIndex("feed_entries_release").on("feed_entries").columns(["release_id"]).execute();
  await table("feed_pages")
    .addColumn("id", serial, (c) => c.primaryKey())
    .addColumn("list_id", integer, (c) => c.notNull().references("feed_lists.id").onDelete("cascade"))
    .addColumn("first_key", sortable, (c) => c.notNull())
    .addColumn("from_generation", integer, (c) => c.notNull())
    .addColumn("to_generation", integer)
    .addColumn("ended_at", "text")
    // Last: what comes behind them in a row is only reached through them.
    .addColumn("body", bytes, (c) => c.notNull())
    .addColumn("gzip", bytes)
    .execute();
  await db.schema.createIndex("feed_pages_list").on("feed_pages").columns(["list_id", "first_key"]).execute();
  await db.schema
    .createIndex("feed_pages_current")
    .on("feed_pages")
    .columns(["list_id", "first_key", "id"])
    .where(sql.ref("to_generation"), "is", null)
    .execute();
  await db.schema
    .createIndex("feed_pages_ended")
    .on("feed_pages")
    .columns(["ended_at"])
    .where(sql.ref("ended_at"), "is not", null)
    .execute();
  await table("generated_files")
    .addColumn("id", serial, (c) => c.primaryKey())
    .addColumn("repository_id", "text", (c) => c.notNull().references("repositories.id").onDelete("cascade"))
    .addColumn("feed", "text", (c) => c.notNull())
    .addColumn("channel", "text", (c) => c.notNull())
    .addColumn("release_id", "text", (c) => c.notNull())
    .addColumn("path", "text", (c) => c.notNull())
    .addColumn("cache", "text", (c) => c.notNull())
    .addColumn("content", "text", (c) => c.notNull())
    .addColumn("etag", "text", (c) => c.notNull())
    .addColumn("from_generation", integer, (c) => c.notNull())
    .addColumn("to_generation", integer)
    .addColumn("ended_at", "text")
    .execute();
  await db.schema.createIndex("generated_files_path").on("generated_files").columns(["repository_id", "feed", "path"]).execute();
  await db.schema
    .createIndex("generated_files_current")
    .on("generated_files")
    .columns(["repository_id", "feed", "channel", "release_id", "path"])
    .where(sql.ref("to_generation"), "is", null)
    .execute();
  await db.schema.createIndex("generated_files_release").on("generated_files").columns(["release_id"]).execute();
  await db.schema
    .createIndex("generated_files_ended")
    .on("generated_files")
    .columns(["ended_at"])
    .where(sql.ref("ended_at"), "is not", null)
    .execute();

  // Whether what is pushed to the app as images makes releases, or is kept as it is.
  await db.schema
    .alterTable("apps")
    .addColumn("registry", "text", (c) => c.notNull().defaultTo("releases"))
    .execute();
  await table("images")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("app_id", "text", (c) => c.notNull().references("apps.id"))
    .addColumn("name", "text", (c) => c.notNull())
    .addUniqueConstraint("images_name", ["app_id", "name"])
    .execute();
  await table("spools")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("image_id", "text", (c) => c.references("images.id"))
    .addColumn("principal", "text", (c) => c.notNull())
    .addColumn("expires_at", "text", (c) => c.notNull())
    .execute();
  await table("image_blobs")
    .addColumn("image_id", "text", (c) => c.notNull().references("images.id"))
    .addColumn("digest", "text", (c) => c.notNull())
    .addColumn("sha256", "text", (c) => c.notNull().references("blobs.sha256"))
    .addColumn("size", integer, (c) => c.notNull())
    .addPrimaryKeyConstraint("image_blobs_key", ["image_id", "digest"])
    .execute();
  await table("image_manifests")
    .addColumn("image_id", "text", (c) => c.notNull().references("images.id"))
    .addColumn("digest", "text", (c) => c.notNull())
    .addColumn("media_type", "text", (c) => c.notNull())
    .addColumn("body", bytes, (c) => c.notNull())
    .addColumn("subject", "text")
    .addColumn("artifact_type", "text")
    .addColumn("annotations", "text")
    .addPrimaryKeyConstraint("image_manifests_key", ["image_id", "digest"])
    .execute();
  await db.schema.createIndex("image_manifests_subject").on("image_manifests").columns(["image_id", "subject"]).execute();
  await table("image_tags")
    .addColumn("image_id", "text", (c) => c.notNull().references("images.id"))
    .addColumn("tag", sortable, (c) => c.notNull())
    .addColumn("digest", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("image_tags_key", ["image_id", "tag"])
    .execute();

  // What is live was promoted before there were repositories.
  await sql`insert into channel_releases select distinct channel_id, release_id, 0, 0 from channel_heads`.execute(db);
}
