import { isAllowed, type Principal } from "@distd/core";
import type { FeedDocument } from "@distd/core/wire";
import { FEEDS } from "@distd/feeds";
import { MAIN_ORGANIZATION } from "../apps.ts";
import type { Instance } from "../instance.ts";
import { feedAddress } from "./fragments.ts";
import { audienceOf, isOpenTo } from "./membership.ts";

/** Every feed there is, with the places where this caller finds something in it. */
export async function listFeeds(instance: Instance, principal: Principal): Promise<FeedDocument[]> {
  const db = instance.db.read;
  const repositories = await db.selectFrom("repositories").selectAll().where("org_id", "=", MAIN_ORGANIZATION).orderBy("name").execute();
  const places: { feed: string; repository: string; channel: string; isOpen: boolean }[] = [];
  for (const repository of repositories) {
    const audience = await audienceOf(db, repository);
    if (audience?.every((app) => isAllowed(principal, "download", { app })) === false) continue;
    const isOpen = isOpenTo(audience);
    const channels = await channelsOf(instance, repository.id);
    for (const { feed, channel } of channels) places.push({ feed, repository: repository.name, channel, isOpen });
  }
  return FEEDS.map((feed) => ({
    id: feed.id,
    formats: feed.traits.formats === "all" ? "all" : [...feed.traits.formats],
    rollback: feed.traits.rollback,
    endpoints: places
      .filter((place) => place.feed === feed.id)
      .map(({ repository, channel, isOpen }) => {
        const address = feedAddress(instance, feed, { name: repository });
        return {
          repository,
          ...(channel !== "" && { channel }),
          address,
          lines: [...feed.lines({ address, repository, channel, isOpen })],
        };
      }),
  }));
}

/** Feeds with something in them. */
function channelsOf({ db }: Instance, repository: string): Promise<{ feed: string; channel: string }[]> {
  return db.read
    .selectFrom("feed_lists")
    .select(["feed", "channel"])
    .distinct()
    .where("repository_id", "=", repository)
    .where("id", "in", db.read.selectFrom("feed_pages").select("list_id").where("to_generation", "is", null))
    .orderBy("feed")
    .orderBy("channel")
    .execute();
}
