import type { Heads } from "@distd/core";
import { FEEDS } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";

/** How an app's channels in a repository stand when its next generation is cut. */
export interface Standing {
  readonly live: readonly LiveChannel[];
  /** Versions that the newest of the channel that moved push off an index that keeps so many. Never those that are live there. */
  pushedOff(keeps: number): ReadonlySet<string>;
}

export interface LiveChannel {
  readonly id: string;
  readonly name: string;
  readonly heads: Heads;
  /** Its live releases, the last promoted first. */
  readonly lastFirst: readonly string[];
}

interface Moved {
  readonly channel: { readonly id: string };
  readonly touched: readonly string[];
  readonly restated: readonly string[];
  readonly heads: readonly string[];
}

const MOST_KEPT = Math.max(...FEEDS.map(({ traits }) => traits.keeps).filter(Number.isFinite));

export async function loadStanding(
  tx: Tx,
  channels: readonly { readonly id: string; readonly name: string }[],
  { channel, touched, restated, heads }: Moved,
): Promise<Standing> {
  const count = touched.length + restated.length;
  const ids = channels.map(({ id }) => id);
  const rows =
    ids.length === 0
      ? []
      : await tx
          .selectFrom("channel_heads")
          .leftJoin("channel_releases", (join) =>
            join
              .onRef("channel_releases.channel_id", "=", "channel_heads.channel_id")
              .onRef("channel_releases.release_id", "=", "channel_heads.release_id"),
          )
          .select(["channel_heads.channel_id", "channel_heads.target", "channel_heads.release_id", "channel_releases.sequence"])
          .where("channel_heads.channel_id", "in", ids)
          .orderBy("channel_releases.sequence", "desc")
          .orderBy("target")
          .execute();
  const newest = await tx
    .selectFrom("channel_releases")
    .select("release_id")
    .where("channel_id", "=", channel.id)
    .where("passed", "=", 0)
    .orderBy("sequence", "desc")
    .orderBy("release_id", "desc")
    .limit(MOST_KEPT + count)
    .execute();
  return {
    live: channels.map(({ id, name }) => {
      const own = rows.filter(({ channel_id }) => channel_id === id);
      return {
        id,
        name,
        heads: Object.fromEntries(own.map(({ target, release_id }) => [target, release_id])),
        lastFirst: [...new Set(own.map(({ release_id }) => release_id))],
      };
    }),
    pushedOff(keeps) {
      if (!Number.isFinite(keeps)) return new Set();
      // As many as the move brings.
      return new Set(
        newest
          .slice(keeps, keeps + count)
          .map(({ release_id }) => release_id)
          .filter((release) => !heads.includes(release)),
      );
    },
  };
}
