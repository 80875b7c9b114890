// People who have a token, in a browser: signing in, what that opens, and what it does not.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dist, SAMPLES } from "../support/dist.ts";
import { ADMIN_TOKEN, startServer, type TestServer } from "../support/server.ts";
import { publishManifest } from "./published.ts";

const PUBLIC = "https://get.acme.test";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const PAGE = "/a/inside/beta";

let server: TestServer;
let token: { readonly id: string; readonly secret: string };

const here = (url: string): string => url.replace(PUBLIC, server.url);
const get = (url: string, cookie = "", more: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(new URL(here(url), server.url), { redirect: "manual", headers: { accept: "text/html", "accept-language": "en", cookie, ...more } });
const signIn = (secret: string, to = PAGE): Promise<Response> =>
  fetch(`${server.url}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { accept: "text/html" },
    body: new URLSearchParams({ token: secret, to }),
  });
const cookieOf = (response: Response): string => response.headers.get("set-cookie")?.split(";")[0] ?? "";

before(async () => {
  server = await startServer({ flags: ["--public-url", PUBLIC] });
  const artifacts = [{ path: join(SAMPLES, "1.4.0/notes.apk") }, { path: join(SAMPLES, "1.4.0/Notes.ipa"), install: { mode: "ad-hoc" } }];
  await publishManifest(server, { app: "inside", access: "members", version: "1.4.0", build: "412", channel: "beta", artifacts });
  await publishManifest(server, { app: "other", access: "members", version: "1.4.0", build: "412", channel: "beta", artifacts });
  const made = await dist(["token", "create", "--app", "inside", "--scope", "read,publish", "--json"], { server: server.url });
  token = made.json();
});
after(() => server.stop());

describe("signing in", () => {
  it("is offered where a page asks for it, and leads back", async () => {
    const asked = await get(PAGE);
    assert.equal(asked.status, 401);
    assert.match(await asked.text(), /<a href="\/sign-in\?to=%2Fa%2Finside%2Fbeta">I have a token<\/a>/);
    const form = await (await get("/sign-in?to=%2Fa%2Finside%2Fbeta")).text();
    assert.match(form, /<form class="act" method="post" action="\/sign-in">.*<input type="hidden" name="to" value="\/a\/inside\/beta"\/>/s);
    const signed = await signIn(token.secret);
    assert.deepEqual([signed.status, signed.headers.get("location")], [303, PAGE]);
    const cookie = signed.headers.get("set-cookie") ?? "";
    assert.match(cookie, /^member=dist_ci_\w+; Path=\/; SameSite=Lax; HttpOnly; Secure$/);
  });

  it("opens what the token reaches, pages and files, and nothing else", async () => {
    const cookie = cookieOf(await signIn(token.secret));
    const page = await get(PAGE, cookie);
    const html = await page.text();
    assert.equal(page.status, 200);
    const file = /href="(https:\/\/get\.acme\.test\/d\/[^"]*notes\.apk)"/.exec(html)?.[1] ?? "";
    const apk = await get(file, cookie);
    assert.ok(Buffer.from(await apk.arrayBuffer()).equals(readFileSync(join(SAMPLES, "1.4.0/notes.apk"))));
    assert.ok(!html.includes(token.secret));
    assert.match(html, /<a href="\/sign-out\?to=%2Fa%2Finside%2Fbeta">Sign out<\/a>/);
    assert.doesNotMatch(await (await get("/")).text(), /sign-out/);
    assert.equal((await get("/a/other/beta", cookie)).status, 404);
    assert.equal((await get(file)).status, 401);
  });

  it("says nothing to the API, feeds and registries: another site's page could make a browser ask them", async () => {
    const cookie = cookieOf(await signIn(token.secret));
    for (const path of [
      "/api/v1/apps/inside",
      "/api/v1/tokens",
      "/apt/inside/beta.sources",
      "/v2/inside/manifests/beta",
      "/a/inside/beta.json",
    ])
      assert.equal((await get(path, cookie)).status, 401, path);
    const written = await fetch(`${server.url}/api/v1/apps/inside/releases`, {
      method: "POST",
      headers: { cookie, "content-type": "application/json" },
      body: "{}",
    });
    assert.equal(written.status, 401);
  });

  it("ends with the token, and by signing out", async () => {
    const made = await dist(["token", "create", "--app", "inside", "--scope", "read", "--json"], { server: server.url });
    const { id, secret } = made.json<{ id: string; secret: string }>();
    const cookie = cookieOf(await signIn(secret));
    assert.equal((await get(PAGE, cookie)).status, 200);
    assert.equal((await dist(["token", "revoke", id], { server: server.url })).code, 0);
    assert.equal((await get(PAGE, cookie)).status, 401);
    const out = await get("/sign-out?to=/a/inside/beta", cookie);
    assert.deepEqual([out.status, out.headers.get("location")], [303, PAGE]);
    assert.match(out.headers.get("set-cookie") ?? "", /^member=; Max-Age=0;/);
  });

  it("carries over to Apple's installer, until the token is revoked", async () => {
    const made = await dist(["token", "create", "--app", "inside", "--scope", "read", "--json"], { server: server.url });
    const { id, secret } = made.json<{ id: string; secret: string }>();
    const html = await (await get(PAGE, cookieOf(await signIn(secret)), { "user-agent": IPHONE })).text();
    const link = /href="(itms-services:[^"]*)"/.exec(html)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const manifest = await (await get(new URL(link).searchParams.get("url") ?? "")).text();
    const [ipa = "", icon = ""] = [...manifest.matchAll(/<string>(https:[^<]*)<\/string>/g)].map(([, url]) => url);
    for (const url of [ipa, icon]) assert.equal((await get(url)).status, 200, url);
    assert.equal((await dist(["token", "revoke", id], { server: server.url })).code, 0);
    for (const url of [ipa, icon]) assert.equal((await get(url)).status, 410, url);
  });

  for (const [what, secret] of Object.entries({
    nothing: "",
    words: "let me in",
    "a guess": `dist_ci_${"A".repeat(36)}`,
    "a header": "x\r\nset-cookie: y",
    "a cookie": "a;b",
  }))
    it(`is refused for ${what}`, async () => {
      const response = await signIn(secret);
      assert.deepEqual([response.status, response.headers.get("set-cookie")], [401, null]);
      assert.match(await response.text(), /This token is unknown, has ended or was revoked\./);
    });

  for (const to of [
    "https://evil.test/",
    "//evil.test",
    "/\\evil.test",
    "/a/../api",
    "javascript:alert(1)",
    "/a/x?y=https://evil.test",
    "/a/x#y",
    "/a/x\ny",
  ])
    it(`leads to no other place: ${JSON.stringify(to)}`, async () => {
      const { headers } = await signIn(ADMIN_TOKEN, to);
      assert.ok(["/", "/a/../api"].includes(headers.get("location") ?? ""), headers.get("location") ?? "");
      assert.ok(new URL(headers.get("location") ?? "", PUBLIC).href.startsWith(`${PUBLIC}/`));
    });

  it("takes a form alone, and a short one", async () => {
    const send = (body: string, type: string): Promise<Response> =>
      fetch(`${server.url}/sign-in`, { method: "POST", headers: { "content-type": type }, body });
    assert.equal((await send("{}", "application/json")).status, 400);
    assert.equal((await send(`token=${"x".repeat(20_000)}`, "application/x-www-form-urlencoded")).status, 413);
  });
});
