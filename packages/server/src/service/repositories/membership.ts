import { DistError, isAllowed, isOpen, parseChannelName, parseSlug, type Principal } from "@distd/core";
import type { RepositoryDocument } from "@distd/core/wire";
import { type AppRef, authorizeInstance } from "../../auth/authorize.ts";
import type { Read, Tx } from "../../db/database.ts";
import { act } from "../act.ts";
import { type AppRow, MAIN_ORGANIZATION, MAIN_REPOSITORY, openApp } from "../apps.ts";
import { headsOf } from "../channels/channel-state.ts";
import type { Caller, Instance } from "../instance.ts";
import { cutGeneration } from "./cut-generation.ts";
import { dropReplaced } from "./replaced.ts";
import { EVERY_CHANNEL, findRepository, homeName, insertRepository, memberChannels, openHome, type RepositoryRow } from "./repositories.ts";

export interface CreateRepository {
  readonly name: string;
  /** `notes`, or `notes@beta` for one channel. */
  readonly members: readonly string[];
}

/** A repository beside the homes. Whoever may read all its members may read it, nobody else. */
export async function createRepository(instance: Instance, caller: Caller, input: CreateRepository): Promise<RepositoryDocument> {
  authorizeInstance(caller.principal, "repo:admin");
  return act(instance, caller, async (tx) => {
    const name = parseSlug(input.name);
    const app = await tx
      .selectFrom("apps")
      .select("id")
      .where("org_id", "=", MAIN_ORGANIZATION)
      .where("slug", "=", name)
      .executeTakeFirst();
    if (app || (await findRepository(tx, name)))
      throw new DistError("repository/exists", `the name '${name}' belongs to an app or a repository already`);
    const repository = await insertRepository(tx, instance, name, "made");
    let current = repository;
    for (const member of new Set(input.members)) {
      const [slug = "", channel = EVERY_CHANNEL] = member.split("@");
      if (channel !== EVERY_CHANNEL) parseChannelName(channel);
      const row = await openApp(tx, caller.principal, "read", slug);
      await tx.insertInto("repository_members").values({ repository_id: repository.id, app_id: row.id, channel }).execute();
      current = await fill(tx, instance, current, row);
    }
    const result = await renderRepository(tx, current);
    return { result, event: { action: "repository.create", subject: repository.id, details: { name, members: input.members } } };
  });
}

export async function listRepositories(instance: Instance, principal: Principal): Promise<RepositoryDocument[]> {
  const rows = await instance.db.read
    .selectFrom("repositories")
    .selectAll()
    .where("org_id", "=", MAIN_ORGANIZATION)
    .orderBy("name")
    .execute();
  const seen: RepositoryDocument[] = [];
  for (const row of rows) if (await mayRead(instance.db.read, principal, row)) seen.push(await renderRepository(instance.db.read, row));
  return seen;
}

/** The apps whose files a reader of the repository has to be allowed to fetch; undefined when everyone may read it. */
export async function audienceOf(db: Read | Tx, repository: RepositoryRow): Promise<readonly AppRef[] | undefined> {
  const apps = db.selectFrom("apps").select(["id", "slug", "access", "download", "install"]).where("org_id", "=", MAIN_ORGANIZATION);
  if (repository.kind === "made") {
    const members = db.selectFrom("repository_members").select("app_id").where("repository_id", "=", repository.id);
    return apps.where("id", "in", members).orderBy("slug").execute();
  }
  const own = await apps.where("slug", "=", repository.name).execute();
  return own.length === 0 ? undefined : own;
}

/** Whether everyone may read what such an audience may. */
export function isOpenTo(audience: Awaited<ReturnType<typeof audienceOf>>): audience is undefined {
  return audience?.every(({ access, download }) => isOpen(access) && isOpen(download)) ?? true;
}

export async function mayRead(db: Read | Tx, principal: Principal, repository: RepositoryRow): Promise<boolean> {
  return (await audienceOf(db, repository))?.every((app) => isAllowed(principal, "download", { app })) ?? true;
}

/** The app's access changed: it leaves the home it had for the one it has now. */
export async function moveHome(tx: Tx, instance: Instance, before: AppRow, after: AppRow): Promise<void> {
  if (homeName(before) === homeName(after)) return;
  const old = await findRepository(tx, homeName(before));
  if (old) {
    await empty(tx, instance, old, after);
    await dropReplaced(tx, old);
  }
  await fill(tx, instance, await openHome(tx, instance, after), after);
}

/** Puts in what the app's channels offer. */
async function fill(tx: Tx, instance: Instance, repository: RepositoryRow, app: AppRow): Promise<RepositoryRow> {
  let current = repository;
  for (const channel of await memberChannels(tx, repository, app)) {
    const heads = Object.values(await headsOf(tx, channel.id));
    const change = { channel, touched: await keptOf(tx, channel.id), restated: [], heads };
    current = await cutGeneration(tx, instance, current, app, change, `${app.slug}@${channel.name} came`);
  }
  return current;
}

/** Makes anew what feeds made of every release in it: its address has changed. */
export async function restate(tx: Tx, instance: Instance, repository: RepositoryRow): Promise<RepositoryRow> {
  let current = repository;
  for (const app of await appsOf(tx, repository)) {
    for (const channel of await memberChannels(tx, repository, app)) {
      const heads = Object.values(await headsOf(tx, channel.id));
      const change = { channel, touched: [], restated: await keptOf(tx, channel.id), heads };
      current = await cutGeneration(tx, instance, current, app, change, "restated");
    }
  }
  return current;
}

async function appsOf(tx: Tx, { id, kind, name }: RepositoryRow): Promise<AppRow[]> {
  const apps = tx.selectFrom("apps").selectAll().where("org_id", "=", MAIN_ORGANIZATION).orderBy("slug");
  if (kind === "made")
    return apps.where("id", "in", tx.selectFrom("repository_members").select("app_id").where("repository_id", "=", id)).execute();
  return name === MAIN_REPOSITORY
    ? apps.where("access", "=", "public").where("download", "=", "public").execute()
    : apps.where("slug", "=", name).execute();
}

async function empty(tx: Tx, instance: Instance, repository: RepositoryRow, app: AppRow): Promise<void> {
  let current = repository;
  for (const channel of await tx.selectFrom("channels").select(["id", "name"]).where("app_id", "=", app.id).orderBy("name").execute()) {
    const change = { channel, touched: await keptOf(tx, channel.id), restated: [], heads: [] };
    current = await cutGeneration(tx, instance, current, app, change, `${app.slug}@${channel.name} left`);
  }
}

async function keptOf(tx: Tx, channel: string): Promise<string[]> {
  const rows = await tx.selectFrom("channel_releases").select("release_id").where("channel_id", "=", channel).orderBy("sequence").execute();
  return rows.map(({ release_id }) => release_id);
}

async function renderRepository(db: Read | Tx, row: RepositoryRow): Promise<RepositoryDocument> {
  const { id, name, kind, generation } = row;
  const members = await db
    .selectFrom("repository_members")
    .innerJoin("apps", "apps.id", "repository_members.app_id")
    .select(["apps.slug", "channel"])
    .where("repository_id", "=", id)
    .orderBy("apps.slug")
    .orderBy("channel")
    .execute();
  const audience = await audienceOf(db, row);
  return {
    name,
    kind,
    generation,
    members: members.map(({ slug, channel }) => (channel === EVERY_CHANNEL ? slug : `${slug}@${channel}`)),
    audience: isOpenTo(audience) ? "everyone" : audience.map(({ slug }) => slug),
  };
}
