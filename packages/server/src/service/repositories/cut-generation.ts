import { type Feed, type FeedFile, FEEDS, type FeedView, type Fragment } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";
import type { AppRow } from "../apps.ts";
import { headsOf } from "../channels/channel-state.ts";
import { DAY_MS, type Instance, iso } from "../instance.ts";
import { feedAddress, type Fragments, openFragments } from "./fragments.ts";
import { openGeneratedFiles } from "./generated-files.ts";
import { openLists } from "./lists.ts";
import { claimNames } from "./package-names.ts";
import { memberChannels, repositoriesOf, type RepositoryRow } from "./repositories.ts";
import { openSigner, type RepositorySigner } from "./repository-keys.ts";

/** After this a client knows that news is being held back from it. */
const LIFETIME_MS = 7 * DAY_MS;

const PRELOADED_RELEASES = 100;

/** What happened to a channel of an app, by release ids. */
export interface ChannelChange {
  readonly channel: { readonly id: string; readonly name: string };
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** What the channel went back over. */
  readonly passed: readonly string[];
  /** Status changed: what was made of them is made anew. */
  readonly restated: readonly string[];
  /** Live before or after the change. */
  readonly heads: readonly string[];
}

/** Cuts the next generation of every repository in which the change shows. */
export async function cutGenerations(tx: Tx, instance: Instance, app: AppRow, change: ChannelChange): Promise<void> {
  for (const repository of await repositoriesOf(tx, instance, app, change.channel.name)) {
    await cutGeneration(tx, instance, repository, app, change, `${app.slug}@${change.channel.name}`);
  }
}

/** Cuts the next generation of one repository, when the change shows in it; returns the repository as it is then. */
export async function cutGeneration(
  tx: Tx,
  instance: Instance,
  repository: RepositoryRow,
  app: AppRow,
  change: ChannelChange,
  reason: string,
): Promise<RepositoryRow> {
  const cut = openCut(tx, instance, repository);
  for (const release of change.restated) await cut.fragments.forget(release);
  // What a repository holds from before is put in as a whole and read one by one: it may be more than fits in memory.
  if (change.added.length <= PRELOADED_RELEASES) await cut.fragments.preload([...change.added, ...change.removed, ...change.heads]);
  let isShown = false;
  for (const feed of FEEDS) isShown = (await changeFeed(cut, feed, app, change)) || isShown;
  if (!isShown) return repository;
  await finishCut(cut, reason);
  return { ...repository, generation: cut.generation };
}

/** Cuts the next generation with the same content and a new date, for the feeds whose clients look at it. */
export async function reissueGeneration(tx: Tx, instance: Instance, repository: RepositoryRow): Promise<void> {
  const cut = openCut(tx, instance, repository);
  for (const feed of FEEDS.filter(({ traits }) => traits.expires)) {
    const channels = await tx
      .selectFrom("feed_lists")
      .select("channel")
      .distinct()
      .where("repository_id", "=", repository.id)
      .where("feed", "=", feed.id)
      .orderBy("channel")
      .execute();
    for (const { channel } of channels) {
      const place = placeOf(cut, feed, channel);
      const files = await assemble(cut, feed, channel, { lists: openLists(tx, place), names: new Set(), channels: [], tags: [] });
      await openGeneratedFiles(tx, place).writeAssembled(files);
    }
  }
  await finishCut(cut, "reissued");
}

/** A generation in the making. */
interface Cut {
  readonly tx: Tx;
  readonly instance: Instance;
  readonly repository: RepositoryRow;
  readonly generation: number;
  readonly at: Date;
  readonly sign: RepositorySigner;
  readonly fragments: Fragments;
}

function openCut(tx: Tx, instance: Instance, repository: RepositoryRow): Cut {
  const at = new Date(instance.now());
  const sign = openSigner(tx, instance, repository, at);
  const fragments = openFragments(tx, instance, repository, sign);
  return { tx, instance, repository, generation: repository.generation + 1, at, sign, fragments };
}

async function finishCut({ tx, instance, repository, generation, at }: Cut, reason: string): Promise<void> {
  await tx.updateTable("repositories").set({ generation }).where("id", "=", repository.id).execute();
  const row = { repository_id: repository.id, number: generation, reason, base_url: instance.baseUrl, issued_at: iso(at.getTime()) };
  await tx.insertInto("generations").values(row).execute();
}

