import {
  type Coordinate,
  DistError,
  type Heads,
  type Principal,
  parseChannelName,
  promoteHeads,
  sameHeads,
  type Target,
} from "@distd/core";
import type { ChannelRevision, ChannelState } from "@distd/core/wire";
import type { Selectable } from "kysely";
import type { Read, Tx } from "../db/database.ts";
import type { Schema } from "../db/schema.ts";
import { act } from "./act.ts";
import { type AppRow, openApp } from "./apps.ts";
import { issueChannelDocument } from "./channel-documents.ts";
import { createId } from "./ids.ts";
import { type Caller, type Instance, iso } from "./instance.ts";
import { artifactsOf, findRelease, type ReleaseRow } from "./releases.ts";

export type ChannelRow = Selectable<Schema["channels"]>;
type RevisionRow = Selectable<Schema["channel_revisions"]>;

/** Roles that make a release present on a target; symbols and checksums do not. */
const DELIVERED_ROLES = new Set(["install", "portable", "update"]);

export interface Promote {
  readonly release: string;
  readonly expect?: number | undefined;
  readonly exact: boolean;
  readonly once: boolean;
}

/** Makes a release live for the targets it has. Promoting what is live already changes nothing. */
export async function promote(instance: Instance, caller: Caller, slug: string, name: string, input: Promote): Promise<ChannelState> {
  return act(instance, caller, async (tx) => {
    const app = await openApp(tx, caller.principal, "promote", slug, parseChannelName(name));
    const release = await findRelease(tx, app, input.release);
    requirePublished(release);
    const targets = await targetsOf(tx, release);
    const channel = await openChannel(tx, instance, app, name);
    requireSequence(channel, input.expect);
    const heads = await headsOf(tx, channel.id);
    const next = promoteHeads(heads, release.id, targets, input);
    const wasLive = input.once && (await hadLive(tx, channel, release));
    if (wasLive || (channel.sequence > 0 && sameHeads(heads, next))) return { result: await renderChannel(tx, channel) };
    const moved = await moveChannel(tx, instance, app, channel, {
      kind: "promote",
      release: release.id,
      restores: null,
      heads: next,
      actor: caller.principal.id,
    });
    const details = { channel: name, sequence: moved.sequence, release: release.id, version: release.version, heads: next };
    return { result: await renderChannel(tx, moved), event: { action: "channel.promote", app: slug, subject: channel.id, details } };
  });
}

/** Goes back to the heads before the revision that is live; done again, further back. States with withdrawn releases are passed over. */
export async function rollback(
  instance: Instance,
  caller: Caller,
  slug: string,
  name: string,
  input: { expect?: number | undefined },
): Promise<ChannelState> {
  return act(instance, caller, async (tx) => {
    const app = await openApp(tx, caller.principal, "promote", slug, parseChannelName(name));
    const channel = await findChannel(tx, app, name);
    requireSequence(channel, input.expect);
    const before = await revisionBefore(tx, channel);
    if (!before)
      throw new DistError(
        "channel/nothing-to-roll-back",
        `channel '${name}' of '${slug}' has nothing before its revision ${channel.sequence}`,
      );
    const heads: Heads = JSON.parse(before.heads);
    const moved = await moveChannel(tx, instance, app, channel, {
      kind: "rollback",
      release: before.release_id,
      restores: before.sequence,
      heads,
      actor: caller.principal.id,
    });
    const details = { channel: name, sequence: moved.sequence, restores: before.sequence, heads };
    return { result: await renderChannel(tx, moved), event: { action: "channel.rollback", app: slug, subject: channel.id, details } };
  });
}

function requirePublished(release: ReleaseRow): void {
  if (release.status === "draft") throw new DistError("release/draft", `release ${release.id} is a draft`);
  if (release.status !== "published") {
    throw new DistError("release/withdrawn", `release ${release.version} (${release.id}) is ${release.status}`, {
      details: { release: release.id, status: release.status },
    });
  }
}

function requireSequence(channel: ChannelRow, expect: number | undefined): void {
  if (expect === undefined || expect === channel.sequence) return;
  throw new DistError("channel/sequence-mismatch", `channel '${channel.name}' stands at ${channel.sequence}, not at ${expect}`, {
    details: { expected: expect, sequence: channel.sequence },
  });
}

async function targetsOf(tx: Tx, release: ReleaseRow): Promise<Target[]> {
  const delivered = (await artifactsOf(tx, release.id)).filter((row) => DELIVERED_ROLES.has(row.role));
  if (delivered.length === 0)
    throw new DistError(
      "usage/invalid",
      `release ${release.version} has nothing to deliver, only ${[...DELIVERED_ROLES].join(", ")} are delivered`,
    );
  return delivered.map(({ platform, arch, variant }: Coordinate) => ({ platform, arch, variant }));
}

