import { type CreateTableBuilder, type Kysely, sql } from "kysely";
import type { DatabaseTraits } from "../database.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- a migration describes tables that the types of today may no longer have
type Any = any;

export async function up(db: Kysely<Any>, traits: DatabaseTraits): Promise<void> {
  // Sort keys compare by code units on both engines.
  const sortable = traits.engine === "postgres" ? sql`text collate "C"` : sql`text`;
  const integer = traits.engine === "postgres" ? "bigint" : "integer";
  const table = (name: string): CreateTableBuilder<string> => db.schema.createTable(name);

  await table("organizations")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("name", "text", (c) => c.notNull())
    .execute();
  await db.insertInto("organizations").values({ id: "org_main", name: "main" }).execute();

  await table("instance")
    .addColumn("key", "text", (c) => c.primaryKey())
    .addColumn("value", "text", (c) => c.notNull())
    .execute();

  await table("apps")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("org_id", "text", (c) => c.notNull().references("organizations.id"))
    .addColumn("slug", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("access", "text", (c) => c.notNull())
    .addColumn("quota_bytes", integer)
    .addColumn("gate", "text", (c) => c.notNull().defaultTo("{}"))
    .addColumn("created_at", "text", (c) => c.notNull())
    .addUniqueConstraint("apps_slug", ["org_id", "slug"])
    .execute();

  await table("blobs")
    .addColumn("sha256", "text", (c) => c.primaryKey())
    .addColumn("size", integer, (c) => c.notNull())
    .addColumn("store_key", "text", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .execute();

  await db.schema.createIndex("blobs_unsettled").on("blobs").columns(["state"]).where(sql.ref("state"), "<>", sql.lit("live")).execute();

  await table("blob_aliases")
    .addColumn("algorithm", "text", (c) => c.notNull())
    .addColumn("digest", "text", (c) => c.notNull())
    .addColumn("sha256", "text", (c) => c.notNull().references("blobs.sha256").onDelete("cascade"))
    .addPrimaryKeyConstraint("blob_aliases_key", ["algorithm", "digest"])
    .execute();

  await table("blob_references")
    .addColumn("sha256", "text", (c) => c.notNull().references("blobs.sha256"))
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("owner_id", "text", (c) => c.notNull())
    .addColumn("app_id", "text", (c) => c.notNull().references("apps.id"))
    .addPrimaryKeyConstraint("blob_references_key", ["sha256", "kind", "owner_id"])
    .execute();
  await db.schema.createIndex("blob_references_owner").on("blob_references").columns(["owner_id"]).execute();
  await db.schema.createIndex("blob_references_app").on("blob_references").columns(["app_id", "sha256"]).execute();

  await table("leases")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("sha256", "text", (c) => c.notNull())
    .addColumn("app_id", "text", (c) => c.notNull().references("apps.id"))
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("expires_at", "text", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("leases_blob").on("leases").columns(["sha256", "app_id", "expires_at"]).execute();
  await db.schema.createIndex("leases_expiry").on("leases").columns(["expires_at"]).execute();

  await table("uploads")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("app_id", "text", (c) => c.notNull().references("apps.id"))
    .addColumn("principal", "text", (c) => c.notNull())
    .addColumn("file_name", "text", (c) => c.notNull())
    .addColumn("sha256", "text", (c) => c.notNull())
    .addColumn("size", integer, (c) => c.notNull())
    .addColumn("durable_offset", integer, (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("expires_at", "text", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("uploads_resume").on("uploads").columns(["app_id", "sha256"]).execute();

  await table("facts")
    .addColumn("sha256", "text", (c) => c.notNull().references("blobs.sha256").onDelete("cascade"))
    .addColumn("file_name", "text", (c) => c.notNull())
    .addColumn("facts", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("facts_key", ["sha256", "file_name"])
    .execute();

  await table("releases")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("app_id", "text", (c) => c.notNull().references("apps.id"))
    .addColumn("version", "text", (c) => c.notNull())
    .addColumn("scheme", "text", (c) => c.notNull())
    .addColumn("sort_key", sortable, (c) => c.notNull())
    .addColumn("build", "text", (c) => c.notNull())
    .addColumn("revision", integer, (c) => c.notNull())
    .addColumn("status", "text", (c) => c.notNull())
    .addColumn("identity", "text")
    .addColumn("notes", "text", (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("created_by", "text", (c) => c.notNull())
    .addColumn("published_at", "text")
    .addColumn("withdrawal_reason", "text")
    .addColumn("replacement_id", "text")
    .addColumn("merged_into", "text")
    .addColumn("shared", integer, (c) => c.notNull())
    .addColumn("checks", "text", (c) => c.notNull().defaultTo("[]"))
    .addColumn("expires_at", "text")
    .execute();
  await db.schema
    .createIndex("releases_coordinate")
    .unique()
    .on("releases")
    .columns(["app_id", "version", "build", "revision"])
    .where(sql.ref("status"), "<>", sql.lit("draft"))
    .execute();
  await db.schema
    .createIndex("releases_shared_draft")
    .unique()
    .on("releases")
    .columns(["app_id", "version", "build"])
    .where(sql.ref("status"), "=", sql.lit("draft"))
    .where(sql.ref("shared"), "=", sql.lit(1))
    .where(sql.ref("merged_into"), "is", null)
    .execute();
  await db.schema.createIndex("releases_newest").on("releases").columns(["app_id", "published_at"]).execute();
  await db.schema.createIndex("releases_expiry").on("releases").columns(["expires_at"]).execute();

  await table("release_parts")
    .addColumn("release_id", "text", (c) => c.notNull().references("releases.id").onDelete("cascade"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("completed_at", "text")
    .addPrimaryKeyConstraint("release_parts_key", ["release_id", "name"])
    .execute();

  await table("artifacts")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("app_id", "text", (c) => c.notNull().references("apps.id"))
    .addColumn("version", "text", (c) => c.notNull())
    .addColumn("build", "text", (c) => c.notNull())
    .addColumn("platform", "text", (c) => c.notNull())
    .addColumn("arch", "text", (c) => c.notNull())
    .addColumn("format", "text", (c) => c.notNull())
    .addColumn("variant", "text", (c) => c.notNull())
    .addColumn("role", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("sha256", "text", (c) => c.references("blobs.sha256"))
    .addColumn("size", integer)
    .addColumn("link", "text")
    .addColumn("install", "text")
    .addColumn("facts", "text")
    .addColumn("published", integer, (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex("artifacts_coordinate")
    .unique()
    .on("artifacts")
    .columns(["app_id", "version", "build", "platform", "arch", "format", "variant", "role"])
    .where(sql.ref("published"), "=", sql.lit(1))
    .execute();

  await table("release_artifacts")
    .addColumn("release_id", "text", (c) => c.notNull().references("releases.id").onDelete("cascade"))
    .addColumn("artifact_id", "text", (c) => c.notNull().references("artifacts.id"))
    .addPrimaryKeyConstraint("release_artifacts_key", ["release_id", "artifact_id"])
    .execute();
  await db.schema.createIndex("release_artifacts_artifact").on("release_artifacts").columns(["artifact_id"]).execute();

  await table("channels")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("app_id", "text", (c) => c.notNull().references("apps.id"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("sequence", integer, (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addUniqueConstraint("channels_name", ["app_id", "name"])
    .execute();

  await table("channel_revisions")
    .addColumn("channel_id", "text", (c) => c.notNull().references("channels.id"))
    .addColumn("sequence", integer, (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("release_id", "text", (c) => c.references("releases.id"))
    .addColumn("restores", integer)
    .addColumn("heads", "text", (c) => c.notNull())
    .addColumn("actor", "text", (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("channel_revisions_key", ["channel_id", "sequence"])
    .execute();

  await table("channel_heads")
    .addColumn("channel_id", "text", (c) => c.notNull().references("channels.id"))
    .addColumn("target", "text", (c) => c.notNull())
    .addColumn("release_id", "text", (c) => c.notNull().references("releases.id"))
    .addPrimaryKeyConstraint("channel_heads_key", ["channel_id", "target"])
    .execute();
  await db.schema.createIndex("channel_heads_release").on("channel_heads").columns(["release_id"]).execute();

  await table("channel_documents")
    .addColumn("channel_id", "text", (c) => c.primaryKey().references("channels.id"))
    .addColumn("sequence", integer, (c) => c.notNull())
    .addColumn("base_url", "text", (c) => c.notNull())
    .addColumn("issued_at", "text", (c) => c.notNull())
    .addColumn("body", "text", (c) => c.notNull())
    .execute();

  await table("tokens")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("org_id", "text", (c) => c.notNull().references("organizations.id"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("hash", "text", (c) => c.notNull().unique())
    .addColumn("scopes", "text", (c) => c.notNull())
    .addColumn("apps", "text", (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addColumn("created_by", "text", (c) => c.notNull())
    .addColumn("expires_at", "text", (c) => c.notNull())
    .addColumn("revoked_at", "text")
    .addColumn("last_used_at", "text")
    .execute();

  await table("audit_events")
    .addColumn("index", integer, (c) => c.primaryKey())
    .addColumn("at", "text", (c) => c.notNull())
    .addColumn("actor", "text", (c) => c.notNull())
    .addColumn("action", "text", (c) => c.notNull())
    .addColumn("app", "text", (c) => c.notNull())
    .addColumn("subject", "text", (c) => c.notNull())
    .addColumn("body", "text", (c) => c.notNull())
    .execute();
  await table("audit_head")
    .addColumn("id", integer, (c) => c.primaryKey())
    .addColumn("size", integer, (c) => c.notNull())
    .addColumn("peaks", "text", (c) => c.notNull())
    .execute();
  await db.insertInto("audit_head").values({ id: 1, size: 0, peaks: "[]" }).execute();
  await table("audit_checkpoints")
    .addColumn("size", integer, (c) => c.primaryKey())
    .addColumn("note", "text", (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .execute();

  await table("idempotency_keys")
    .addColumn("principal", "text", (c) => c.notNull())
    .addColumn("key", "text", (c) => c.notNull())
    .addColumn("fingerprint", "text", (c) => c.notNull())
    .addColumn("result", "text", (c) => c.notNull())
    .addColumn("created_at", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("idempotency_keys_key", ["principal", "key"])
    .execute();

  // For people at a shell: what is live where, and which file that is below the data folder.
  await db.schema
    .createView("live_files")
    .as(
      sql`select apps.slug as app, channels.name as channel, channel_heads.target, releases.version, releases.build, artifacts.name,
        artifacts.format, artifacts.size, blobs.store_key as file
      from channel_heads
      join channels on channels.id = channel_heads.channel_id
      join apps on apps.id = channels.app_id
      join releases on releases.id = channel_heads.release_id
      join release_artifacts on release_artifacts.release_id = releases.id
      join artifacts on artifacts.id = release_artifacts.artifact_id
        and artifacts.platform || '/' || artifacts.arch || case artifacts.variant when '' then '' else '/' || artifacts.variant end = channel_heads.target
      left join blobs on blobs.sha256 = artifacts.sha256` as Any,
    )
    .execute();
}
