/** Follows the cursors of a list to its end. */
export async function allPages<Item, Cursor>(
  fetchPage: (cursor: Cursor | undefined) => Promise<{ items: readonly Item[]; next: Cursor | null }>,
): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: Cursor | undefined;
  for (;;) {
    const { items, next } = await fetchPage(cursor);
    all.push(...items);
    if (next === null) return all;
    cursor = next;
  }
}
