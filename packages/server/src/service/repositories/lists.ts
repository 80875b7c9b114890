import type { FragmentEntry, ListSource } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";
import { type CutPlace, keyOf } from "./cut-place.ts";
import { inBatches } from "./in-batches.ts";
import { rewritePages } from "./list-pages.ts";
import { openListSource } from "./list-source.ts";
import { type List, type ListRow, type ListsOwner, openListTable } from "./list-table.ts";

/** The lists of a repository, while a generation is cut: told release by release, written together. */
export interface Lists {
  of(owner: ListsOwner): ListSource;
  /** All entries of a release from now on, in the owner's lists. Written with the next `writeEntries`. */
  putRelease(owner: ListsOwner, release: RankedRelease, entries: readonly FragmentEntry[]): void;
  writeEntries(): Promise<void>;
  /** Writes the pages whose entries changed. */
  writePages(): Promise<void>;
}

export interface RankedRelease {
  readonly id: string;
  /** Of several entries under one key that of the highest is shown. */
  readonly rank: string;
}

/** What one owner tells of one release from now on. */
interface Wish {
  readonly owner: ListsOwner;
  readonly release: RankedRelease;
  readonly entries: readonly FragmentEntry[];
}

export function openLists(tx: Tx, place: CutPlace): Lists {
  const table = openListTable(tx, place);
  const dirty = new Map<List, Set<string>>();
  const wishes = new Map<string, Wish>();
  const touch = (list: List, key: string): void => {
    const keys = dirty.get(list);
    if (keys) keys.add(key);
    else dirty.set(list, new Set([key]));
  };
  const writePages = async (): Promise<void> => {
    if (dirty.size === 0) return;
    await rewritePages(tx, place, dirty);
    for (const list of dirty.keys()) Object.assign(list, { digests: {}, changed: place.generation });
    const ids = [...dirty.keys()].map(({ id }) => id);
    await tx.updateTable("feed_lists").set({ changed: place.generation, digests: "{}" }).where("id", "in", ids).execute();
    dirty.clear();
  };
  /** Deletes what the releases have in lists of these owners. */
  const deleteEntries = async (all: readonly Wish[]): Promise<void> => {
    const entries = await entriesOf(tx, all);
    if (entries.length === 0) return;
    const ids = [...new Set(entries.map(({ list_id }) => list_id))];
    const rows = new Map<number, ListRow>((await table.rows().where("id", "in", ids).execute()).map((row) => [row.id, row]));
    const wished = new Map(all.map((wish) => [keyOf(wish.owner, wish.release.id), wish.owner]));
    const releases = new Map<List, Set<string>>();
    for (const { list_id, key, release_id } of entries) {
      const row = rows.get(list_id);
      const owner = row && wished.get(keyOf(row, release_id));
      if (!owner) continue;
      const list = table.remember(owner, row);
      touch(list, key);
      releases.set(list, (releases.get(list) ?? new Set()).add(release_id));
    }
    for (const [list, of] of releases)
      await tx
        .deleteFrom("feed_entries")
        .where("list_id", "=", list.id)
        .where("release_id", "in", [...of])
        .execute();
  };
  const insertEntries = async (all: readonly Wish[]): Promise<void> => {
    await table.open(all.flatMap(({ owner, entries }) => entries.map(({ list }) => ({ owner, name: list }))));
    // Of one release two entries may have one key, such as a project's name: the last is meant.
    const rows = new Map<string, { list_id: number; key: string; release_id: string; rank: string; text: string }>();
    for (const { owner, release, entries } of all)
      for (const { list: name, key, text } of entries) {
        const list = table.known({ owner, name }) as List;
        touch(list, key);
        rows.set(`${list.id} ${release.id} ${key}`, { list_id: list.id, key, release_id: release.id, rank: release.rank, text });
      }
    for (const some of inBatches([...rows.values()])) await tx.insertInto("feed_entries").values(some).execute();
  };

  return {
    of: (owner) => openListSource(tx, table, owner, { touch, writePages }),
    putRelease: (owner, release, entries) => void wishes.set(keyOf(owner, release.id), { owner, release, entries }),
    async writeEntries() {
      const all = [...wishes.values()];
      wishes.clear();
      if (all.length === 0) return;
      await deleteEntries(all);
      await insertEntries(all);
    },
    writePages,
  };
}

/** What there is of the releases, in whichever lists. */
function entriesOf(tx: Tx, all: readonly Wish[]) {
  return tx
    .selectFrom("feed_entries")
    .select(["list_id", "key", "release_id"])
    .where("release_id", "in", [...new Set(all.map(({ release }) => release.id))])
    .execute();
}