async function hadLive(tx: Tx, channel: ChannelRow, release: ReleaseRow): Promise<boolean> {
  const row = await tx
    .selectFrom("channel_revisions")
    .select("sequence")
    .where("channel_id", "=", channel.id)
    .where("release_id", "=", release.id)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function revisionBefore(tx: Tx, channel: ChannelRow): Promise<RevisionRow | undefined> {
  const current = await tx
    .selectFrom("channel_revisions")
    .selectAll()
    .where("channel_id", "=", channel.id)
    .where("sequence", "=", channel.sequence)
    .executeTakeFirst();
  if (!current) return undefined;
  const now: Heads = JSON.parse(current.heads);
  // A rolled-back channel stands where the revision it restored stood. Keyset pages: a channel may have a long history.
  let position = current.restores ?? current.sequence;
  for (;;) {
    const row = await tx
      .selectFrom("channel_revisions")
      .selectAll()
      .where("channel_id", "=", channel.id)
      .where("sequence", "<", position)
      .orderBy("sequence", "desc")
      .limit(1)
      .executeTakeFirst();
    if (!row) return undefined;
    position = row.restores ?? row.sequence;
    const heads: Heads = JSON.parse(row.heads);
    const releases = [...new Set(Object.values(heads))];
    if (releases.length === 0 || sameHeads(heads, now)) continue;
    const withdrawn = await tx
      .selectFrom("releases")
      .select("id")
      .where("id", "in", releases)
      .where("status", "<>", "published")
      .limit(1)
      .executeTakeFirst();
    if (!withdrawn) return { ...row, sequence: position };
  }
}

export interface Move {
  readonly kind: RevisionRow["kind"];
  readonly release: string | null;
  readonly restores: number | null;
  readonly heads: Heads;
  readonly actor: string;
}

/** Writes the next revision, the heads it makes live, and the signed document: all three or none. */
export async function moveChannel(tx: Tx, instance: Instance, app: AppRow, channel: ChannelRow, move: Move): Promise<ChannelRow> {
  const moved = { ...channel, sequence: channel.sequence + 1 };
  await tx.updateTable("channels").set({ sequence: moved.sequence }).where("id", "=", channel.id).execute();
  await tx
    .insertInto("channel_revisions")
    .values({
      channel_id: channel.id,
      sequence: moved.sequence,
      kind: move.kind,
      release_id: move.release,
      restores: move.restores,
      heads: JSON.stringify(move.heads),
      actor: move.actor,
      created_at: iso(instance.now()),
    })
    .execute();
  await tx.deleteFrom("channel_heads").where("channel_id", "=", channel.id).execute();
  for (const [target, release_id] of Object.entries(move.heads))
    await tx.insertInto("channel_heads").values({ channel_id: channel.id, target, release_id }).execute();
  await issueChannelDocument(tx, instance, app, moved);
  return moved;
}

/** The channel, made on its first promotion. */
async function openChannel(tx: Tx, instance: Instance, app: AppRow, name: string): Promise<ChannelRow> {
  const there = await tx.selectFrom("channels").selectAll().where("app_id", "=", app.id).where("name", "=", name).executeTakeFirst();
  if (there) return there;
  const row: ChannelRow = { id: createId("chn", instance.now()), app_id: app.id, name, sequence: 0, created_at: iso(instance.now()) };
  await tx.insertInto("channels").values(row).execute();
  return row;
}

export async function findChannel(db: Read | Tx, app: AppRow, name: string): Promise<ChannelRow> {
  const row = await db.selectFrom("channels").selectAll().where("app_id", "=", app.id).where("name", "=", name).executeTakeFirst();
  if (!row) throw new DistError("channel/not-found", `app '${app.slug}' has no channel '${name}'`);
  return row;
}

export async function headsOf(db: Read | Tx, channel: string): Promise<Heads> {
  const rows = await db
    .selectFrom("channel_heads")
    .select(["target", "release_id"])
    .where("channel_id", "=", channel)
    .orderBy("target")
    .execute();
  return Object.fromEntries(rows.map((row) => [row.target, row.release_id]));
}

export async function renderChannel(db: Read | Tx, channel: ChannelRow): Promise<ChannelState> {
  return { name: channel.name, sequence: channel.sequence, targets: await renderHeads(db, await headsOf(db, channel.id)) };
}

async function renderHeads(db: Read | Tx, heads: Heads): Promise<ChannelState["targets"]> {
  const ids = [...new Set(Object.values(heads))];
  const rows = ids.length === 0 ? [] : await db.selectFrom("releases").select(["id", "version"]).where("id", "in", ids).execute();
  const versions = new Map(rows.map((row) => [row.id, row.version]));
  return Object.fromEntries(Object.entries(heads).map(([target, release]) => [target, { release, version: versions.get(release) ?? "" }]));
}

export async function listChannels(instance: Instance, principal: Principal, slug: string): Promise<ChannelState[]> {
  const app = await openApp(instance.db.read, principal, "read", slug);
  const rows = await instance.db.read.selectFrom("channels").selectAll().where("app_id", "=", app.id).orderBy("name").execute();
  return Promise.all(rows.map((row) => renderChannel(instance.db.read, row)));
}

/** Newest first; `before` is the sequence the last page ended with. */
export async function channelHistory(
  instance: Instance,
  principal: Principal,
  slug: string,
  name: string,
  page: { before: number | undefined; limit: number },
): Promise<ChannelRevision[]> {
  const db = instance.db.read;
  const app = await openApp(db, principal, "read", slug);
  const channel = await findChannel(db, app, name);
  let query = db
    .selectFrom("channel_revisions")
    .selectAll()
    .where("channel_id", "=", channel.id)
    .orderBy("sequence", "desc")
    .limit(page.limit);
  if (page.before !== undefined) query = query.where("sequence", "<", page.before);
  const rows = await query.execute();
  const promoted = rows.map((row) => row.release_id).filter((id) => id !== null);
  const versions =
    promoted.length === 0 ? [] : await db.selectFrom("releases").select(["id", "version"]).where("id", "in", promoted).execute();
  return Promise.all(
    rows.map(async (row) => ({
      sequence: row.sequence,
      kind: row.kind,
      release: row.release_id,
      version: versions.find((release) => release.id === row.release_id)?.version ?? null,
      targets: await renderHeads(db, JSON.parse(row.heads)),
      actor: row.actor,
      at: row.created_at,
    })),
  );
}
