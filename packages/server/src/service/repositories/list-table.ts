import type { Sha256 } from "@distd/core";
import type { Tx } from "../../db/database.ts";
import { type CutPlace, type FeedOwner, keyOf } from "./cut-place.ts";
import type { PagedList } from "./list-pages.ts";

export interface ListsOwner extends FeedOwner {
  readonly compresses: boolean;
}

export interface List extends PagedList, ListsOwner {
  readonly name: string;
  digests: Digests;
  /** The generation it changed in last. */
  changed: number;
}

export type Digests = Partial<Record<"plain" | "gzip", { readonly size: number; readonly sha256: Sha256 }>>;

export interface ListName {
  readonly owner: ListsOwner;
  readonly name: string;
}

const columns = ["id", "feed", "channel", "name", "digests", "changed"] as const;

export interface ListRow {
  readonly id: number;
  readonly feed: string;
  readonly channel: string;
  readonly name: string;
  readonly digests: string;
  readonly changed: number;
}

/** The lists of a repository that a cut has to do with: each read once. */
export interface ListTable {
  /** One that is known by now. */
  known(name: ListName): List | undefined;
  remember(owner: ListsOwner, row: ListRow): List;
  /** Makes those that are not there. */
  open(names: readonly ListName[]): Promise<void>;
  rows(): ReturnType<typeof rowsOf>;
}

export function openListTable(tx: Tx, { repository, generation }: CutPlace): ListTable {
  const opened = new Map<string, List>();
  const known = ({ owner, name }: ListName): List | undefined => opened.get(keyOf(owner, name));
  const remember: ListTable["remember"] = (owner, row) => {
    const there = known({ owner, name: row.name });
    if (there) return there;
    const list: List = { ...owner, id: row.id, name: row.name, digests: JSON.parse(row.digests) as Digests, changed: row.changed };
    opened.set(keyOf(owner, row.name), list);
    return list;
  };
  return {
    known,
    remember,
    rows: () => rowsOf(tx, repository),
    async open(names) {
      const wanted = new Map(names.filter((name) => !known(name)).map((name) => [keyOf(name.owner, name.name), name]));
      if (wanted.size === 0) return;
      const all = [...wanted.values()];
      const take = (row: ListRow): void => {
        const found = wanted.get(keyOf(row, row.name));
        if (found) remember(found.owner, row);
      };
      const rows = await rowsOf(tx, repository)
        .where("feed", "in", [...new Set(all.map(({ owner }) => owner.feed))])
        .where("channel", "in", [...new Set(all.map(({ owner }) => owner.channel))])
        .where("name", "in", [...new Set(all.map(({ name }) => name))])
        .execute();
      for (const row of rows) take(row);
      const missing = all.filter((name) => !known(name));
      if (missing.length === 0) return;
      const values = missing.map(({ owner: { feed, channel }, name }) => {
        return { repository_id: repository, feed, channel, name, changed: generation, digests: "{}" };
      });
      for (const row of await tx.insertInto("feed_lists").values(values).returning(columns).execute()) take(row);
    },
  };
}

function rowsOf(tx: Tx, repository: string) {
  return tx.selectFrom("feed_lists").select(columns).where("repository_id", "=", repository);
}
