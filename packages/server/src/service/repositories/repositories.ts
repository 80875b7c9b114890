import { DistError, isPublic } from "@distd/core";
import type { Selectable } from "kysely";
import type { Read, Tx } from "../../db/database.ts";
import type { Schema } from "../../db/schema.ts";
import { type AppRow, MAIN_ORGANIZATION, MAIN_REPOSITORY } from "../apps.ts";
import { createId } from "../ids.ts";
import { type Instance, iso } from "../instance.ts";

export type RepositoryRow = Selectable<Schema["repositories"]>;
type HomeOf = Pick<AppRow, "slug" | "access" | "download">;

export const EVERY_CHANNEL = "*";

/** Public apps share one; every other app has its own, so that nobody reads of an app he may not see or fetch. */
export function homeName(app: HomeOf): string {
  return isPublic(app) ? MAIN_REPOSITORY : app.slug;
}

export async function findRepository(db: Read | Tx, name: string): Promise<RepositoryRow | undefined> {
  return db.selectFrom("repositories").selectAll().where("org_id", "=", MAIN_ORGANIZATION).where("name", "=", name).executeTakeFirst();
}

/** Made when something first needs it. */
export async function openHome(tx: Tx, instance: Instance, app: HomeOf): Promise<RepositoryRow> {
  const name = homeName(app);
  const there = await findRepository(tx, name);
  if (there?.kind === "made") throw new DistError("repository/exists", `there is a repository '${name}' already, made by hand`);
  return there ?? insertRepository(tx, instance, name, "home");
}

export async function insertRepository(tx: Tx, instance: Instance, name: string, kind: RepositoryRow["kind"]): Promise<RepositoryRow> {
  const now = instance.now();
  const row: RepositoryRow = { id: createId("rep", now), org_id: MAIN_ORGANIZATION, name, kind, generation: 0, created_at: iso(now) };
  await tx.insertInto("repositories").values(row).execute();
  return row;
}

/** Where what is promoted to a channel of an app appears. */
export async function repositoriesOf(tx: Tx, instance: Instance, app: AppRow, channel: string): Promise<RepositoryRow[]> {
  const made = await tx
    .selectFrom("repositories")
    .innerJoin("repository_members", "repository_members.repository_id", "repositories.id")
    .selectAll("repositories")
    .where("app_id", "=", app.id)
    .where("channel", "in", [EVERY_CHANNEL, channel])
    .distinct()
    .orderBy("repositories.name")
    .execute();
  return [await openHome(tx, instance, app), ...made];
}

/** Channels of an app that a repository carries. */
export async function memberChannels(
  tx: Tx,
  repository: RepositoryRow,
  app: AppRow,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const channels = await tx.selectFrom("channels").select(["id", "name"]).where("app_id", "=", app.id).orderBy("name").execute();
  if (repository.kind === "home") return repository.name === homeName(app) ? channels : [];
  const members = await tx
    .selectFrom("repository_members")
    .select("channel")
    .where("repository_id", "=", repository.id)
    .where("app_id", "=", app.id)
    .execute();
  const carries = new Set(members.map(({ channel }) => channel));
  return channels.filter(({ name }) => carries.has(EVERY_CHANNEL) || carries.has(name));
}
