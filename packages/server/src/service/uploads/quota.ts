import { DistError } from "@distd/core";
import { sql } from "kysely";
import type { Read, Tx } from "../../db/database.ts";
import type { AppRow } from "../apps.ts";
import { type Instance, iso } from "../instance.ts";

/** Part of the disk that stays free for the database, for deleting and for signing in: 5 %, at most 1 GiB. */
const RESERVED_SHARE = 0.05;
const MAX_RESERVED_BYTES = 1024 ** 3;

/** Throws unless `more` bytes fit the app's quota and the disk. */
export async function requireRoom(db: Read | Tx, instance: Instance, app: AppRow, more: number): Promise<void> {
  const { bytes, totalBytes } = await instance.blobs.free();
  const reserved = Math.min(MAX_RESERVED_BYTES, totalBytes * RESERVED_SHARE);
  if (bytes - reserved < more) {
    throw new DistError("store/no-room", `${more} bytes do not fit: ${Math.max(0, Math.floor(bytes - reserved))} are free`, {
      details: { wanted: more, free: bytes, reserved },
    });
  }
  if (app.quota_bytes === null) return;
  const used = await usedBytes(db, instance, app.id);
  if (used + more > app.quota_bytes) {
    throw new DistError(
      "store/quota-exceeded",
      `${more} bytes do not fit the quota of '${app.slug}': ${used} of ${app.quota_bytes} are used`,
      { details: { used, wanted: more, quota: app.quota_bytes } },
    );
  }
}

/** Bytes of the blobs an app's releases hold or that were uploaded for it, each once, and of uploads under way. */
export async function usedBytes(db: Read | Tx, instance: Instance, app: string): Promise<number> {
  const now = iso(instance.now());
  const { rows } = await sql<{ bytes: number | null }>`
    select
      (select cast(sum(size) as bigint) from blobs where sha256 in (
        select sha256 from blob_references where app_id = ${app} union select sha256 from leases where app_id = ${app} and expires_at > ${now})) as bytes
    union all select (select cast(sum(size) as bigint) from uploads where app_id = ${app}) as bytes`.execute(db);
  return rows.reduce((sum, row) => sum + (row.bytes ?? 0), 0);
}
