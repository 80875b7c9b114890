import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createReadCache } from "./read-cache.ts";

describe("read cache", () => {
  it("reads once and remembers, until something changes", async () => {
    const cache = createReadCache<number>(10);
    let reads = 0;
    const read = async (): Promise<number> => ++reads;
    assert.equal(await cache.get("a", read), 1);
    assert.equal(await cache.get("a", read), 1);
    assert.equal(cache.recall("a"), 1);
    cache.forget();
    assert.equal(cache.recall("a"), undefined);
    assert.equal(await cache.get("a", read), 2);
  });

  it("does not keep what was read across a change", async () => {
    const cache = createReadCache<string>(10);
    let finish: (value: string) => void = () => {};
    const slow = cache.get("a", () => new Promise((resolve) => void (finish = resolve)));
    cache.forget();
    finish("old");
    assert.equal(await slow, "old");
    assert.equal(cache.recall("a"), undefined);
  });

  it("does not keep that nothing was found, nor more entries than allowed", async () => {
    const cache = createReadCache<number>(2);
    assert.equal(await cache.get("a", async () => undefined), undefined);
    for (const [index, key] of ["a", "b", "c"].entries()) await cache.get(key, async () => index);
    assert.equal(cache.recall("a"), undefined);
    assert.equal(cache.recall("c"), 2);
  });
});
