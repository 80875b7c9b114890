import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Sha256 } from "@distd/core";
import type { FragmentEntry, ListRef, ListSource } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";
import { rewritePages } from "./list-pages.ts";

export interface ListsPlace {
  readonly repository: string;
  readonly feed: string;
  readonly channel: string;
  readonly generation: number;
  readonly at: string;
  readonly compresses: boolean;
}

/** Stands for a release where an entry has none. */
const NO_RELEASE = "";

/** The lists of one feed and channel of a repository, while a generation is cut. */
export interface Lists extends ListSource {
  put(release: { readonly id: string; readonly rank: string }, entries: readonly FragmentEntry[]): Promise<void>;
  remove(release: string): Promise<void>;
  /** Writes the pages that changed. */
  flush(): Promise<void>;
}

export interface List {
  readonly id: number;
  readonly name: string;
  digests: Digests;
  /** The generation it changed in last. */
  changed: number;
  /** Whether it has entries; undefined when nobody has looked. */
  isFilled?: boolean;
}

type Digests = Partial<Record<"plain" | "gzip", { readonly size: number; readonly sha256: Sha256 }>>;

export function openLists(tx: Tx, place: ListsPlace): Lists {
  const { repository, feed, channel, generation } = place;
  const opened = new Map<string, List>();
  const dirty = new Map<List, Set<string>>();
  const columns = ["id", "name", "digests", "changed"] as const;
  const ours = () =>
    tx.selectFrom("feed_lists").where("repository_id", "=", repository).where("feed", "=", feed).where("channel", "=", channel);

  const touch = (list: List, key: string): void => {
    const keys = dirty.get(list);
    if (keys) keys.add(key);
    else dirty.set(list, new Set([key]));
  };
  const remember = (row: { readonly id: number; readonly name: string; readonly digests: string; readonly changed: number }): List => {
    const known = opened.get(row.name);
    if (known) return known;
    const list: List = { id: row.id, name: row.name, digests: JSON.parse(row.digests) as Digests, changed: row.changed };
    opened.set(row.name, list);
    return list;
  };
  const openAll = async (names: readonly string[]): Promise<void> => {
    const wanted = [...new Set(names)].filter((name) => !opened.has(name));
    if (wanted.length === 0) return;
    for (const row of await ours().select(columns).where("name", "in", wanted).execute()) remember(row);
    const missing = wanted.filter((name) => !opened.has(name));
    if (missing.length === 0) return;
    const values = missing.map((name) => ({ repository_id: repository, feed, channel, name, changed: generation, digests: "{}" }));
    for (const row of await tx.insertInto("feed_lists").values(values).returning(columns).execute()) remember(row);
  };

  const flush = async (): Promise<void> => {
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
    async put(release, entries) {
      if (entries.length === 0) return;
      await openAll(entries.map(({ list }) => list));
      const rows = entries.map(({ list: name, key, text }) => {
        const list = opened.get(name) as List;
        touch(list, key);
        return { list_id: list.id, key, release_id: release.id, rank: release.rank, text };
      });
      // Of one release two entries may have one key, such as a project's name: the last is meant.
      const byKey = new Map(rows.map((row) => [`${row.list_id} ${row.key}`, row]));
      await tx
        .insertInto("feed_entries")
        .values([...byKey.values()])
        .onConflict((conflict) =>
          conflict
            .columns(["list_id", "key", "release_id"])
            .doUpdateSet((update) => ({ rank: update.ref("excluded.rank"), text: update.ref("excluded.text") })),
        )
        .execute();
    },
    async remove(release) {
      const gone = await tx
        .deleteFrom("feed_entries")
        .where("release_id", "=", release)
        .where("list_id", "in", ours().select("id"))
        .returning(["list_id", "key"])
        .execute();
      if (gone.length === 0) return;
      const rows = await ours()
        .select(columns)
        .where("id", "in", [...new Set(gone.map(({ list_id }) => list_id))])
        .execute();
      const byId = new Map(rows.map((row) => [row.id, remember(row)]));
      for (const { list_id, key } of gone) {
        const list = byId.get(list_id);
        if (list) touch(list, key);
      }
    },
    flush,
    async set(name, key, text) {
      await openAll([name]);
      const list = opened.get(name) as List;
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
      if (text === undefined) return;
      await tx.insertInto("feed_entries").values({ list_id: list.id, key, release_id: NO_RELEASE, rank: "", text }).execute();
    },
    async get(name) {
      // What `set` changed is written before anybody refers to it.
      if (dirty.size > 0) await flush();
      const row = opened.has(name) ? undefined : await ours().select(columns).where("name", "=", name).executeTakeFirst();
      const list = opened.get(name) ?? (row && remember(row));
      if (!list) return undefined;
      list.isFilled ??= await hasPages(tx, list.id);
      return list.isFilled ? refOf(tx, list) : undefined;
    },
    async all() {
      const rows = await ours()
        .select(columns)
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
      return rows.map((row) => refOf(tx, remember(row)));
    },
  };
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
