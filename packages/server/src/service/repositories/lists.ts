import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Sha256 } from "@distd/core";
import type { FragmentEntry, ListRef, ListSource } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";

/** A page is written anew when an entry in it changes; larger ones cost more for that, smaller ones more rows. */
const MAX_PAGE_BYTES = 64 * 1024;

interface List {
  readonly id: number;
  readonly name: string;
  digests: Digests;
  /** The generation it changed in last. */
  changed: number;
}

type Digests = Partial<Record<"plain" | "gzip", { readonly size: number; readonly sha256: Sha256 }>>;

/** The lists of one feed and channel of a repository, while a generation is cut. */
export interface Lists extends ListSource {
  put(release: { readonly id: string; readonly rank: string }, entries: readonly FragmentEntry[]): Promise<void>;
  remove(release: string): Promise<void>;
  /** Writes the pages that changed. */
  flush(): Promise<void>;
}

export interface ListsPlace {
  readonly repository: string;
  readonly feed: string;
  readonly channel: string;
  readonly generation: number;
  readonly at: string;
  readonly compresses: boolean;
}

export function openLists(tx: Tx, place: ListsPlace): Lists {
  const { repository, feed, channel, generation } = place;
  const opened = new Map<string, List>();
  const dirty = new Map<List, Set<string>>();
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
  const find = async (name: string): Promise<List | undefined> => {
    const known = opened.get(name);
    if (known) return known;
    const row = await ours().select(["id", "name", "digests", "changed"]).where("name", "=", name).executeTakeFirst();
    return row && remember(row);
  };
  const make = async (name: string): Promise<List> => {
    const values = { repository_id: repository, feed, channel, name, changed: generation, digests: "{}" };
    return remember(
      await tx.insertInto("feed_lists").values(values).returning(["id", "name", "digests", "changed"]).executeTakeFirstOrThrow(),
    );
  };

  return {
    async put(release, entries) {
      for (const { list: name, key, text } of entries) {
        const list = (await find(name)) ?? (await make(name));
        const row = { list_id: list.id, key, release_id: release.id, rank: release.rank, text };
        await tx
          .insertInto("feed_entries")
          .values(row)
          .onConflict((conflict) => conflict.columns(["list_id", "key", "release_id"]).doUpdateSet({ rank: row.rank, text }))
          .execute();
        touch(list, key);
      }
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
        .select(["id", "name", "digests", "changed"])
        .where("id", "in", [...new Set(gone.map(({ list_id }) => list_id))])
        .execute();
      for (const row of rows) for (const { list_id, key } of gone) if (list_id === row.id) touch(remember(row), key);
    },
    async flush() {
      for (const [list, keys] of dirty) {
        await rewritePages(tx, place, list, [...keys].toSorted());
        list.digests = {};
        list.changed = generation;
        await tx.updateTable("feed_lists").set({ changed: generation, digests: "{}" }).where("id", "=", list.id).execute();
      }
      dirty.clear();
    },
    async get(name) {
      const list = await find(name);
      if (!list) return undefined;
      const page = await tx
        .selectFrom("feed_pages")
        .select("id")
        .where("list_id", "=", list.id)
        .where("to_generation", "is", null)
        .limit(1)
        .executeTakeFirst();
      return page && refOf(tx, list);
    },
    async all() {
      const rows = await ours()
        .select(["id", "name", "digests", "changed"])
        .where("id", "in", tx.selectFrom("feed_pages").select("list_id").where("to_generation", "is", null))
        .orderBy("name")
        .execute();
      return rows.map((row) => refOf(tx, remember(row)));
    },
  };
}

