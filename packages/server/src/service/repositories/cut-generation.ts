import { type Feed, FEEDS, type FeedView, NOTHING } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";
import type { AppRow } from "../apps.ts";
import { DAY_MS, type Instance, iso } from "../instance.ts";
import type { CutPlace } from "./cut-place.ts";
import { feedAddress, type Fragments, openFragments } from "./fragments.ts";
import { type GeneratedFiles, openGeneratedFiles } from "./generated-files.ts";
import type { ListsOwner } from "./list-table.ts";
import { type Lists, openLists } from "./lists.ts";
import { joinOffers, loadOffers, type OfferRows } from "./offers.ts";
import { memberChannels, repositoriesOf, type RepositoryRow } from "./repositories.ts";
import { openSigner, type RepositorySigner } from "./repository-keys.ts";
import { loadStanding, type Standing } from "./standing.ts";

/** After this a client knows that news is being held back from it. */
const LIFETIME_MS = 7 * DAY_MS;

/** What a repository holds is put in batch by batch: it may be more than fits in memory. */
const BATCH = 100;

/** What happened to a channel of an app, by release ids. */
export interface ChannelChange {
  readonly channel: { readonly id: string; readonly name: string };
  /** The channel offers them otherwise than before, or no more. */
  readonly touched: readonly string[];
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
  const standing = await loadStanding(tx, await memberChannels(tx, repository, app), change);
  const shown = new Map<Feed, Set<string>>(FEEDS.map((feed) => [feed, new Set()]));
  const touched = new Set([...change.touched, ...change.restated]);
  const order = [...touched];
  for (let first = 0; first < order.length; first += BATCH)
    await putReleases(cut, app, change, standing, order.slice(first, first + BATCH), shown);
  for (const [feed, names] of shown)
    if (names.size > 0)
      for (const release of standing.pushedOff(feed.traits.keeps).difference(touched))
        drop(cut, ownerOf(feed, change.channel.name), release);
  await cut.lists.writeEntries();
  await cut.fragments.preload([...new Set([...change.heads, ...standing.live.flatMap(({ heads }) => Object.values(heads))])]);
  for (const release of change.heads)
    for (const [feed, names] of shown) for (const name of (await cut.fragments.of(feed, app, release)).names) names.add(name);

  const changed = [...shown].filter(([, names]) => names.size > 0);
  if (changed.length === 0) return repository;
  await cut.lists.writePages();
  const offers = await loadOffers(tx, standing.live, [...new Set(standing.live.flatMap(({ lastFirst }) => lastFirst))]);
  for (const [feed, names] of changed) {
    const channels = [...new Set([...standing.live.map(({ name }) => name), change.channel.name])];
    const tags = await tagsOf(cut, feed, app, standing, offers, names);
    await assemble(cut, feed, ownerOf(feed, change.channel.name), { names, channels, tags });
  }
  await finishCut(cut, reason);
  return { ...repository, generation: cut.place.generation };
}

/** Cuts the next generation with the same content and a new date; of these feeds. */
export async function reissueGeneration(
  tx: Tx,
  instance: Instance,
  repository: RepositoryRow,
  { feeds, reason }: { readonly feeds: readonly Feed[]; readonly reason: string },
): Promise<void> {
  const cut = openCut(tx, instance, repository);
  for (const feed of feeds) {
    const channels = await tx
      .selectFrom("feed_lists")
      .select("channel")
      .distinct()
      .where("repository_id", "=", repository.id)
      .where("feed", "=", feed.id)
      .orderBy("channel")
      .execute();
    for (const { channel } of channels) await assemble(cut, feed, ownerOf(feed, channel), { names: new Set(), channels: [], tags: [] });
  }
  await finishCut(cut, reason);
}

/** A generation in the making. */
interface Cut {
  readonly tx: Tx;
  readonly instance: Instance;
  readonly repository: RepositoryRow;
  readonly place: CutPlace;
  readonly at: Date;
  readonly sign: RepositorySigner;
  readonly fragments: Fragments;
  readonly lists: Lists;
  readonly files: GeneratedFiles;
}

function openCut(tx: Tx, instance: Instance, repository: RepositoryRow): Cut {
  const at = new Date(instance.now());
  const place = { repository: repository.id, generation: repository.generation + 1, at: iso(at.getTime()) };
  const sign = openSigner(tx, instance, repository, at);
  const fragments = openFragments(tx, instance, repository, sign);
  return { tx, instance, repository, place, at, sign, fragments, lists: openLists(tx, place), files: openGeneratedFiles(tx, place) };
}

