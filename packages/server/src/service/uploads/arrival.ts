import { DistError, type Sha256 } from "@distd/core";
import type { Tx } from "../../db/database.ts";
import { type Instance, iso } from "../instance.ts";
import { takeLease } from "./leases.ts";

/** Names the blob and leases it before its file moves into place: from here on garbage collection leaves both alone. */
export async function claimBlob(
  instance: Instance,
  blob: { readonly sha256: Sha256; readonly size: number; readonly app: string },
): Promise<void> {
  const { sha256, size, app } = blob;
  await instance.db.write(async (tx) => {
    const there = await tx.selectFrom("blobs").select("state").where("sha256", "=", sha256).executeTakeFirst();
    if (there?.state === "deleting") throw beingDeleted();
    await takeLease(tx, instance, { sha256, app, kind: "upload" });
    if (there) return;
    const row = { sha256, size, store_key: instance.blobs.traits.key(sha256), state: "arriving" as const, created_at: iso(instance.now()) };
    await tx.insertInto("blobs").values(row).execute();
  });
}

/** The file is in place. Our lease keeps the row, unless it ended while we were held up: then the client sends the bytes again. */
export async function settleBlob(tx: Tx, sha256: Sha256): Promise<void> {
  const live = await tx
    .updateTable("blobs")
    .set({ state: "live" })
    .where("sha256", "=", sha256)
    .where("state", "in", ["arriving", "live"])
    .executeTakeFirst();
  if (Number(live.numUpdatedRows) === 0) throw beingDeleted();
}

function beingDeleted(): DistError {
  return new DistError("server/unavailable", "these bytes are being deleted this moment", { hint: "send them again in a second" });
}
