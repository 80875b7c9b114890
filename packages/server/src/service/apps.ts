import { type Access, DistError, isAllowed, parseDisplayName, parseSlug, type Principal, type Use } from "@distd/core";
import { type AppDocument, type GatePolicyDocument, gatePolicySchema } from "@distd/core/wire";
import type { Selectable } from "kysely";
import { type Asked, authorize, authorizeInstance } from "../auth/authorize.ts";
import type { Read, Tx } from "../db/database.ts";
import type { Schema } from "../db/schema.ts";
import { act } from "./act.ts";
import { createId } from "./ids.ts";
import { type Action, type Caller, type Instance, iso } from "./instance.ts";

export const MAIN_ORGANIZATION = "org_main";
/** The repository of all public apps. An app that is not public has a repository called like itself. */
export const MAIN_REPOSITORY = "main";
const RESERVED_SLUGS: readonly string[] = [MAIN_REPOSITORY];

export type AppRow = Selectable<Schema["apps"]>;

/** The app of that name, once the caller may do this with it. */
export async function openApp(db: Read | Tx, principal: Principal, action: Action | Use, slug: string, asked: Asked = {}): Promise<AppRow> {
  const row = await findApp(db, slug);
  authorize(principal, action, slug, row, asked);
  return row;
}

/** For who asks about rights himself. */
export function findApp(db: Read | Tx, slug: string): Promise<AppRow | undefined> {
  return db.selectFrom("apps").selectAll().where("org_id", "=", MAIN_ORGANIZATION).where("slug", "=", slug).executeTakeFirst();
}

export async function createApp(
  instance: Instance,
  caller: Caller,
  input: { slug: string; name: string; access: Access },
): Promise<AppDocument> {
  authorizeInstance(caller.principal, "app:create");
  return act(instance, caller, async (tx) => {
    const slug = parseSlug(input.slug);
    if (RESERVED_SLUGS.includes(slug)) throw new DistError("app/exists", `the name '${slug}' is taken by distd itself`);
    const there = await tx
      .selectFrom("apps")
      .select("id")
      .where("org_id", "=", MAIN_ORGANIZATION)
      .where("slug", "=", slug)
      .executeTakeFirst();
    if (there) throw new DistError("app/exists", `there is an app '${slug}' already`);
    const row: AppRow = {
      id: createId("app", instance.now()),
      org_id: MAIN_ORGANIZATION,
      slug,
      name: parseDisplayName(input.name),
      access: input.access,
      download: input.access,
      install: input.access,
      contact: null,
      summary: null,
      website: null,
      quota_bytes: null,
      gate: "{}",
      registry: "releases",
      created_at: iso(instance.now()),
    };
    await tx.insertInto("apps").values(row).execute();
    await adoptApp(tx, caller.principal, row.id);
    return {
      result: renderApp(row),
      event: { action: "app.create", app: slug, subject: row.id, details: { name: row.name, access: row.access } },
    };
  });
}

/** A token that is bound to apps and may create more reaches what it created. */
async function adoptApp(tx: Tx, principal: Principal, app: string): Promise<void> {
  if (principal.kind !== "token" || principal.apps === "all") return;
  await tx
    .updateTable("tokens")
    .set({ apps: JSON.stringify([...principal.apps, app]) })
    .where("id", "=", principal.id)
    .execute();
}

export async function showApp(instance: Instance, principal: Principal, slug: string): Promise<AppDocument> {
  return renderApp(await openApp(instance.db.read, principal, "read", slug));
}

/** Apps the caller may see, by name. Unlisted apps are shown only to who holds a token for them. */
export async function listApps(instance: Instance, principal: Principal, page: { after: string; limit: number }): Promise<AppDocument[]> {
  let query = instance.db.read
    .selectFrom("apps")
    .selectAll()
    .where("org_id", "=", MAIN_ORGANIZATION)
    .where("slug", ">", page.after)
    .orderBy("slug")
    .limit(page.limit);
  if (principal.apps !== "all") {
    const reachable = isAllowed(principal, "read") ? [...principal.apps] : [];
    query = query.where((where) =>
      where.or([where("access", "=", "public"), ...(reachable.length > 0 ? [where("id", "in", reachable)] : [])]),
    );
  }
  return (await query.execute()).map(renderApp);
}

export function gateOf(app: AppRow): GatePolicyDocument {
  return gatePolicySchema.parse(JSON.parse(app.gate));
}

export function renderApp(app: AppRow): AppDocument {
  const { id, slug, name, access, download, install, contact, summary, website, quota_bytes, registry, created_at } = app;
  return {
    id,
    slug,
    name,
    access,
    download,
    install,
    contact,
    summary,
    website,
    quotaBytes: quota_bytes,
    gate: gateOf(app),
    registry,
    createdAt: created_at,
  };
}