async function finishCut({ tx, instance, repository, place, lists, files }: Cut, reason: string): Promise<void> {
  await lists.writePages();
  await files.write();
  const { generation, at } = place;
  await tx.updateTable("repositories").set({ generation }).where("id", "=", repository.id).execute();
  const row = { repository_id: repository.id, number: generation, reason, base_url: instance.baseUrl, issued_at: at };
  await tx.insertInto("generations").values(row).execute();
}

function ownerOf(feed: Feed, channel: string): ListsOwner {
  return { feed: feed.id, channel: feed.traits.scope === "channel" ? channel : "", compresses: feed.traits.compresses };
}

/** Writes what each feed tells of some releases, and adds the names that it concerns. */
async function putReleases(
  cut: Cut,
  app: AppRow,
  change: ChannelChange,
  standing: Standing,
  releases: readonly string[],
  shown: ReadonlyMap<Feed, Set<string>>,
): Promise<void> {
  const { tx, fragments, lists, files } = cut;
  await fragments.preload(releases);
  const offers = await loadOffers(tx, standing.live, releases);
  const ranks = await ranksOf(tx, releases);
  for (const [feed, names] of shown) {
    const owner = ownerOf(feed, change.channel.name);
    const pushedOff = standing.pushedOff(feed.traits.keeps);
    for (const release of releases) {
      const { names: own } = await fragments.of(feed, app, release);
      for (const name of own) names.add(name);
      const offer = offerIn(feed, change.channel.id, offers, release);
      const fragment = offer && !pushedOff.has(release) ? await fragments.offered(feed, app, release, offer) : undefined;
      if (!fragment) drop(cut, owner, release);
      else {
        lists.putRelease(owner, { id: release, rank: ranks.get(release) ?? "" }, fragment.entries);
        files.putRelease(owner, release, fragment);
      }
    }
  }
  await lists.writeEntries();
  await files.write();
}

function drop({ lists, files }: Cut, owner: ListsOwner, release: string): void {
  lists.putRelease(owner, { id: release, rank: "" }, []);
  files.putRelease(owner, release, NOTHING);
}

/** As the feed's index has to tell it: of the channel, or of all of them. */
function offerIn({ traits }: Feed, channel: string, offers: OfferRows, release: string) {
  const rows = offers.get(release) ?? [];
  return joinOffers(traits.scope === "channel" ? rows.filter(({ channel_id }) => channel_id === channel) : rows);
}

async function assemble(
  cut: Cut,
  feed: Feed,
  owner: ListsOwner,
  found: Pick<FeedView, "tags" | "channels"> & { readonly names: ReadonlySet<string> },
): Promise<void> {
  const { instance, repository, place, at, sign, lists, files } = cut;
  await sign.prepare(feed.traits.signs);
  const made = await feed.assemble({
    repository: { name: repository.name },
    channel: owner.channel,
    address: feedAddress(instance, feed, repository),
    generation: place.generation,
    issuedAt: at,
    expiresAt: new Date(at.getTime() + LIFETIME_MS),
    changed: [...found.names].toSorted(),
    channels: found.channels,
    tags: found.tags,
    lists: lists.of(owner),
    sign,
  });
  files.putAssembled(owner, made);
}

/** Of one version several revisions may be kept: the last one published is shown. */
async function ranksOf(tx: Tx, releases: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.selectFrom("releases").select(["id", "published_at", "revision"]).where("id", "in", releases).execute();
  return new Map(rows.map((row) => [row.id, `${row.published_at ?? ""} ${String(row.revision).padStart(9, "0")}`]));
}

/** What each channel points to, by package name. Of several live releases that have one, the last promoted counts. */
async function tagsOf(
  cut: Cut,
  feed: Feed,
  app: AppRow,
  standing: Standing,
  offers: OfferRows,
  names: ReadonlySet<string>,
): Promise<FeedView["tags"]> {
  if (feed.traits.scope === "channel") return [];
  const tags: { name: string; channel: string; value: string }[] = [];
  for (const { id, name: channel, heads, lastFirst } of standing.live) {
    const found = new Map<string, string>();
    for (const release of lastFirst) {
      const offer = joinOffers((offers.get(release) ?? []).filter(({ channel_id }) => channel_id === id));
      const fragment = (offer && (await cut.fragments.offered(feed, app, release, offer))) ?? NOTHING;
      for (const [name, value] of Object.entries(fragment.tags)) {
        const target = fragment.targets[name];
        const counts = target === undefined || heads[target] === release;
        if (counts && names.has(name) && !found.has(name)) found.set(name, value);
      }
    }
    for (const [name, value] of found) tags.push({ name, channel, value });
  }
  return tags;
}
