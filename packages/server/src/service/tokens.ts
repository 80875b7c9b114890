import { randomBytes } from "node:crypto";
import { DistError, isAllowed, parseDisplayName, parseScope, type Principal, renderToken, sha256 } from "@distd/core";
import type { TokenDocument } from "@distd/core/wire";
import type { Selectable } from "kysely";
import { authorizeInstance } from "../auth/authorize.ts";
import type { Read, Tx } from "../db/database.ts";
import type { Schema } from "../db/schema.ts";
import { act } from "./act.ts";
import { MAIN_ORGANIZATION, openApp } from "./apps.ts";
import { createId } from "./ids.ts";
import { type Caller, type Instance, iso } from "./instance.ts";

type TokenRow = Selectable<Schema["tokens"]>;

export interface CreateToken {
  readonly name: string;
  /** Slugs; none means every app. */
  readonly apps: readonly string[];
  readonly scopes: readonly string[];
  readonly expiresInSeconds: number;
}

/** The secret is in this answer and nowhere else; the database holds its hash. */
export async function createToken(
  instance: Instance,
  { principal }: Caller,
  input: CreateToken,
): Promise<TokenDocument & { secret: string }> {
  authorizeInstance(principal, "token:admin");
  // No Idempotency-Key: remembering the answer would store the secret.
  return act(instance, { principal }, async (tx) => {
    const apps =
      input.apps.length === 0 ? "all" : await Promise.all(input.apps.map(async (slug) => (await openApp(tx, principal, "read", slug)).id));
    requireWithin(principal, input.scopes, apps);
    const now = instance.now();
    const secret = renderToken(randomBytes(96));
    const row: TokenRow = {
      id: createId("tok", now),
      org_id: MAIN_ORGANIZATION,
      name: parseDisplayName(input.name),
      hash: sha256(secret),
      scopes: JSON.stringify(input.scopes),
      apps: JSON.stringify(apps),
      created_at: iso(now),
      created_by: principal.id,
      expires_at: iso(now + input.expiresInSeconds * 1000),
      revoked_at: null,
      last_used_at: null,
    };
    await tx.insertInto("tokens").values(row).execute();
    const document = await renderTokenRow(tx, row);
    // The name may be a person's; it stays in its table, from which it can be erased.
    const { scopes, expiresAt } = document;
    return {
      result: { ...document, secret },
      event: { action: "token.create", subject: row.id, details: { scopes, apps: document.apps, expiresAt } },
    };
  });
}

/** Nobody hands out more than they have. */
function requireWithin(principal: Principal, scopes: readonly string[], apps: "all" | readonly string[]): void {
  for (const text of scopes) {
    const scope = parseScope(text);
    if (!scope) {
      throw new DistError("usage/invalid", `'${text}' is not a scope`, {
        hint: "scopes: read, publish, promote, promote:CHANNEL, yank, app:create, app:admin, token:admin, audit:read",
      });
    }
    if (!isAllowed(principal, scope.action, scope.channel === undefined ? {} : { channel: scope.channel })) {
      throw new DistError("auth/forbidden", `this token cannot give the scope '${text}', because it does not have it`);
    }
  }
  if (principal.apps !== "all" && (apps === "all" || apps.some((app) => !principal.apps.includes(app)))) {
    throw new DistError("auth/forbidden", "this token cannot give access to apps it does not reach itself");
  }
}

export async function revokeToken(instance: Instance, caller: Caller, id: string): Promise<TokenDocument> {
  authorizeInstance(caller.principal, "token:admin");
  return act(instance, caller, async (tx) => {
    const row = await tx.selectFrom("tokens").selectAll().where("id", "=", id).executeTakeFirst();
    if (!row || !reaches(caller.principal, row)) throw new DistError("token/not-found", `there is no token '${id}'`);
    if (row.revoked_at !== null) return { result: await renderTokenRow(tx, row) };
    const revoked = { ...row, revoked_at: iso(instance.now()) };
    await tx.updateTable("tokens").set({ revoked_at: revoked.revoked_at }).where("id", "=", id).execute();
    return { result: await renderTokenRow(tx, revoked), event: { action: "token.revoke", subject: id } };
  });
}

export async function listTokens(instance: Instance, principal: Principal): Promise<TokenDocument[]> {
  authorizeInstance(principal, "token:admin");
  const rows = await instance.db.read.selectFrom("tokens").selectAll().orderBy("id").execute();
  return Promise.all(rows.filter((row) => reaches(principal, row)).map((row) => renderTokenRow(instance.db.read, row)));
}

/** Last uses are buffered and lossy by at most a minute: reading never waits for a write. */
export async function recordLastUses(instance: Instance, uses: ReadonlyMap<string, number>): Promise<void> {
  if (uses.size === 0) return;
  await instance.db.write(async (tx) => {
    for (const [id, at] of uses)
      await tx
        .updateTable("tokens")
        .set({ last_used_at: iso(at) })
        .where("id", "=", id)
        .execute();
  });
}

function reaches(principal: Principal, row: TokenRow): boolean {
  const apps: "all" | string[] = JSON.parse(row.apps);
  return principal.apps === "all" || (apps !== "all" && apps.every((app) => principal.apps.includes(app)));
}

async function renderTokenRow(db: Read | Tx, row: TokenRow): Promise<TokenDocument> {
  const ids: "all" | string[] = JSON.parse(row.apps);
  const apps =
    ids === "all" || ids.length === 0 ? [] : await db.selectFrom("apps").select("slug").where("id", "in", ids).orderBy("slug").execute();
  return {
    id: row.id,
    name: row.name,
    apps: apps.map((app) => app.slug),
    scopes: JSON.parse(row.scopes),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
