import { gzipSync } from "node:zlib";
import { sql } from "kysely";
import type { Tx } from "../../db/database.ts";
import type { CutPlace } from "./cut-place.ts";
import { inBatches } from "./in-batches.ts";

/** A page is written anew when an entry in it changes: larger ones cost more for that, smaller ones more rows. */
const MAX_PAGE_BYTES = 8 * 1024;
const MAX_PAGE_ENTRIES = 32;
/** With more keys than this it is cheaper to look at all pages of a list than to look for each. */
const MANY_KEYS = 16;

/** What stands between a list's entries, and between its pages. */
export function separatorOf(list: string): string {
  return list.endsWith(".json") ? "," : "";
}

/** A list, as far as its pages are concerned. */
export interface PagedList {
  readonly id: number;
  readonly name: string;
  /** Whether its pages are kept compressed too. */
  readonly compresses: boolean;
  /** Whether it has entries; undefined when nobody has looked. */
  isFilled?: boolean;
}

interface PageRow {
  readonly list_id: number;
  readonly first_key: string;
  readonly body: Buffer;
  readonly gzip: Buffer | null;
  readonly from_generation: number;
}

/** Writes the pages anew into which the keys fall; what they were stays, dated. */
export async function rewritePages(tx: Tx, place: CutPlace, dirty: ReadonlyMap<PagedList, ReadonlySet<string>>): Promise<void> {
  const ended: Page[] = [];
  const written: PageRow[] = [];
  for (const [list, keys] of dirty) {
    let kept = false;
    for (const span of await spansOf(tx, list.id, [...keys].toSorted())) {
      if (span.page !== undefined) ended.push(span.page);
      const entries = await entriesBetween(tx, list.id, span);
      for (const part of split(entries, separatorOf(list.name))) {
        const body = Buffer.from(part.text, "utf8");
        const gzip = list.compresses ? gzipSync(body) : null;
        written.push({ list_id: list.id, first_key: part.firstKey, body, gzip, from_generation: place.generation });
        kept = true;
      }
    }
    // Without a page written others may still be there.
    if (kept) list.isFilled = true;
    else delete list.isFilled;
  }
  await endPages(tx, place, ended);
  for (const some of inBatches(written))
    await tx
      .insertInto("feed_pages")
      .values(some.map((row) => ({ ...row, to_generation: null, ended_at: null })))
      .execute();
}

/** A page that was cut in this very generation was seen by nobody. */
async function endPages(tx: Tx, { generation, at }: CutPlace, pages: readonly Page[]): Promise<void> {
  const unseen = pages.filter(({ from_generation }) => from_generation === generation).map(({ id }) => id);
  const seen = pages.filter(({ from_generation }) => from_generation < generation).map(({ id }) => id);
  for (const some of inBatches(unseen)) await tx.deleteFrom("feed_pages").where("id", "in", some).execute();
  for (const some of inBatches(seen))
    await tx.updateTable("feed_pages").set({ to_generation: generation, ended_at: at }).where("id", "in", some).execute();
}

interface Page {
  readonly id: number;
  readonly first_key: string;
  readonly from_generation: number;
}

/** A page and the keys it is for: from its first key to the next page's. The first page also holds what sorts before it. */
interface Span {
  readonly page: Page | undefined;
  readonly from: string;
  readonly until: string | undefined;
}

async function spansOf(tx: Tx, list: number, keys: readonly string[]): Promise<readonly Span[]> {
  if (keys.length > MANY_KEYS) return spansAmong(await pagesOf(tx, list).execute(), keys);
  const spans = new Map<number | undefined, Span>();
  for (const key of keys) {
    const span = await spanAround(tx, list, key);
    spans.set(span.page?.id, span);
  }
  return [...spans.values()];
}

/** The page before the key, or where there is none the first one, and the one after it. */
async function spanAround(tx: Tx, list: number, key: string): Promise<Span> {
  const before = pagesOf(tx, list)
    .clearSelect()
    .clearOrderBy()
    .select("first_key")
    .where("first_key", "<=", key)
    .orderBy("first_key", "desc");
  const [page, next] = await pagesOf(tx, list)
    .where("first_key", ">=", sql<string>`coalesce((${before.limit(1)}), '')`)
    .limit(2)
    .execute();
  return { page, from: page && page.first_key <= key ? page.first_key : "", until: next?.first_key };
}

function pagesOf(tx: Tx, list: number) {
  return tx
    .selectFrom("feed_pages")
    .select(["id", "first_key", "from_generation"])
    .where("list_id", "=", list)
    .where("to_generation", "is", null)
    .orderBy("first_key");
}

function spansAmong(pages: readonly Page[], keys: readonly string[]): readonly Span[] {
  const positions = new Set<number>();
  let position = 0;
  for (const key of keys) {
    for (let next = pages[position + 1]; next !== undefined && next.first_key <= key; next = pages[position + 1]) position += 1;
    positions.add(position);
  }
  return [...positions].map((at) => ({
    page: pages[at],
    from: at === 0 ? "" : (pages[at]?.first_key ?? ""),
    until: pages[at + 1]?.first_key,
  }));
}

interface Entry {
  readonly key: string;
  readonly text: string;
}

/** One for each key: that of the highest rank. */
async function entriesBetween(tx: Tx, list: number, { from, until }: Span): Promise<readonly Entry[]> {
  let query = tx.selectFrom("feed_entries").select(["key", "text"]).where("list_id", "=", list).where("key", ">=", from);
  if (until !== undefined) query = query.where("key", "<", until);
  const rows = await query.orderBy("key").orderBy("rank").execute();
  return rows.filter((row, index) => rows[index + 1]?.key !== row.key);
}

/** As many pages as are needed, all about equally full: the next entry may come anywhere. */
function split(entries: readonly Entry[], separator: string): readonly { readonly firstKey: string; readonly text: string }[] {
  const bytes = entries.reduce((sum, { text }) => sum + text.length, 0);
  const count = Math.ceil(Math.max(entries.length / MAX_PAGE_ENTRIES, bytes / MAX_PAGE_BYTES));
  const [share, shareBytes] = [Math.ceil(entries.length / count), Math.ceil(bytes / count)];
  const pages: { firstKey: string; texts: string[]; bytes: number }[] = [];
  for (const { key, text } of entries) {
    const page = pages.at(-1);
    if (page && page.texts.length < share && page.bytes < shareBytes) {
      page.texts.push(text);
      page.bytes += text.length;
    } else pages.push({ firstKey: key, texts: [text], bytes: text.length });
  }
  return pages.map(({ firstKey, texts }) => ({ firstKey, text: texts.join(separator) }));
}
