import type { Heads } from "@distd/core";
import type { Tx } from "../../db/database.ts";
import type { AppRow } from "../apps.ts";
import { type Instance, iso } from "../instance.ts";
import { cutGenerations } from "../repositories/cut-generation.ts";
import { keepReleases, type PromotedOffer } from "../repositories/kept-releases.ts";
import { issueChannelDocument } from "./channel-documents.ts";
import { type ChannelRow, headsOf, type RevisionRow } from "./channel-state.ts";

export interface Move {
  readonly kind: RevisionRow["kind"];
  readonly release: string | null;
  readonly restores: number | null;
  readonly heads: Heads;
  readonly actor: string;
  /** How the release that is promoted is offered from now on. */
  readonly promoted?: PromotedOffer;
  /** The release this move takes off the channel for good, and whether indexes still tell of it. */
  readonly withdrawn?: { readonly release: string; readonly isListed: boolean };
}

/** Writes the next revision, the heads it makes live, the signed document, and the generations that show it: all or none. */
export async function moveChannel(tx: Tx, instance: Instance, app: AppRow, channel: ChannelRow, move: Move): Promise<ChannelRow> {
  const moved = { ...channel, sequence: channel.sequence + 1 };
  await tx.updateTable("channels").set({ sequence: moved.sequence }).where("id", "=", channel.id).execute();
  await tx
    .insertInto("channel_revisions")
    .values({
      channel_id: channel.id,
      sequence: moved.sequence,
      kind: move.kind,
      release_id: move.release,
      restores: move.restores,
      heads: JSON.stringify(move.heads),
      actor: move.actor,
      created_at: iso(instance.now()),
    })
    .execute();
  const before = Object.values(await headsOf(tx, channel.id));
  await tx.deleteFrom("channel_heads").where("channel_id", "=", channel.id).execute();
  const live = Object.entries(move.heads).map(([target, release_id]) => ({ channel_id: channel.id, target, release_id }));
  if (live.length > 0) await tx.insertInto("channel_heads").values(live).execute();
  await issueChannelDocument(tx, instance, app, moved);
  const { restores, heads, withdrawn, promoted } = move;
  const dropped = withdrawn && !withdrawn.isListed ? withdrawn.release : undefined;
  await cutGenerations(tx, instance, app, {
    channel,
    touched: await keepReleases(tx, channel, { sequence: moved.sequence, restores, heads, withdrawn: dropped, promoted }),
    restated: withdrawn?.isListed ? [withdrawn.release] : [],
    heads: [...new Set([...before, ...Object.values(heads)])],
  });
  return moved;
}