function refOf(tx: Tx, list: List): ListRef {
  return {
    id: list.id,
    name: list.name,
    tag: `${list.id}/${list.changed}`,
    async digest(encoding) {
      const known = list.digests[encoding];
      if (known) return known;
      const hash = createHash("sha256");
      let size = 0;
      for (const page of await currentPages(tx, list.id)) {
        const bytes = encoding === "gzip" ? (page.gzip ?? gzipSync(page.body)) : page.body;
        hash.update(bytes);
        size += bytes.length;
      }
      const digest = { size, sha256: hash.digest("hex") as Sha256 };
      list.digests = { ...list.digests, [encoding]: digest };
      await tx
        .updateTable("feed_lists")
        .set({ digests: JSON.stringify(list.digests) })
        .where("id", "=", list.id)
        .execute();
      return digest;
    },
  };
}

function currentPages(tx: Tx, list: number): Promise<{ readonly body: Uint8Array; readonly gzip: Uint8Array | null }[]> {
  return tx
    .selectFrom("feed_pages")
    .select(["body", "gzip"])
    .where("list_id", "=", list)
    .where("to_generation", "is", null)
    .orderBy("first_key")
    .execute();
}

/** What stands between a list's entries, and between its pages. */
export function separatorOf(list: string): string {
  return list.endsWith(".json") ? "," : "";
}

async function rewritePages(tx: Tx, place: ListsPlace, list: List, keys: readonly string[]): Promise<void> {
  const pages = await tx
    .selectFrom("feed_pages")
    .select(["id", "first_key"])
    .where("list_id", "=", list.id)
    .where("to_generation", "is", null)
    .orderBy("first_key")
    .execute();
  // A page reaches from its first key to the next page's; the first also holds what sorts before it.
  const touched = new Map<number, true>();
  for (const key of keys) touched.set(pageOf(pages, key), true);
  for (const position of touched.keys()) {
    const page = pages[position];
    const from = position === 0 ? "" : (page?.first_key ?? "");
    const until = pages[position + 1]?.first_key;
    if (page) await endPages(tx, place, [page.id]);
    const entries = await entriesBetween(tx, list.id, from, until);
    for (const part of split(entries, separatorOf(list.name))) {
      const body = Buffer.from(part.text, "utf8");
      await tx
        .insertInto("feed_pages")
        .values({
          list_id: list.id,
          first_key: part.firstKey,
          body,
          gzip: place.compresses ? gzipSync(body) : null,
          from_generation: place.generation,
          to_generation: null,
          ended_at: null,
        })
        .execute();
    }
  }
}

/** Position of the page a key belongs to. */
function pageOf(pages: readonly { readonly first_key: string }[], key: string): number {
  let [low, high] = [0, pages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pages[middle]?.first_key ?? "") <= key) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** A page that was cut in this very generation was seen by nobody. */
async function endPages(tx: Tx, { generation, at }: ListsPlace, ids: readonly number[]): Promise<void> {
  await tx.deleteFrom("feed_pages").where("id", "in", ids).where("from_generation", "=", generation).execute();
  await tx.updateTable("feed_pages").set({ to_generation: generation, ended_at: at }).where("id", "in", ids).execute();
}

interface Entry {
  readonly key: string;
  readonly text: string;
}

/** One for each key: that of the highest rank. */
async function entriesBetween(tx: Tx, list: number, from: string, until: string | undefined): Promise<readonly Entry[]> {
  let query = tx.selectFrom("feed_entries").select(["key", "text"]).where("list_id", "=", list).where("key", ">=", from);
  if (until !== undefined) query = query.where("key", "<", until);
  const rows = await query.orderBy("key").orderBy("rank").execute();
  return rows.filter((row, index) => rows[index + 1]?.key !== row.key);
}

function split(entries: readonly Entry[], separator: string): { readonly firstKey: string; readonly text: string }[] {
  const pages: { firstKey: string; text: string }[] = [];
  let bytes = 0;
  for (const { key, text } of entries) {
    const page = pages.at(-1);
    bytes += text.length;
    if (page && bytes <= MAX_PAGE_BYTES) page.text += separator + text;
    else {
      pages.push({ firstKey: key, text });
      bytes = text.length;
    }
  }
  return pages;
}
