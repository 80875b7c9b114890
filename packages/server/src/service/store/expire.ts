import { discardDraft } from "../releases/drafts.ts";
import { type Caller, DAY_MS, type Instance, iso } from "../instance.ts";

/** An Idempotency-Key is remembered this long. */
const ANSWER_LIFETIME_MS = DAY_MS;

/** Uploads and leases whose time is over, and staging areas that no upload owns any more. */
export async function dropExpiredUploads(instance: Instance): Promise<void> {
  // Looked at before the rows: an upload that begins in between has a row when we ask.
  const staged = await instance.blobs.staged();
  const now = iso(instance.now());
  await instance.db.write(async (tx) => {
    await tx.deleteFrom("uploads").where("expires_at", "<=", now).execute();
    await tx.deleteFrom("spools").where("expires_at", "<=", now).execute();
    await tx.deleteFrom("leases").where("expires_at", "<=", now).execute();
  });
  const rows = await Promise.all(
    (["uploads", "spools"] as const).map((table) => instance.db.read.selectFrom(table).select("id").execute()),
  );
  const owned = new Set(rows.flat().map((row) => row.id));
  for (const id of staged) if (!owned.has(id)) await instance.blobs.discard(id);
}

export async function dropExpiredDrafts(instance: Instance, caller: Caller): Promise<void> {
  const due = instance.db.read
    .selectFrom("releases")
    .select("id")
    .where("status", "=", "draft")
    .where("merged_into", "is", null)
    .where("expires_at", "<=", iso(instance.now()));
  for (const { id } of await due.execute()) await discardDraft(instance, caller, id);
}

export async function forgetOldAnswers(instance: Instance): Promise<void> {
  const before = iso(instance.now() - ANSWER_LIFETIME_MS);
  await instance.db.write(async (tx) => tx.deleteFrom("idempotency_keys").where("created_at", "<", before).execute());
}
