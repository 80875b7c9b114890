import { appendLeaf, type AuditAction, type AuditEvent, auditLeaf, type CompactRange, DistError, leafHash, type Sha256 } from "@distd/core";
import type { Tx } from "../db/database.ts";
import { crashPoint } from "../crash-point.ts";
import { type Caller, type Instance, iso } from "./instance.ts";

/** What a change did: its audit event, or none when nothing had to change. */
export interface Outcome<T> {
  readonly result: T;
  readonly event?: {
    readonly action: AuditAction;
    readonly app?: string;
    readonly subject: string;
    readonly details?: Readonly<Record<string, unknown>>;
  };
}

/**
 * The only way state changes: one transaction holds the change, its one audit event, and the answer under the request's Idempotency-Key.
 * A repeated request gets the first one's answer and changes nothing. The result must be a JSON value.
 */
export async function act<T>(instance: Instance, caller: Caller, body: (tx: Tx) => Promise<Outcome<T>>): Promise<T> {
  const outcome = await instance.db.write(async (tx) => {
    const earlier = await earlierAnswer<T>(tx, caller);
    if (earlier) return earlier;
    const done = await body(tx);
    if (done.event) await appendEvent(tx, instance, caller, done.event);
    await rememberAnswer(tx, instance, caller, done.result);
    crashPoint("before-commit");
    return done;
  });
  crashPoint("after-commit");
  if (outcome.event) instance.changed();
  return outcome.result;
}

async function appendEvent(tx: Tx, instance: Instance, caller: Caller, event: NonNullable<Outcome<unknown>["event"]>): Promise<void> {
  const head = await tx.selectFrom("audit_head").selectAll().where("id", "=", 1).executeTakeFirstOrThrow();
  const tree: CompactRange = { size: head.size, peaks: JSON.parse(head.peaks) as Sha256[] };
  const { action, app = "", subject, details = {} } = event;
  const entry: AuditEvent = { index: tree.size, at: iso(instance.now()), actor: caller.principal.id, action, app, subject, details };
  const leaf = auditLeaf(entry);
  const { size, peaks } = appendLeaf(tree, leafHash(leaf));
  await tx
    .insertInto("audit_events")
    .values({ index: entry.index, at: entry.at, actor: entry.actor, action, app, subject, body: leaf })
    .execute();
  await tx
    .updateTable("audit_head")
    .set({ size, peaks: JSON.stringify(peaks) })
    .where("id", "=", 1)
    .execute();
}

async function earlierAnswer<T>(tx: Tx, { principal, idempotency }: Caller): Promise<Outcome<T> | undefined> {
  if (!idempotency) return undefined;
  const row = await tx
    .selectFrom("idempotency_keys")
    .selectAll()
    .where("principal", "=", principal.id)
    .where("key", "=", idempotency.key)
    .executeTakeFirst();
  if (!row) return undefined;
  if (row.fingerprint !== idempotency.fingerprint)
    throw new DistError("request/key-reused", "this Idempotency-Key was used for another request");
  return { result: JSON.parse(row.result) as T };
}

async function rememberAnswer(tx: Tx, instance: Instance, { principal, idempotency }: Caller, result: unknown): Promise<void> {
  if (!idempotency) return;
  const row = { principal: principal.id, ...idempotency, result: JSON.stringify(result ?? null), created_at: iso(instance.now()) };
  await tx.insertInto("idempotency_keys").values(row).execute();
}
