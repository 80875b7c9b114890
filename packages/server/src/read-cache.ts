/**
 * What was read from the database, until something changes. A value whose reading began before a change and ended after it is handed on
 * once, but never kept: it may be what was true before.
 */
export interface ReadCache<V> {
  /** What is kept under the key. */
  recall(key: string): V | undefined;
  /** What is kept, or what `read` finds; nothing found is not kept. */
  get(key: string, read: () => Promise<V | undefined>): Promise<V | undefined>;
  /** Call after every change. */
  forget(): void;
}

export function createReadCache<V>(maxEntries: number): ReadCache<V> {
  const kept = new Map<string, V>();
  let changes = 0;
  return {
    recall: (key) => kept.get(key),
    async get(key, read) {
      const there = kept.get(key);
      if (there !== undefined) return there;
      const before = changes;
      const found = await read();
      if (found === undefined || changes !== before) return found;
      if (kept.size >= maxEntries) kept.clear();
      kept.set(key, found);
      return found;
    },
    forget() {
      changes += 1;
      kept.clear();
    },
  };
}
