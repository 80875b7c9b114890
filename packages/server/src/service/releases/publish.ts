import {
  type Coordinate,
  DistError,
  type Entry,
  planPublish,
  type PublishedRevision,
  type PublishPlan,
  renderCoordinate,
  type Sha256,
} from "@distd/core";
import type { GateResultDocument, ReleaseDocument } from "@distd/core/wire";
import type { Tx } from "../../db/database.ts";
import { act, type Outcome } from "../act.ts";
import { type AppRow, openApp } from "../apps.ts";
import { dropDraftArtifacts } from "./drafts.ts";
import { type Caller, type Instance, iso } from "../instance.ts";
import { acceptOverrides, askFeeds, askGate, requirePassed } from "./gate.ts";
import { introduceRelease } from "../repositories/introduce-release.ts";
import { computeExtraDigests } from "./extra-digests.ts";
import { missingParts } from "./parts.ts";
import { verifyImages } from "./verify-images.ts";
import { verifyTogether } from "./verify-together.ts";
import { type ArtifactRow, artifactsOf, findRelease, type ReleaseRow, renderRelease } from "./releases.ts";

export interface Publish {
  /** The channel it is meant for. */
  readonly channel?: string | undefined;
  readonly overrides: readonly { readonly check: string; readonly reason: string }[];
}

/** An artifact row as an entry of a release; the row comes along. */
interface RowEntry extends Entry {
  readonly row: ArtifactRow;
}

type NewRevision = Extract<PublishPlan<RowEntry>, { kind: "new" }>;

/**
 * Makes a draft visible, with all its artifacts, in one commit. Identical content is the release that is there already; new coordinates
 * make the next revision. Publishing what is published answers the same again, so of several jobs exactly one wins and all agree.
 */
export async function publish(
  instance: Instance,
  caller: Caller,
  slug: string,
  reference: string,
  input: Publish = { overrides: [] },
): Promise<ReleaseDocument> {
  for (;;) {
    const { app, rows } = await attachedArtifacts(instance, caller, slug, reference);
    await computeExtraDigests(instance, rows);
    await verifyImages(instance, rows);
    const looked = { ids: new Set(rows.map(({ id }) => id)), facts: await verifyTogether(instance, app, rows) };
    try {
      return await publishLooked(instance, caller, slug, reference, input, looked);
    } catch (thrown) {
      // Another job attached something while this one looked: that is to be looked at too.
      if (!(thrown instanceof AttachedMeanwhile)) throw thrown;
    }
  }
}

/** Artifacts of the draft that were looked at, and what was found out about them together. */
interface Looked {
  readonly ids: ReadonlySet<string>;
  readonly facts: ReadonlyMap<string, string>;
}

class AttachedMeanwhile extends Error {}

function publishLooked(
  instance: Instance,
  caller: Caller,
  slug: string,
  reference: string,
  input: Publish,
  { ids, facts }: Looked,
): Promise<ReleaseDocument> {
  return act(instance, caller, async (tx) => {
    const app = await openApp(tx, caller.principal, "publish", slug);
    const draft = await findRelease(tx, app, reference);
    if (draft.status !== "draft") return { result: await renderRelease(tx, instance, app, draft) };

    const rows = await artifactsOf(tx, draft.id);
    if (rows.some(({ id }) => !ids.has(id))) throw new AttachedMeanwhile();
    for (const [id, found] of facts)
      await tx.updateTable("artifacts").set({ facts: found }).where("id", "=", id).where("published", "=", 0).execute();
    const entries = rows.map((row) => asEntry({ ...row, facts: facts.get(row.id) ?? row.facts }));
    const key = { app: slug, version: draft.version, build: draft.build };
    const revisions = await publishedRevisions(tx, app, draft);
    const plan = planPublish(key, entries, revisions);
    // A repeated job of a finished release attaches what is there already; it need not wait for the others to repeat theirs.
    if (plan.kind === "new" || entries.length === 0) await requireComplete(tx, draft, entries.length);
    if (plan.kind === "same") return merge(tx, instance, app, draft, plan.id);
    const overrides = acceptOverrides(caller.principal, app, input.overrides);
    const { version, build } = draft;
    const added = await askFeeds(
      tx,
      plan.added.map(({ row }) => row),
    );
    const checks = await askGate(tx, instance, app, added, { version, build, channel: input.channel, stage: "publish", overrides });
    requirePassed(checks, version);
    return commit(tx, instance, app, draft, plan, checks);
  });
}