/** False when the feed carries nothing of it. */
async function changeFeed(cut: Cut, feed: Feed, app: AppRow, change: ChannelChange): Promise<boolean> {
  const { tx, fragments } = cut;
  const place = placeOf(cut, feed, feed.traits.scope === "channel" ? change.channel.name : "");
  const lists = openLists(tx, place);
  const files = openGeneratedFiles(tx, place);
  const names = new Set<string>();
  const fragmentOf = async (release: string) => {
    const fragment = await fragments.of(feed, app, release);
    for (const name of fragment.names) names.add(name);
    return fragment;
  };

  const drop = async (release: string): Promise<void> => {
    await lists.remove(release);
    await files.removeRelease(release);
  };
  for (const release of change.removed) {
    await fragmentOf(release);
    if (feed.traits.scope === "channel" || !(await isKeptElsewhere(cut, app, release))) await drop(release);
  }
  const put = async (release: string, fragment: Fragment): Promise<void> => {
    await lists.remove(release);
    if (fragment.entries.length > 0) await lists.put({ id: release, rank: await rankOf(tx, release) }, fragment.entries);
    await files.putRelease(release, fragment);
  };
  for (const release of new Set([...change.added, ...change.restated])) {
    const fragment = await fragmentOf(release);
    await claimNames(tx, cut.repository, feed.id, app, fragment.names);
    await put(release, fragment);
  }
  for (const release of change.passed) {
    await fragmentOf(release);
    if (feed.traits.passedOver === "dropped") await drop(release);
    if (feed.traits.passedOver === "marked") await put(release, await fragments.passedOver(feed, app, release));
  }
  for (const release of change.heads) await fragmentOf(release);
  if (names.size === 0) return false;
  if (Number.isFinite(feed.traits.keeps)) for (const release of await beyond(tx, change, feed.traits.keeps)) await drop(release);

  await lists.flush();
  const channels = (await memberChannels(tx, cut.repository, app)).map(({ name }) => name);
  const tags = await tagsOf(cut, feed, app, names);
  await files.writeAssembled(
    await assemble(cut, feed, place.channel, { lists, names, channels: [...new Set([...channels, change.channel.name])], tags }),
  );
  return true;
}

function placeOf({ repository, generation, at }: Cut, feed: Feed, channel: string) {
  return { repository: repository.id, feed: feed.id, channel, generation, at: iso(at.getTime()), compresses: feed.traits.compresses };
}

async function assemble(
  cut: Cut,
  feed: Feed,
  channel: string,
  found: Pick<FeedView, "lists" | "tags" | "channels"> & { readonly names: ReadonlySet<string> },
): Promise<readonly FeedFile[]> {
  const { instance, repository, generation, at, sign } = cut;
  await sign.prepare(feed.traits.signs);
  return feed.assemble({
    repository: { name: repository.name },
    channel,
    address: feedAddress(instance, feed, repository),
    generation,
    issuedAt: at,
    expiresAt: new Date(at.getTime() + LIFETIME_MS),
    changed: [...found.names].toSorted(),
    channels: found.channels,
    tags: found.tags,
    lists: found.lists,
    sign,
  });
}

/** Of one version several revisions may be kept: the last one published is shown. */
async function rankOf(tx: Tx, release: string): Promise<string> {
  const row = await tx.selectFrom("releases").select(["published_at", "revision"]).where("id", "=", release).executeTakeFirstOrThrow();
  return `${row.published_at ?? ""} ${String(row.revision).padStart(9, "0")}`;
}

async function isKeptElsewhere({ tx, repository }: Cut, app: AppRow, release: string): Promise<boolean> {
  const channels = await memberChannels(tx, repository, app);
  if (channels.length === 0) return false;
  const row = await tx
    .selectFrom("channel_releases")
    .select("release_id")
    .where("release_id", "=", release)
    .where(
      "channel_id",
      "in",
      channels.map(({ id }) => id),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The versions that the newest ones push off an index that keeps so many. */
async function beyond(tx: Tx, { channel, added, heads }: ChannelChange, keeps: number): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom("channel_releases")
    .select("release_id")
    .where("channel_id", "=", channel.id)
    .where("passed", "=", 0)
    .orderBy("sequence", "desc")
    .orderBy("release_id", "desc")
    .offset(keeps)
    .limit(Math.max(1, added.length))
    .execute();
  return rows.map(({ release_id }) => release_id).filter((release) => !heads.includes(release));
}

/** What each channel points to, by package name. Of several live releases that have one, the last promoted counts. */
async function tagsOf(cut: Cut, feed: Feed, app: AppRow, names: ReadonlySet<string>): Promise<FeedView["tags"]> {
  const { tx, repository, fragments } = cut;
  if (feed.traits.scope === "channel") return [];
  const tags: { name: string; channel: string; value: string }[] = [];
  for (const channel of await memberChannels(tx, repository, app)) {
    const heads = await headsOf(tx, channel.id);
    const live = [...new Set(Object.values(heads))];
    if (live.length === 0) continue;
    const rows = await tx
      .selectFrom("channel_releases")
      .select("release_id")
      .where("channel_id", "=", channel.id)
      .where("release_id", "in", live)
      .orderBy("sequence", "desc")
      .execute();
    const found = new Map<string, string>();
    for (const { release_id } of rows) {
      const fragment = await fragments.of(feed, app, release_id);
      for (const [name, value] of Object.entries(fragment.tags)) {
        const target = fragment.targets[name];
        const counts = target === undefined || heads[target] === release_id;
        if (counts && names.has(name) && !found.has(name)) found.set(name, value);
      }
    }
    for (const [name, value] of found) tags.push({ name, channel: channel.name, value });
  }
  return tags;
}
