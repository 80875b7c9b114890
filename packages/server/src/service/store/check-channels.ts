import { createPublicKey } from "node:crypto";
import { type Heads, sameHeads } from "@distd/core";
import { CHANNEL_DOCUMENT_TYPE, type ChannelDocument, openEnvelope } from "@distd/core/wire";
import { headsOf } from "../channels/channel-state.ts";
import type { Instance } from "../instance.ts";

/** Every channel's heads are those of its last revision, its revisions have no gap, and its document is signed and says the same. */
export async function channelProblems(instance: Instance): Promise<string[]> {
  const db = instance.db.read;
  const publicKey = createPublicKey(instance.key);
  const problems: string[] = [];
  for (const channel of await db.selectFrom("channels").selectAll().where("sequence", ">", 0).execute()) {
    const report = (text: string): void => void problems.push(`channel ${channel.name} (${channel.id}): ${text}`);
    const history = await db
      .selectFrom("channel_revisions")
      .select(({ fn }) => [fn.countAll<number>().as("count"), fn.max("sequence").as("last")])
      .where("channel_id", "=", channel.id)
      .executeTakeFirstOrThrow();
    if (history.count !== channel.sequence || history.last !== channel.sequence)
      report(`has ${history.count} revisions up to ${history.last}, but stands at ${channel.sequence}`);
    const last = await db
      .selectFrom("channel_revisions")
      .select("heads")
      .where("channel_id", "=", channel.id)
      .where("sequence", "=", channel.sequence)
      .executeTakeFirst();
    const heads = await headsOf(db, channel.id);
    if (!last || !sameHeads(heads, JSON.parse(last.heads) as Heads)) report("its heads differ from its last revision");
    const stored = await db.selectFrom("channel_documents").selectAll().where("channel_id", "=", channel.id).executeTakeFirst();
    if (!stored) {
      report("has no document");
      continue;
    }
    try {
      const document = JSON.parse(openEnvelope(JSON.parse(stored.body), CHANNEL_DOCUMENT_TYPE, [publicKey])) as ChannelDocument;
      const said: Heads = Object.fromEntries(Object.entries(document.heads).map(([target, head]) => [target, head.release]));
      if (document.sequence !== channel.sequence || !sameHeads(said, heads)) report("its document says something else than its heads");
    } catch {
      report("its document is not signed by this instance's key");
    }
  }
  return problems;
}