async function attachedArtifacts(
  instance: Instance,
  caller: Caller,
  slug: string,
  reference: string,
): Promise<{ readonly app: AppRow; readonly rows: readonly ArtifactRow[] }> {
  const app = await openApp(instance.db.read, caller.principal, "publish", slug);
  const draft = await findRelease(instance.db.read, app, reference);
  return { app, rows: draft.status === "draft" ? await artifactsOf(instance.db.read, draft.id) : [] };
}

async function requireComplete(tx: Tx, draft: ReleaseRow, artifacts: number): Promise<void> {
  const missing = missingParts(
    await tx.selectFrom("release_parts").selectAll().where("release_id", "=", draft.id).orderBy("name").execute(),
  );
  if (missing.length > 0) {
    throw new DistError("release/incomplete", `${draft.version} is a draft: ${missing.join(", ")} still missing`, {
      details: { release: draft.id, missing },
    });
  }
  if (artifacts === 0)
    throw new DistError("release/incomplete", `${draft.version} is a draft without artifacts`, {
      hint: "attach one with 'dist release attach'",
      details: { release: draft.id, missing },
    });
}

async function publishedRevisions(tx: Tx, app: AppRow, draft: ReleaseRow): Promise<PublishedRevision<RowEntry>[]> {
  const rows = await tx
    .selectFrom("releases")
    .selectAll()
    .where("app_id", "=", app.id)
    .where("version", "=", draft.version)
    .where("build", "=", draft.build)
    .where("status", "<>", "draft")
    .orderBy("revision")
    .execute();
  return Promise.all(
    rows.map(async (row) => ({
      id: row.id,
      revision: row.revision,
      identity: row.identity as Sha256,
      entries: (await artifactsOf(tx, row.id)).map(asEntry),
    })),
  );
}

/** The draft's content is published already: it becomes an alias of that release. */
async function merge(tx: Tx, instance: Instance, app: AppRow, draft: ReleaseRow, release: string): Promise<Outcome<ReleaseDocument>> {
  await dropDraftArtifacts(tx, instance, draft);
  await tx.updateTable("releases").set({ merged_into: release }).where("id", "=", draft.id).execute();
  const result = await renderRelease(tx, instance, app, await findRelease(tx, app, release));
  return {
    result,
    event: {
      action: "release.publish",
      app: app.slug,
      subject: release,
      details: { version: draft.version, build: draft.build, again: draft.id },
    },
  };
}

async function commit(
  tx: Tx,
  instance: Instance,
  app: AppRow,
  draft: ReleaseRow,
  plan: NewRevision,
  checks: readonly GateResultDocument[],
): Promise<Outcome<ReleaseDocument>> {
  const { revision, identity, kept, added } = plan;
  // Entries that repeat what an earlier revision holds give way to those, whose ids people know.
  const keptCoordinates = new Set(kept.map(renderCoordinate));
  const repeated = (await artifactsOf(tx, draft.id))
    .filter((row) => row.published === 0 && keptCoordinates.has(renderCoordinate(row)))
    .map((row) => row.id);
  if (repeated.length > 0) {
    await tx.deleteFrom("release_artifacts").where("release_id", "=", draft.id).where("artifact_id", "in", repeated).execute();
    await tx.deleteFrom("artifacts").where("id", "in", repeated).execute();
  }
  for (const { row } of kept) {
    await tx.insertInto("release_artifacts").values({ release_id: draft.id, artifact_id: row.id }).execute();
    if (row.sha256 === null) continue;
    const reference = { sha256: row.sha256, kind: "release" as const, owner_id: draft.id, app_id: app.id };
    await tx
      .insertInto("blob_references")
      .values(reference)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const ids = added.map(({ row }) => row.id);
  await tx.updateTable("artifacts").set({ published: 1 }).where("id", "in", ids).execute();
  const change = {
    status: "published" as const,
    revision,
    identity,
    published_at: iso(instance.now()),
    expires_at: null,
    checks: JSON.stringify(checks),
  };
  await tx.updateTable("releases").set(change).where("id", "=", draft.id).execute();
  await introduceRelease(tx, instance, app, draft.id);
  const result = await renderRelease(tx, instance, app, { ...draft, ...change });
  const overridden = checks
    .filter(({ override }) => override !== null)
    .map(({ check, artifact, override }) => ({ check, artifact, reason: override?.reason }));
  const details = { version: draft.version, build: draft.build, revision, identity, ...(overridden.length > 0 && { overridden }) };
  return { result, event: { action: "release.publish", app: app.slug, subject: draft.id, details } };
}

function asEntry(row: ArtifactRow): RowEntry {
  const { platform, arch, format, variant, role } = row;
  const coordinate: Coordinate = { platform, arch, format, variant, role };
  return row.sha256 === null ? { ...coordinate, link: row.link ?? "", row } : { ...coordinate, digest: row.sha256, row };
}
