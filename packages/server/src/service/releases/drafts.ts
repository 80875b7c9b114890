import { DistError, parseFileName, parseVersion, renderCoordinate } from "@distd/core";
import type { AttachRequest, ReleaseDocument } from "@distd/core/wire";
import type { Tx } from "../../db/database.ts";
import { act } from "../act.ts";
import { type AppRow, openApp } from "../apps.ts";
import { createId } from "../ids.ts";
import { type Caller, DAY_MS, type Instance, iso } from "../instance.ts";
import { takeLease } from "../uploads/leases.ts";
import { completeParts } from "./parts.ts";
import { type ArtifactRow, artifactsOf, findRelease, type ReleaseRow, renderRelease } from "./releases.ts";
import { inspectUnseen, resolveEntry } from "./resolve-entry.ts";

/** A draft that nobody publishes within this time is dropped. */
const DRAFT_LIFETIME_MS = 7 * DAY_MS;

export interface CreateDraft {
  readonly version: string;
  readonly build?: string | number | undefined;
  readonly notes?: string | undefined;
  readonly parts?: readonly string[] | undefined;
}

/** A new draft. With declared parts it is shared: every job that names the same version and build gets the same one. */
export async function createDraft(instance: Instance, caller: Caller, slug: string, input: CreateDraft): Promise<ReleaseDocument> {
  const version = parseVersion(input.version);
  const build = String(input.build ?? "");
  return act(instance, caller, async (tx) => {
    const app = await openApp(tx, caller.principal, "publish", slug);
    const parts = [...new Set(input.parts ?? [])];
    const open = parts.length === 0 ? undefined : await openSharedDraft(tx, app, version.text, build);
    if (open) {
      await requireSameParts(tx, open, parts);
      return { result: await renderRelease(tx, instance, app, open) };
    }
    const now = instance.now();
    const row: ReleaseRow = {
      id: createId("rel", now),
      app_id: app.id,
      version: version.text,
      scheme: version.scheme,
      sort_key: version.sortKey,
      build,
      revision: 0,
      status: "draft",
      identity: null,
      notes: input.notes ?? "",
      created_at: iso(now),
      created_by: caller.principal.id,
      published_at: null,
      withdrawal_reason: null,
      replacement_id: null,
      merged_into: null,
      shared: parts.length === 0 ? 0 : 1,
      checks: "[]",
      expires_at: iso(now + DRAFT_LIFETIME_MS),
    };
    await tx.insertInto("releases").values(row).execute();
    for (const name of parts) await tx.insertInto("release_parts").values({ release_id: row.id, name, completed_at: null }).execute();
    return {
      result: await renderRelease(tx, instance, app, row),
      event: { action: "release.create", app: slug, subject: row.id, details: { version: row.version, build, parts } },
    };
  });
}

async function openSharedDraft(tx: Tx, app: AppRow, version: string, build: string): Promise<ReleaseRow | undefined> {
  return tx
    .selectFrom("releases")
    .selectAll()
    .where("app_id", "=", app.id)
    .where("version", "=", version)
    .where("build", "=", build)
    .where("status", "=", "draft")
    .where("shared", "=", 1)
    .where("merged_into", "is", null)
    .executeTakeFirst();
}

async function requireSameParts(tx: Tx, draft: ReleaseRow, parts: readonly string[]): Promise<void> {
  const declared = await tx.selectFrom("release_parts").select("name").where("release_id", "=", draft.id).orderBy("name").execute();
  const names = declared.map((row) => row.name);
  if (names.join() === [...parts].sort().join()) return;
  throw new DistError(
    "release/conflict",
    `${draft.version} is being built from the parts ${names.join(", ")}, not ${[...parts].sort().join(", ")}`,
    {
      hint: "let all jobs declare the same parts",
      details: { release: draft.id, parts: names },
    },
  );
}

