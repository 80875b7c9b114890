import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPageCache, whatIsSaid } from "./page-cache.ts";

const html = (text: string, status = 200): Promise<Response> =>
  Promise.resolve(new Response(text, { status, headers: { "content-type": "text/html", "x-kept": "yes" } }));

describe("pages that are kept", () => {
  it("come again whole, for whoever says the same, and whoever would get the same", async () => {
    const cache = createPageCache(() => 0);
    let rendered = 0;
    const page = (): Promise<Response> => html(`page ${(rendered += 1)}`);
    assert.equal(cache.recall("phone"), undefined);
    assert.equal(await (await cache.render("phone", "key", 10, page)).text(), "page 1");
    assert.equal(await (await cache.render("other phone", "key", 10, page)).text(), "page 1");
    for (const said of ["phone", "other phone"]) {
      const again = cache.recall(said);
      assert.deepEqual([await again?.text(), again?.headers.get("x-kept")], ["page 1", "yes"]);
    }
    assert.equal(cache.recall("desktop"), undefined);
    assert.equal(await (await cache.render("desktop", "another key", 10, page)).text(), "page 2");
  });

  it("last until their time", async () => {
    let now = 0;
    const cache = createPageCache(() => now);
    await cache.render("phone", "key", 10, () => html("old"));
    now = 9;
    assert.ok(cache.recall("phone"));
    now = 10;
    assert.equal(cache.recall("phone"), undefined);
    assert.equal(await (await cache.render("phone", "key", 20, () => html("new"))).text(), "new");
  });

  it("go with every change, also one that comes while they are rendered", async () => {
    const cache = createPageCache(() => 0);
    await cache.render("phone", "key", 10, () => html("before"));
    cache.forget();
    assert.equal(cache.recall("phone"), undefined);
    const slow = await cache.render("phone", "key", 10, async () => {
      cache.forget();
      return html("of the old state");
    });
    assert.equal(await slow.text(), "of the old state");
    assert.equal(cache.recall("phone"), undefined);
  });

  it("are none that failed", async () => {
    const cache = createPageCache(() => 0);
    assert.equal((await cache.render("phone", "key", 10, () => html("gone", 410))).status, 410);
    assert.equal(cache.recall("phone"), undefined);
    await assert.rejects(
      cache.render("phone", "key", 10, () => Promise.reject(new Error("no database"))),
      /no database/,
    );
    assert.equal(cache.recall("phone"), undefined);
  });

  it("are many, and not more than that", async () => {
    const cache = createPageCache(() => 0);
    for (let index = 0; index < 20_000; index++) await cache.render(`said ${index}`, `key ${index}`, 10, () => html(String(index)));
    assert.equal(await cache.recall("said 19999")?.text(), "19999");
    assert.equal(cache.recall("said 0"), undefined);
  });
});

describe("what a request says", () => {
  const said = (headers: Readonly<Record<string, string>>, path = "/a/notes/beta", method = "GET"): string | undefined =>
    whatIsSaid(new Request(`http://dist.test${path}`, { method, headers }));

  it("tells visitors apart by all that a page depends on", () => {
    const all = [
      "user-agent",
      "accept-language",
      "cookie",
      "sec-ch-ua-platform",
      "sec-ch-ua-arch",
      "sec-ch-ua-bitness",
      "sec-ch-ua-mobile",
    ];
    const texts = new Set([said({}), said({}, "/a/notes/stable"), ...all.map((name) => said({ [name]: "x" }))]);
    assert.equal(texts.size, all.length + 2);
  });

  it("is for one alone with credentials, a query, or another method", () => {
    assert.equal(said({ authorization: "Bearer x" }), undefined);
    assert.equal(said({}, "/a/notes/beta?lang=de"), undefined);
    for (const method of ["HEAD", "POST"]) assert.equal(said({}, "/a/notes/beta", method), undefined);
  });
});
