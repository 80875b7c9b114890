import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Sha256 } from "@distd/core";
import type { ListRef, ListSource } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";
import type { Digests, List, ListsOwner, ListTable } from "./list-table.ts";

/** Stands for a release where an entry has none. */
const NO_RELEASE = "";

export interface Changes {
  /** The entry under this key is another one. */
  touch(list: List, key: string): void;
  /** What was changed is written before anybody refers to it. */
  writePages(): Promise<void>;
}

/** The lists of one feed and channel, as `assemble` uses them. */
export function openListSource(tx: Tx, table: ListTable, owner: ListsOwner, { touch, writePages }: Changes): ListSource {
  const own = () => table.rows().where("feed", "=", owner.feed).where("channel", "=", owner.channel);
  return {
    async set(name, key, text) {
      await table.open([{ owner, name }]);
      const list = table.known({ owner, name }) as List;
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
      if (text === undefined) return;
      await tx
        .insertInto("feed_entries")
        .values({ ...entry, rank: "", text })
        .execute();
    },
    async get(name) {
      await writePages();
      const known = table.known({ owner, name });
      const row = known ? undefined : await own().where("name", "=", name).executeTakeFirst();
      const list = known ?? (row && table.remember(owner, row));
      if (!list) return undefined;
      list.isFilled ??= await hasPages(tx, list.id);
      return list.isFilled ? refOf(tx, list) : undefined;
    },
    async all() {
      await writePages();
      const rows = await own()
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
      return rows.map((row) => refOf(tx, table.remember(owner, row)));
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
