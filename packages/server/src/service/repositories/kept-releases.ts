import type { Heads } from "@distd/core";
import type { Tx } from "../../db/database.ts";

/** What a move did to what a channel offers, by release ids. */
export interface KeptChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** What the channel went back over. */
  readonly passed: readonly string[];
}

/**
 * A channel offers what was promoted to it and not withdrawn. What a rollback went back over stays known as passed over: feeds whose clients
 * always take the highest version take it off or mark it, others still give it to who pins it.
 */
export async function keepReleases(
  tx: Tx,
  channel: { readonly id: string },
  move: { readonly sequence: number; readonly restores: number | null; readonly heads: Heads; readonly withdrawn?: string | undefined },
): Promise<KeptChange> {
  const live = [...new Set(Object.values(move.heads))];
  const passed = move.restores === null ? [] : await passOver(tx, channel, move.restores, live);
  const removed = move.withdrawn === undefined ? [] : [move.withdrawn];
  if (removed.length > 0)
    await tx.deleteFrom("channel_releases").where("channel_id", "=", channel.id).where("release_id", "in", removed).execute();
  const added: string[] = [];
  for (const release_id of live) {
    const there = await tx
      .selectFrom("channel_releases")
      .select("passed")
      .where("channel_id", "=", channel.id)
      .where("release_id", "=", release_id)
      .executeTakeFirst();
    if (there?.passed === 0) continue;
    added.push(release_id);
    const row = { sequence: move.sequence, passed: 0 };
    await tx
      .insertInto("channel_releases")
      .values({ channel_id: channel.id, release_id, ...row })
      .onConflict((conflict) => conflict.columns(["channel_id", "release_id"]).doUpdateSet(row))
      .execute();
  }
  return { added, removed, passed };
}

/** What came after the revision that is restored, and is not live again. */
async function passOver(tx: Tx, channel: { readonly id: string }, restores: number, live: readonly string[]): Promise<string[]> {
  const rows = await tx
    .selectFrom("channel_releases")
    .select("release_id")
    .where("channel_id", "=", channel.id)
    .where("sequence", ">", restores)
    .where("passed", "=", 0)
    .execute();
  const passed = rows.map(({ release_id }) => release_id).filter((release) => !live.includes(release));
  if (passed.length > 0)
    await tx
      .updateTable("channel_releases")
      .set({ passed: 1 })
      .where("channel_id", "=", channel.id)
      .where("release_id", "in", passed)
      .execute();
  return passed;
}
