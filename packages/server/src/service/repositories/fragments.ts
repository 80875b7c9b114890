import { carries, type Feed, type FeedVersion, type Fragment, NOTHING } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";
import type { AppRow } from "../apps.ts";
import type { Instance } from "../instance.ts";
import { loadFeedVersion } from "./feed-version.ts";
import { isOffered, type Offer } from "./offers.ts";
import { claimNames } from "./package-names.ts";
import type { RepositoryRow } from "./repositories.ts";
import type { RepositorySigner } from "./repository-keys.ts";

/** What feeds make of releases in one repository: made once, then read. */
export interface Fragments {
  /** Reads what there is of several releases at once. */
  preload(releases: readonly string[]): Promise<void>;
  /** Of the release as it is. With the first one the app takes the names in it: refused when one is somebody else's. */
  of(feed: Feed, app: AppRow, release: string): Promise<Fragment>;
  /** Of the release as channels offer it; undefined when this feed tells nothing of it. Made anew each time where an offer is not of all. */
  offered(feed: Feed, app: AppRow, release: string, offer: Offer): Promise<Fragment | undefined>;
  /** The release has changed its status: what was made of it is made anew. */
  forget(release: string): Promise<void>;
}

/** Releases whose fragments are in memory at a time: a repository may be filled with more than fit. */
const MAX_REMEMBERED = 100;

/** The reason clients show when somebody pins what a channel went back over. */
const PASSED_OVER = "the channel went back to an earlier version";

export function feedAddress(instance: Instance, feed: Pick<Feed, "id">, repository: Pick<RepositoryRow, "name">): string {
  return `${instance.baseUrl}/${feed.id}/${repository.name}`;
}

export function openFragments(tx: Tx, instance: Instance, repository: RepositoryRow, sign: RepositorySigner): Fragments {
  const versions = new Map<string, Awaited<ReturnType<typeof loadFeedVersion>>>();
  const preloaded = new Set<string>();
  const stored = new Map<string, { readonly address: string; readonly fragment: Fragment }>();
  const loadVersion = async (app: AppRow, release: string) => {
    const known = versions.get(release);
    if (known) return known;
    const version = await loadFeedVersion(tx, app, release);
    if (versions.size >= MAX_REMEMBERED) versions.clear();
    versions.set(release, version);
    return version;
  };

  return {
    async preload(releases) {
      const missing = releases.filter((release) => !preloaded.has(release));
      if (missing.length === 0) return;
      if (preloaded.size >= MAX_REMEMBERED) {
        preloaded.clear();
        stored.clear();
      }
      for (const release of missing) preloaded.add(release);
      const rows = await tx
        .selectFrom("fragments")
        .select(["release_id", "feed", "address", "body"])
        .where("repository_id", "=", repository.id)
        .where("release_id", "in", missing)
        .execute();
      for (const { release_id, feed, address, body } of rows)
        stored.set(`${release_id} ${feed}`, { address, fragment: JSON.parse(body) as Fragment });
    },
    async of(feed, app, release) {
      const address = feedAddress(instance, feed, repository);
      await this.preload([release]);
      const known = stored.get(`${release} ${feed.id}`);
      if (known?.address === address) return known.fragment;
      const version = await loadVersion(app, release);
      const isCarried = version.artifacts.some(({ format }) => carries(feed, format));
      if (isCarried) await sign.prepare(feed.traits.signs);
      const fragment = isCarried ? feed.fragment(version, { address, sign }) : NOTHING;
      await claimNames(tx, repository, feed.id, app, fragment.names);
      const body = JSON.stringify(fragment);
      stored.set(`${release} ${feed.id}`, { address, fragment });
      await tx
        .insertInto("fragments")
        .values({ repository_id: repository.id, release_id: release, feed: feed.id, address, body })
        .onConflict((conflict) => conflict.columns(["repository_id", "release_id", "feed"]).doUpdateSet({ address, body }))
        .execute();
      return fragment;
    },
    async offered(feed, app, release, { isPassed, targets, phase }) {
      const { passedOver, phases } = feed.traits;
      if (isPassed && passedOver === "dropped") return undefined;
      const isMarked = isPassed && passedOver === "marked";
      const isPhased = phases && phase !== undefined;
      if (!isMarked && !isPhased && targets === undefined) return this.of(feed, app, release);
      const version = await loadVersion(app, release);
      const varied: FeedVersion = {
        ...(isMarked && { yanked: PASSED_OVER }),
        ...(isPhased && { phase }),
        ...version,
        artifacts: version.artifacts.filter((artifact) => isOffered(artifact, targets)),
      };
      await sign.prepare(feed.traits.signs);
      return feed.fragment(varied, { address: feedAddress(instance, feed, repository), sign });
    },
    async forget(release) {
      versions.delete(release);
      for (const key of stored.keys()) if (key.startsWith(`${release} `)) stored.delete(key);
      await tx.deleteFrom("fragments").where("repository_id", "=", repository.id).where("release_id", "=", release).execute();
    },
  };
}
