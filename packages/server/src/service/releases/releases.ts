import { type ArtifactFacts, DistError, isAllowed, parseVersion, type Principal, renderSha256 } from "@distd/core";
import type { ArtifactDocument, GateResultDocument, ReleaseDocument } from "@distd/core/wire";
import { signingLine } from "@distd/inspect/verify/describe";
import type { Selectable } from "kysely";
import type { Read, Tx } from "../../db/database.ts";
import type { Schema } from "../../db/schema.ts";
import { type AppRow, openApp } from "../apps.ts";
import type { Instance } from "../instance.ts";
import { missingParts } from "./parts.ts";

export type ReleaseRow = Selectable<Schema["releases"]>;
export type ArtifactRow = Selectable<Schema["artifacts"]>;

/** A build for iPhones that is handed out as a file alone: to people who are known here, whatever everybody may download of the app. */
export function isArtifactOnly({ install }: Pick<ArtifactRow, "install">): boolean {
  return install !== null && (JSON.parse(install) as { readonly mode?: string }).mode === "artifact-only";
}

/** A release by id, or the newest published build and revision of a version. A draft that was merged is the release it became. */
export async function findRelease(db: Read | Tx, app: AppRow, reference: string): Promise<ReleaseRow> {
  const ofApp = db.selectFrom("releases").selectAll().where("app_id", "=", app.id);
  if (reference.startsWith("rel_")) {
    const row = await ofApp.where("id", "=", reference).executeTakeFirst();
    if (row?.merged_into) return findRelease(db, app, row.merged_into);
    if (row) return row;
  } else {
    const version = parseVersion(reference).text;
    const row = await ofApp
      .where("version", "=", version)
      .where("status", "<>", "draft")
      .orderBy("published_at", "desc")
      .orderBy("revision", "desc")
      .executeTakeFirst();
    if (row) return row;
  }
  throw new DistError("release/not-found", `app '${app.slug}' has no release '${reference}'`);
}

export async function artifactsOf(db: Read | Tx, release: string): Promise<ArtifactRow[]> {
  return db
    .selectFrom("release_artifacts")
    .innerJoin("artifacts", "artifacts.id", "release_artifacts.artifact_id")
    .selectAll("artifacts")
    .where("release_artifacts.release_id", "=", release)
    .orderBy("artifacts.platform")
    .orderBy("artifacts.arch")
    .orderBy("artifacts.format")
    .orderBy("artifacts.variant")
    .orderBy("artifacts.role")
    .execute();
}

/** A release by id alone, for those who know it from an earlier answer; who may not see its app learns nothing. */
export async function showReleaseById(instance: Instance, principal: Principal, id: string): Promise<ReleaseDocument> {
  const row = await instance.db.read
    .selectFrom("releases")
    .innerJoin("apps", "apps.id", "releases.app_id")
    .selectAll("apps")
    .where("releases.id", "=", id)
    .executeTakeFirst();
  if (row && isAllowed(principal, "read", { app: row })) return showRelease(instance, principal, row.slug, id);
  if (principal.kind === "anonymous") throw new DistError("auth/required", `release '${id}' is not open to everyone`);
  throw new DistError("release/not-found", `there is no release '${id}', or this token does not reach it`);
}

/** Drafts are seen by who may publish; a quarantined release by them too, so that they can explain it. */
export async function showRelease(instance: Instance, principal: Principal, slug: string, reference: string): Promise<ReleaseDocument> {
  const app = await openApp(instance.db.read, principal, "read", slug);
  const row = await findRelease(instance.db.read, app, reference);
  if (row.status === "draft" && !isAllowed(principal, "publish", { app }))
    throw new DistError("release/not-found", `app '${slug}' has no release '${reference}'`);
  return renderRelease(instance.db.read, instance, app, row);
}

/** Newest first; `before` is the id the last page ended with. */
export async function listReleases(
  instance: Instance,
  principal: Principal,
  slug: string,
  page: { before: string | undefined; limit: number },
): Promise<ReleaseDocument[]> {
  const app = await openApp(instance.db.read, principal, "read", slug);
  let query = instance.db.read
    .selectFrom("releases")
    .selectAll()
    .where("app_id", "=", app.id)
    .where("merged_into", "is", null)
    .orderBy("id", "desc")
    .limit(page.limit);
  if (page.before !== undefined) query = query.where("id", "<", page.before);
  if (!isAllowed(principal, "publish", { app })) query = query.where("status", "<>", "draft");
  const rows = await query.execute();
  return Promise.all(rows.map((row) => renderRelease(instance.db.read, instance, app, row)));
}

export async function renderRelease(db: Read | Tx, instance: Instance, app: AppRow, row: ReleaseRow): Promise<ReleaseDocument> {
  const artifacts = await artifactsOf(db, row.id);
  const parts = await db.selectFrom("release_parts").selectAll().where("release_id", "=", row.id).orderBy("name").execute();
  return {
    id: row.id,
    app: app.slug,
    version: row.version,
    build: row.build,
    revision: row.revision,
    status: row.status,
    notes: row.notes,
    createdAt: row.created_at,
    publishedAt: row.published_at,
    withdrawal:
      row.status === "yanked" || row.status === "quarantined"
        ? { reason: row.withdrawal_reason ?? "", replacement: row.replacement_id }
        : null,
    parts: parts.map((part) => part.name),
    missing: row.status === "draft" ? missingParts(parts) : [],
    checks: JSON.parse(row.checks) as GateResultDocument[],
    artifacts: artifacts.map((artifact) => renderArtifact(instance, app.slug, artifact)),
  };
}

export function renderArtifact(instance: Instance, slug: string, row: ArtifactRow): ArtifactDocument {
  const facts = row.facts === null ? null : (JSON.parse(row.facts) as ArtifactFacts & Record<string, unknown>);
  return {
    id: row.id,
    name: row.name,
    platform: row.platform,
    arch: row.arch,
    format: row.format,
    variant: row.variant,
    role: row.role,
    digest: row.sha256 === null ? null : renderSha256(row.sha256),
    size: row.size,
    url: row.link ?? `${instance.baseUrl}/d/${artifactPath(slug, row)}`,
    install: row.install === null ? null : JSON.parse(row.install),
    facts,
    verdict: (facts && signingLine(facts)) ?? null,
  };
}

/** Where a file is below `/d/`; also its path in channel documents. */
export function artifactPath(slug: string, row: Pick<ArtifactRow, "id" | "name">): string {
  return `${slug}/artifacts/${row.id}/${encodeURIComponent(row.name)}`;
}
