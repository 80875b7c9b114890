import { carries, type Feed, type Fragment, NOTHING } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";
import type { AppRow } from "../apps.ts";
import type { Instance } from "../instance.ts";
import { loadFeedVersion } from "./feed-version.ts";
import type { RepositoryRow } from "./repositories.ts";
import type { RepositorySigner } from "./repository-keys.ts";

/** What feeds make of releases in one repository: made once, then read. */
export interface Fragments {
  /** Reads what there is of several releases at once. */
  preload(releases: readonly string[]): Promise<void>;
  of(feed: Feed, app: AppRow, release: string): Promise<Fragment>;
  /** The same as if it were yanked, for channels that went back over it. Not kept. */
  passedOver(feed: Feed, app: AppRow, release: string): Promise<Fragment>;
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
  const stored = new Map<string, { readonly address: string; readonly body: string }>();
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
      for (const row of rows) stored.set(`${row.release_id} ${row.feed}`, row);
    },
    async of(feed, app, release) {
      const address = feedAddress(instance, feed, repository);
      await this.preload([release]);
      const row = stored.get(`${release} ${feed.id}`);
      if (row?.address === address) return JSON.parse(row.body) as Fragment;
      const version = await loadVersion(app, release);
      const isCarried = version.artifacts.some(({ format }) => carries(feed, format));
      if (isCarried) await sign.prepare(feed.traits.signs);
      const fragment = isCarried ? feed.fragment(version, { address, sign }) : NOTHING;
      const body = JSON.stringify(fragment);
      stored.set(`${release} ${feed.id}`, { address, body });
      await tx
        .insertInto("fragments")
        .values({ repository_id: repository.id, release_id: release, feed: feed.id, address, body })
        .onConflict((conflict) => conflict.columns(["repository_id", "release_id", "feed"]).doUpdateSet({ address, body }))
        .execute();
      return fragment;
    },
    async passedOver(feed, app, release) {
      const version = await loadVersion(app, release);
      return feed.fragment({ yanked: PASSED_OVER, ...version }, { address: feedAddress(instance, feed, repository), sign });
    },
    async forget(release) {
      versions.delete(release);
      for (const key of stored.keys()) if (key.startsWith(`${release} `)) stored.delete(key);
      await tx.deleteFrom("fragments").where("repository_id", "=", repository.id).where("release_id", "=", release).execute();
    },
  };
}
