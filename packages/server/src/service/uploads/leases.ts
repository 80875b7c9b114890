import type { Sha256 } from "@distd/core";
import type { Read, Tx } from "../../db/database.ts";
import { createId } from "../ids.ts";
import { type Instance, iso } from "../instance.ts";

/**
 * Keeps a blob from garbage collection for a while. A lease also says that the app was given these bytes, so that a release of that app,
 * and no other, may hold them.
 */
export async function takeLease(
  tx: Tx,
  instance: Instance,
  lease: { sha256: Sha256; app: string; kind: "upload" | "have" | "grace" },
): Promise<void> {
  const { sha256, app, kind } = lease;
  const expires = iso(instance.now() + instance.leaseMs);
  const longer = await tx
    .updateTable("leases")
    .set({ expires_at: expires })
    .where("sha256", "=", sha256)
    .where("app_id", "=", app)
    .where("kind", "=", kind)
    .executeTakeFirst();
  if (Number(longer.numUpdatedRows) > 0) return;
  await tx
    .insertInto("leases")
    .values({ id: createId("lse", instance.now()), sha256, app_id: app, kind, expires_at: expires })
    .execute();
}

/** Digests among those given whose bytes are in place and which this app holds or was given. */
export async function heldByApp(tx: Read | Tx, instance: Instance, app: string, digests: readonly Sha256[]): Promise<Set<Sha256>> {
  if (digests.length === 0) return new Set();
  const rows = await tx
    .selectFrom("blobs")
    .select("sha256")
    .where("sha256", "in", [...digests])
    .where("state", "=", "live")
    .where((where) =>
      where.or([
        where.exists(
          where
            .selectFrom("blob_references")
            .select("blob_references.sha256")
            .whereRef("blob_references.sha256", "=", "blobs.sha256")
            .where("blob_references.app_id", "=", app),
        ),
        where.exists(
          where
            .selectFrom("leases")
            .select("leases.id")
            .whereRef("leases.sha256", "=", "blobs.sha256")
            .where("leases.app_id", "=", app)
            .where("leases.expires_at", ">", iso(instance.now())),
        ),
      ]),
    )
    .execute();
  return new Set(rows.map((row) => row.sha256));
}
