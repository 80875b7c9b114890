import type { Heads } from "@distd/core";
import type { Tx } from "../../db/database.ts";

/** What a move did to what a channel offers. */
export interface KeptChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * A channel offers what was promoted to it and not gone back over or withdrawn. A rollback takes away what came after the revision it
 * restored, so that clients which always take the highest version take the restored one.
 */
export async function keepReleases(
  tx: Tx,
  channel: { readonly id: string },
  move: { readonly sequence: number; readonly restores: number | null; readonly heads: Heads; readonly withdrawn?: string | undefined },
): Promise<KeptChange> {
  const rows = await tx
    .selectFrom("channel_releases")
    .select(["release_id", "sequence"])
    .where("channel_id", "=", channel.id)
    .where("sequence", ">", move.restores ?? Number.MAX_SAFE_INTEGER)
    .execute();
  const live = new Set(Object.values(move.heads));
  const removed = rows.map(({ release_id }) => release_id).filter((release) => !live.has(release));
  if (move.withdrawn !== undefined) removed.push(move.withdrawn);
  if (removed.length > 0)
    await tx.deleteFrom("channel_releases").where("channel_id", "=", channel.id).where("release_id", "in", removed).execute();
  const known =
    live.size === 0
      ? []
      : await tx
          .selectFrom("channel_releases")
          .select("release_id")
          .where("channel_id", "=", channel.id)
          .where("release_id", "in", [...live])
          .execute();
  const before = new Set(known.map(({ release_id }) => release_id));
  const added = [...live].filter((release) => !before.has(release));
  for (const release_id of added)
    await tx.insertInto("channel_releases").values({ channel_id: channel.id, release_id, sequence: move.sequence }).execute();
  return { added, removed };
}