/** Adds files and links to a draft, all or none. A coordinate of the draft takes other bytes only from the job that put the first there. */
export async function attach(
  instance: Instance,
  caller: Caller,
  slug: string,
  reference: string,
  input: { artifacts: readonly AttachRequest[]; part?: string | undefined },
): Promise<ReleaseDocument> {
  await inspectUnseen(instance, await openApp(instance.db.read, caller.principal, "publish", slug), input.artifacts);
  return act(instance, caller, async (tx) => {
    const app = await openApp(tx, caller.principal, "publish", slug);
    const release = await findRelease(tx, app, reference);
    const there = new Map((await artifactsOf(tx, release.id)).map((row) => [renderCoordinate(row), row]));
    const attached: ArtifactRow[] = [];
    for (const request of input.artifacts) {
      const row = await resolveEntry(tx, instance, app, release, request);
      const twin = there.get(renderCoordinate(row));
      if (twin && sameContent(twin, row)) {
        attached.push(twin);
        continue;
      }
      if (release.status !== "draft") {
        throw new DistError("release/published", `release ${release.id} is ${release.status}; its artifacts cannot change`);
      }
      if (twin) throw sameCoordinate(twin, row);
      await insertArtifact(tx, release, row);
      there.set(renderCoordinate(row), row);
      attached.push(row);
    }
    // Another job may have completed and published the set while this one came back with its part.
    if (release.status !== "draft") return { result: await renderRelease(tx, instance, app, release) };
    await completeParts(tx, release.id, input.part, attached, iso(instance.now()));
    const names = attached.map(({ name, sha256, link }) => ({ name, content: sha256 ?? link }));
    return {
      result: await renderRelease(tx, instance, app, release),
      event: { action: "release.attach", app: slug, subject: release.id, details: { artifacts: names, part: input.part ?? null } },
    };
  });
}

function sameContent(a: ArtifactRow, b: ArtifactRow): boolean {
  return a.sha256 === b.sha256 && a.link === b.link;
}

function sameCoordinate(there: ArtifactRow, offered: ArtifactRow): DistError {
  return new DistError("release/conflict", `'${there.name}' and '${offered.name}' are both ${renderCoordinate(there)}`, {
    hint: "tell them apart by platform, arch, variant or role in the manifest, or publish a new build",
    details: { coordinate: renderCoordinate(there), names: [there.name, offered.name] },
  });
}

async function insertArtifact(tx: Tx, release: ReleaseRow, row: ArtifactRow): Promise<void> {
  parseFileName(row.name);
  await tx.insertInto("artifacts").values(row).execute();
  await tx.insertInto("release_artifacts").values({ release_id: release.id, artifact_id: row.id }).execute();
  if (row.sha256 === null) return;
  const reference = { sha256: row.sha256, kind: "release" as const, owner_id: release.id, app_id: release.app_id };
  await tx
    .insertInto("blob_references")
    .values(reference)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Takes a draft's own artifacts away; their bytes stay a while, under a lease. */
export async function dropDraftArtifacts(tx: Tx, instance: Instance, draft: ReleaseRow): Promise<void> {
  const artifacts = await artifactsOf(tx, draft.id);
  for (const { sha256 } of artifacts) if (sha256 !== null) await takeLease(tx, instance, { sha256, app: draft.app_id, kind: "grace" });
  await tx.deleteFrom("release_artifacts").where("release_id", "=", draft.id).execute();
  await tx.deleteFrom("blob_references").where("kind", "=", "release").where("owner_id", "=", draft.id).execute();
  const own = artifacts.filter((row) => row.published === 0).map((row) => row.id);
  if (own.length > 0) await tx.deleteFrom("artifacts").where("id", "in", own).execute();
}

/** Gives up a draft with everything attached to it; nothing happens when it is none any more. */
export async function discardDraft(instance: Instance, caller: Caller, id: string): Promise<void> {
  await act(instance, { principal: caller.principal }, async (tx) => {
    const draft = await tx.selectFrom("releases").selectAll().where("id", "=", id).where("status", "=", "draft").executeTakeFirst();
    if (!draft || draft.merged_into !== null) return { result: null };
    const app = await tx.selectFrom("apps").select("slug").where("id", "=", draft.app_id).executeTakeFirstOrThrow();
    await dropDraftArtifacts(tx, instance, draft);
    await tx.deleteFrom("release_parts").where("release_id", "=", id).execute();
    await tx.deleteFrom("releases").where("id", "=", id).execute();
    return {
      result: null,
      event: { action: "release.expire", app: app.slug, subject: id, details: { version: draft.version, build: draft.build } },
    };
  });
}

/** Runs what needs a draft that nobody else knows of; the draft does not stay when that fails. */
export async function withDraft<T>(
  instance: Instance,
  caller: Caller,
  slug: string,
  version: string,
  body: (draft: string) => Promise<T>,
): Promise<T> {
  const { id } = await createDraft(instance, caller, slug, { version });
  try {
    return await body(id);
  } catch (error) {
    await discardDraft(instance, caller, id);
    throw error;
  }
}
