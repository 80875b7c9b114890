import type { Heads } from "@distd/core";
import type { Tx } from "../../db/database.ts";

/** What a move means for what the channel offers. */
export interface Keeping {
  readonly sequence: number;
  readonly restores: number | null;
  readonly heads: Heads;
  /** Taken off for good. */
  readonly withdrawn?: string | undefined;
  /** How the release that is promoted is offered from now on. */
  readonly promoted?: PromotedOffer | undefined;
}

export interface PromotedOffer {
  readonly release: string;
  /** Beside those it is offered for already; null: all it has. */
  readonly targets: readonly string[] | null;
  readonly phase: number | null;
}

/**
 * A channel offers what was promoted to it and not withdrawn. What a rollback went back over stays known as passed over: feeds whose clients
 * always take the highest version take it off or mark it, others still give it to who pins it. Returns the releases whose offer changed.
 */
export async function keepReleases(tx: Tx, channel: { readonly id: string }, move: Keeping): Promise<readonly string[]> {
  const live = [...new Set(Object.values(move.heads))];
  const passed = move.restores === null ? [] : await passOver(tx, channel, move.restores, live);
  const removed = move.withdrawn === undefined ? [] : [move.withdrawn];
  if (removed.length > 0)
    await tx.deleteFrom("channel_releases").where("channel_id", "=", channel.id).where("release_id", "in", removed).execute();
  return [...removed, ...passed, ...(await offerLive(tx, channel, live, move))];
}

async function offerLive(tx: Tx, channel: { readonly id: string }, live: readonly string[], move: Keeping): Promise<string[]> {
  if (live.length === 0) return [];
  const there = await tx
    .selectFrom("channel_releases")
    .select(["release_id", "passed", "targets", "phase"])
    .where("channel_id", "=", channel.id)
    .where("release_id", "in", live)
    .execute();
  const changed: string[] = [];
  for (const release_id of live) {
    const before = there.find((row) => row.release_id === release_id);
    const promoted = move.promoted?.release === release_id ? move.promoted : undefined;
    const targets = promoted ? joinTargets(before, promoted.targets) : (before?.targets ?? null);
    const phase = promoted ? promoted.phase : (before?.phase ?? null);
    if (before?.passed === 0 && before.targets === targets && before.phase === phase) continue;
    changed.push(release_id);
    const row = { sequence: move.sequence, passed: 0, targets, phase };
    await tx
      .insertInto("channel_releases")
      .values({ channel_id: channel.id, release_id, ...row })
      .onConflict((conflict) => conflict.columns(["channel_id", "release_id"]).doUpdateSet(row))
      .execute();
  }
  return changed;
}

function joinTargets(before: { readonly targets: string | null } | undefined, added: readonly string[] | null): string | null {
  if (added === null || (before && before.targets === null)) return null;
  const known = JSON.parse(before?.targets ?? "[]") as string[];
  return JSON.stringify([...new Set([...known, ...added])].toSorted());
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
