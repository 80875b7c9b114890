import type { Heads } from "@distd/core";
import type { Tx } from "../../db/database.ts";
import type { AppRow } from "../apps.ts";
import { type Instance, iso } from "../instance.ts";
import { issueChannelDocument } from "./channel-documents.ts";
import type { ChannelRow, RevisionRow } from "./channel-state.ts";

export interface Move {
  readonly kind: RevisionRow["kind"];
  readonly release: string | null;
  readonly restores: number | null;
  readonly heads: Heads;
  readonly actor: string;
}

/** Writes the next revision, the heads it makes live, and the signed document: all three or none. */
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
  await tx.deleteFrom("channel_heads").where("channel_id", "=", channel.id).execute();
  for (const [target, release_id] of Object.entries(move.heads))
    await tx.insertInto("channel_heads").values({ channel_id: channel.id, target, release_id }).execute();
  await issueChannelDocument(tx, instance, app, moved);
  return moved;
}
