import { DistError } from "@distd/core";
import type { TesterDocument } from "@distd/core/wire";
import type { Selectable } from "kysely";
import type { Read, Tx } from "../../db/database.ts";
import type { Schema } from "../../db/schema.ts";
import { act } from "../act.ts";
import { type AppRow, MAIN_ORGANIZATION, openApp } from "../apps.ts";
import { type Caller, type Instance, iso } from "../instance.ts";

export type TesterRow = Selectable<Schema["testers"]>;

const FORGOTTEN = "forgotten";

export function groupsOf({ groups }: TesterRow): readonly string[] {
  return JSON.parse(groups) as string[];
}

export async function findGroup(db: Read, group: string): Promise<readonly TesterRow[]> {
  const rows = await db.selectFrom("testers").selectAll().where("org_id", "=", MAIN_ORGANIZATION).orderBy("id").execute();
  return rows.filter((row) => groupsOf(row).includes(group));
}

/** Whoever was ever invited to an app, with the link of each channel and what was installed. */
export async function listTesters(instance: Instance, caller: Caller, slug: string): Promise<readonly TesterDocument[]> {
  const db = instance.db.read;
  const app = await openApp(db, caller.principal, "app:admin", slug);
  const testers = await invitedTo(db, app).orderBy("testers.id").execute();
  return Promise.all(testers.map((tester) => renderTester(instance, app, tester)));
}

/** Ends every link of a tester to an app, at once. `forget`: nothing that says who it was is kept. */
export async function revokeTester(
  instance: Instance,
  caller: Caller,
  slug: string,
  who: string,
  forget: boolean,
): Promise<TesterDocument> {
  const { app, tester } = await act(instance, caller, async (tx) => {
    const own = await openApp(tx, caller.principal, "app:admin", slug);
    const found = await invitedTo(tx, own)
      .where((where) => where.or([where("testers.id", "=", who), where("testers.mail", "=", who.toLowerCase())]))
      .executeTakeFirst();
    if (!found) throw new DistError("tester/not-found", `'${who}' was never invited to '${slug}'`);
    if (forget) await requireOnlyHere(tx, instance, own, found);
    await tx
      .updateTable("tester_links")
      .set({ revoked_at: iso(instance.now()) })
      .where("tester_id", "=", found.id)
      .where("app_id", "=", own.id)
      .where("revoked_at", "is", null)
      .execute();
    const after = forget ? { ...found, name: FORGOTTEN, mail: null, groups: "[]" } : found;
    if (forget)
      await tx
        .updateTable("testers")
        .set({ name: after.name, mail: after.mail, groups: after.groups })
        .where("id", "=", found.id)
        .execute();
    return {
      result: { app: own, tester: after },
      event: { action: "tester.revoke", app: slug, subject: found.id, details: { forget } },
    };
  });
  return renderTester(instance, app, tester);
}

async function requireOnlyHere(tx: Tx, instance: Instance, app: AppRow, tester: TesterRow): Promise<void> {
  const elsewhere = await tx
    .selectFrom("tester_links")
    .select("id")
    .where("tester_id", "=", tester.id)
    .where("app_id", "<>", app.id)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", iso(instance.now()))
    .executeTakeFirst();
  if (elsewhere) throw new DistError("tester/invited-elsewhere", `'${tester.id}' is invited to another app too, and is needed there`);
}

function invitedTo(db: Read | Tx, app: AppRow) {
  const links = db.selectFrom("tester_links").select("tester_id").where("app_id", "=", app.id);
  return db.selectFrom("testers").selectAll("testers").where("testers.id", "in", links);
}

async function renderTester({ db, now }: Instance, app: AppRow, tester: TesterRow): Promise<TesterDocument> {
  const links = await db.read
    .selectFrom("tester_links")
    .selectAll()
    .where("tester_id", "=", tester.id)
    .where("app_id", "=", app.id)
    .orderBy("created_at")
    .execute();
  const installs = await db.read
    .selectFrom("installs")
    .innerJoin("artifacts", "artifacts.id", "installs.artifact_id")
    .select(["artifacts.id", "artifacts.name", "artifacts.version", "artifacts.build", "installs.at"])
    .where("installs.tester_id", "=", tester.id)
    .where("installs.app_id", "=", app.id)
    .orderBy("installs.at")
    .execute();
  // Of two that were made at the same moment the earlier was ended by the later.
  const isOpen = (link: (typeof links)[number]): number => (link.revoked_at === null ? 1 : 0);
  const inOrder = links.toSorted((a, b) => a.created_at.localeCompare(b.created_at) || isOpen(a) - isOpen(b));
  const newest = [...new Map(inOrder.map((link) => [link.channel, link])).values()];
  return {
    id: tester.id,
    name: tester.name,
    mail: tester.mail,
    groups: [...groupsOf(tester)],
    links: newest.map(({ id, channel, created_at, expires_at, revoked_at }) => ({
      id,
      channel,
      createdAt: created_at,
      expiresAt: expires_at,
      state: revoked_at !== null ? "revoked" : Date.parse(expires_at) <= now() ? "ended" : "open",
    })),
    installs: installs.map(({ id, name, version, build, at }) => ({ artifact: id, name, version, build, at })),
  };
}
