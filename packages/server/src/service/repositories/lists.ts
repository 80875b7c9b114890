import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Sha256 } from "@distd/core";
import type { FragmentEntry, ListRef, ListSource } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";
import type { CutPlace } from "./cut-place.ts";
import { type PagedList, rewritePages } from "./list-pages.ts";

/** The lists of one feed and channel of a repository. */
export interface ListsOwner {
  readonly feed: string;
  /** Empty for feeds of the whole repository. */
  readonly channel: string;
  readonly compresses: boolean;
}

/** The lists of a repository, while a generation is cut. */
export interface Lists {
  of(owner: ListsOwner): ListSource;
  /** All entries of a release from now on, in the owner's lists. Written with the next `writeEntries`. */
  putRelease(owner: ListsOwner, release: { readonly id: string; readonly rank: string }, entries: readonly FragmentEntry[]): void;
  writeEntries(): Promise<void>;
  /** Writes the pages whose entries changed. */
  writePages(): Promise<void>;
}

/** Stands for a release where an entry has none. */
const NO_RELEASE = "";
/** Rows of one statement; engines limit their parameters. */
const INSERT_ROWS = 500;

interface List extends PagedList, ListsOwner {
  readonly name: string;
  digests: Digests;
  /** The generation it changed in last. */
  changed: number;
}

type Digests = Partial<Record<"plain" | "gzip", { readonly size: number; readonly sha256: Sha256 }>>;

interface Wish {
  readonly owner: ListsOwner;
  readonly release: { readonly id: string; readonly rank: string };
  readonly entries: readonly FragmentEntry[];
}

export function openLists(tx: Tx, place: CutPlace): Lists {
  const { repository, generation } = place;
  const opened = new Map<string, List>();
  const dirty = new Map<List, Set<string>>();
  const wishes = new Map<string, Wish>();
  const columns = ["id", "feed", "channel", "name", "digests", "changed"] as const;
  const lists = () => tx.selectFrom("feed_lists").select(columns).where("repository_id", "=", repository);
  type Row = Awaited<ReturnType<ReturnType<typeof lists>["execute"]>>[number];

  const remember = (owner: ListsOwner, row: Row): List => {
    const key = keyOf(owner, row.name);
    const known = opened.get(key);
    if (known) return known;
    const list: List = { ...owner, id: row.id, name: row.name, digests: JSON.parse(row.digests) as Digests, changed: row.changed };
    opened.set(key, list);
    return list;
  };
  const touch = (list: List, key: string): void => {
    const keys = dirty.get(list);
    if (keys) keys.add(key);
    else dirty.set(list, new Set([key]));
  };
  /** Makes those that are not there. */
  const open = async (wanted: ReadonlyMap<string, { readonly owner: ListsOwner; readonly name: string }>): Promise<void> => {
    const unknown = new Map([...wanted].filter(([key]) => !opened.has(key)));
    if (unknown.size === 0) return;
    const all = [...unknown.values()];
    const rows = await lists()
      .where("feed", "in", [...new Set(all.map(({ owner }) => owner.feed))])
      .where("channel", "in", [...new Set(all.map(({ owner }) => owner.channel))])
      .where("name", "in", [...new Set(all.map(({ name }) => name))])
      .execute();
    const take = (row: Row): void => {
      const found = unknown.get(keyOf(row, row.name));
      if (found) remember(found.owner, row);
    };
    for (const row of rows) take(row);
    const missing = all.filter(({ owner, name }) => !opened.has(keyOf(owner, name)));
    if (missing.length === 0) return;
    const values = missing.map(({ owner: { feed, channel }, name }) => ({
      repository_id: repository,
      feed,
      channel,
      name,
      changed: generation,
      digests: "{}",
    }));
    for (const row of await tx.insertInto("feed_lists").values(values).returning(columns).execute()) take(row);
  };
  /** Deletes what releases have in lists of these owners, and remembers where. */
  const deleteEntries = async (all: readonly Wish[]): Promise<void> => {
    const owners = new Map(all.map(({ owner }) => [keyOf(owner, ""), owner]));
    const asked = new Set(all.map(({ owner, release }) => keyOf(owner, release.id)));
    const entries = await tx
      .selectFrom("feed_entries")
      .select(["list_id", "key", "release_id"])
      .where("release_id", "in", [...new Set(all.map(({ release }) => release.id))])
      .execute();
    if (entries.length === 0) return;
    const rows = await lists()
      .where("id", "in", [...new Set(entries.map(({ list_id }) => list_id))])
      .execute();
    const byId = new Map(rows.map((row) => [row.id, row]));
    const releasesByList = new Map<List, Set<string>>();
    for (const { list_id, key, release_id } of entries) {
      const row = byId.get(list_id);
      const owner = row && owners.get(keyOf(row, ""));
      if (!owner || !asked.has(keyOf(row, release_id))) continue;
      const list = remember(owner, row);
      touch(list, key);
      releasesByList.set(list, (releasesByList.get(list) ?? new Set()).add(release_id));
    }
    for (const [list, releases] of releasesByList)
      await tx
        .deleteFrom("feed_entries")
        .where("list_id", "=", list.id)
        .where("release_id", "in", [...releases])
        .execute();
  };

  const writePages = async (): Promise<void> => {
    if (dirty.size === 0) return;
    await rewritePages(tx, place, dirty);
    for (const list of dirty.keys()) Object.assign(list, { digests: {}, changed: generation });
    await tx
      .updateTable("feed_lists")
      .set({ changed: generation, digests: "{}" })
      .where(
        "id",
        "in",
        [...dirty.keys()].map(({ id }) => id),
      )
      .execute();
    dirty.clear();
  };

  return {
    of(owner) {
      const { feed, channel } = owner;
      const ours = () => lists().where("feed", "=", feed).where("channel", "=", channel);
      return {
        async set(name, key, text) {
          await open(new Map([[keyOf(owner, name), { owner, name }]]));
          const list = opened.get(keyOf(owner, name)) as List;
          const entry = { list_id: list.id, key, release_id: NO_RELEASE };
          const there = await tx
            .selectFrom("feed_entries")
            .select("text")
            .where("list_id", "=", list.id)
            .where("key", "=", key)
            .where("release_id", "=", NO_RELEASE)
            .executeTakeFirst();
          if (there?.text === text) return;
          touch(list, key);
          await tx
            .deleteFrom("feed_entries")
            .where("list_id", "=", list.id)
            .where("key", "=", key)
            .where("release_id", "=", NO_RELEASE)
            .execute();
          if (text !== undefined)
            await tx
              .insertInto("feed_entries")
              .values({ ...entry, rank: "", text })
              .execute();
        },
        async get(name) {
          // What `set` changed is written before anybody refers to it.
          await writePages();
          const known = opened.get(keyOf(owner, name));
          const row = known ? undefined : await ours().where("name", "=", name).executeTakeFirst();
          const list = known ?? (row && remember(owner, row));
          if (!list) return undefined;
          list.isFilled ??= await hasPages(tx, list.id);
          return list.isFilled ? refOf(tx, list) : undefined;
        },
        async all() {
          await writePages();
          const rows = await ours()
            .where((where) =>
              where.exists(
                where
                  .selectFrom("feed_pages")
                  .select("feed_pages.id")
                  .whereRef("feed_pages.list_id", "=", "feed_lists.id")
                  .where("to_generation", "is", null),
              ),
            )
            .orderBy("name")
            .execute();
          return rows.map((row) => refOf(tx, remember(owner, row)));
        },
      };
    },
    putRelease(owner, release, entries) {
      wishes.set(keyOf(owner, release.id), { owner, release, entries });
    },
    async writeEntries() {
      const all = [...wishes.values()];
      wishes.clear();
      if (all.length === 0) return;
      await deleteEntries(all);
      await open(
        new Map(all.flatMap(({ owner, entries }) => entries.map(({ list }) => [keyOf(owner, list), { owner, name: list }] as const))),
      );
      // Of one release two entries may have one key, such as a project's name: the last is meant.
      const rows = new Map(
        all.flatMap(({ owner, release, entries }) =>
          entries.map(({ list: name, key, text }) => {
            const list = opened.get(keyOf(owner, name)) as List;
            touch(list, key);
            const row = { list_id: list.id, key, release_id: release.id, rank: release.rank, text };
            return [`${list.id} ${release.id} ${key}`, row] as const;
          }),
        ),
      );
      const values = [...rows.values()];
      for (let first = 0; first < values.length; first += INSERT_ROWS)
        await tx
          .insertInto("feed_entries")
          .values(values.slice(first, first + INSERT_ROWS))
          .execute();
    },
    writePages,
  };
}

