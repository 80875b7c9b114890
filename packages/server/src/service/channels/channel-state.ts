import { DistError, type Heads, type Principal } from "@distd/core";
import type { ChannelRevision, ChannelState } from "@distd/core/wire";
import type { Selectable } from "kysely";
import type { Read, Tx } from "../../db/database.ts";
import type { Schema } from "../../db/schema.ts";
import { type AppRow, openApp } from "../apps.ts";
import type { Instance } from "../instance.ts";

export type ChannelRow = Selectable<Schema["channels"]>;
export type RevisionRow = Selectable<Schema["channel_revisions"]>;

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

/** The channels that offer each of these releases. */
export async function offersOf(db: Read | Tx, releases: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  if (releases.length === 0) return new Map();
  const rows = await db
    .selectFrom("channel_releases")
    .innerJoin("channels", "channels.id", "channel_releases.channel_id")
    .select(["release_id", "channels.name"])
    .where("release_id", "in", releases)
    .execute();
  const byRelease = Map.groupBy(rows, ({ release_id }) => release_id);
  return new Map(Array.from(byRelease, ([release, offers]) => [release, offers.map(({ name }) => name)]));
}
