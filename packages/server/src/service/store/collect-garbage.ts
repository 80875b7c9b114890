import type { Sha256 } from "@distd/core";
import type { Read, Tx } from "../../db/database.ts";
import { crashPoint } from "../../crash-point.ts";
import { act } from "../act.ts";
import { dropExpiredDrafts, dropExpiredUploads, forgetOldAnswers } from "./expire.ts";
import { type Caller, type Instance, iso } from "../instance.ts";

const BATCH = 500;

export interface Collected {
  readonly blobs: number;
  readonly bytes: number;
  readonly digests: readonly Sha256[];
}

/**
 * Removes blobs that nothing refers to and no lease keeps. First they are marked, in one commit; from then on nobody can lease them. Then the
 * files go, then the rows. Whoever uploads the same bytes in between is told to send them again. Safe beside a running server; undefined when
 * another collection is under way, because two would take each other's marks for unfinished work.
 */
export async function collectGarbage(
  instance: Instance,
  caller: Caller,
  options: { readonly dryRun: boolean },
): Promise<Collected | undefined> {
  if (options.dryRun) return summarise(await unused(instance.db.read, instance, Number.MAX_SAFE_INTEGER));
  return alone(instance, async () => {
    await finishMarked(instance);
    await dropExpired(instance, caller);
    const collected: Unused[] = [];
    for (let batch = await mark(instance, caller); batch.length > 0; batch = await mark(instance, caller)) {
      crashPoint("blobs-marked");
      await removeMarked(instance, batch);
      collected.push(...batch);
    }
    return summarise(collected);
  });
}

/** What a collection that was interrupted had marked: until it is gone, nobody can bring those bytes back. */
export async function finishCollection(instance: Instance): Promise<void> {
  await alone(instance, () => finishMarked(instance));
}

interface Unused {
  readonly sha256: Sha256;
  readonly size: number;
}

async function alone<T>(instance: Instance, work: () => Promise<T>): Promise<T | undefined> {
  const unlock = instance.lockCollection();
  if (!unlock) return undefined;
  try {
    return await work();
  } finally {
    unlock();
  }
}

async function finishMarked(instance: Instance): Promise<void> {
  for (;;) {
    const batch = await instance.db.read
      .selectFrom("blobs")
      .select(["sha256", "size"])
      .where("state", "=", "deleting")
      .limit(BATCH)
      .execute();
    if (batch.length === 0) return;
    await removeMarked(instance, batch);
  }
}

async function removeMarked(instance: Instance, batch: readonly Unused[]): Promise<void> {
  for (const { sha256 } of batch) await instance.blobs.remove(sha256);
  crashPoint("blob-removed");
  const digests = batch.map(({ sha256 }) => sha256);
  await instance.db.write(async (tx) => tx.deleteFrom("blobs").where("sha256", "in", digests).where("state", "=", "deleting").execute());
}

async function mark(instance: Instance, caller: Caller): Promise<Unused[]> {
  return act(instance, caller, async (tx) => {
    const batch = await unused(tx, instance, BATCH);
    if (batch.length === 0) return { result: batch };
    const digests = batch.map(({ sha256 }) => sha256);
    await tx.updateTable("blobs").set({ state: "deleting" }).where("sha256", "in", digests).execute();
    return { result: batch, event: { action: "blob.collect", subject: "blobs", details: { digests } } };
  });
}

async function unused(db: Read | Tx, instance: Instance, limit: number): Promise<Unused[]> {
  return db
    .selectFrom("blobs")
    .select(["sha256", "size"])
    .where((where) =>
      where.not(
        where.exists(where.selectFrom("blob_references").select("owner_id").whereRef("blob_references.sha256", "=", "blobs.sha256")),
      ),
    )
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom("leases")
            .select("id")
            .whereRef("leases.sha256", "=", "blobs.sha256")
            .where("expires_at", ">", iso(instance.now())),
        ),
      ),
    )
    .limit(limit)
    .execute();
}

function summarise(blobs: readonly Unused[]): Collected {
  return { blobs: blobs.length, bytes: blobs.reduce((sum, { size }) => sum + size, 0), digests: blobs.map(({ sha256 }) => sha256) };
}

/** Leases, unfinished uploads, drafts and remembered answers whose time is over. */
async function dropExpired(instance: Instance, caller: Caller): Promise<void> {
  await dropExpiredUploads(instance);
  await dropExpiredDrafts(instance, caller);
  await forgetOldAnswers(instance);
}