function keyOf({ feed, channel }: Pick<ListsOwner, "feed" | "channel">, name: string): string {
  return `${feed} ${channel} ${name}`;
}

async function hasPages(tx: Tx, list: number): Promise<boolean> {
  const page = await tx
    .selectFrom("feed_pages")
    .select("id")
    .where("list_id", "=", list)
    .where("to_generation", "is", null)
    .limit(1)
    .executeTakeFirst();
  return page !== undefined;
}

function refOf(tx: Tx, list: List): ListRef {
  return {
    id: list.id,
    name: list.name,
    tag: `${list.id}/${list.changed}`,
    async digest(encoding) {
      const known = list.digests[encoding];
      if (known) return known;
      // Both are wanted together, and reading is what it costs.
      list.digests = await digestsOf(tx, list.id);
      await tx
        .updateTable("feed_lists")
        .set({ digests: JSON.stringify(list.digests) })
        .where("id", "=", list.id)
        .execute();
      return list.digests[encoding] ?? { size: 0, sha256: createHash("sha256").digest("hex") as Sha256 };
    },
  };
}

async function digestsOf(tx: Tx, list: number): Promise<Digests> {
  const [plain, gzip] = [createHash("sha256"), createHash("sha256")];
  const size = { plain: 0, gzip: 0 };
  const pages = await tx
    .selectFrom("feed_pages")
    .select(["body", "gzip"])
    .where("list_id", "=", list)
    .where("to_generation", "is", null)
    .orderBy("first_key")
    .execute();
  for (const page of pages) {
    const packed = page.gzip ?? gzipSync(page.body);
    plain.update(page.body);
    gzip.update(packed);
    size.plain += page.body.length;
    size.gzip += packed.length;
  }
  return {
    plain: { size: size.plain, sha256: plain.digest("hex") as Sha256 },
    gzip: { size: size.gzip, sha256: gzip.digest("hex") as Sha256 },
  };
}
