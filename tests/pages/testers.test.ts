// Personal links: whom they let in, where to, for how long, and what they leave behind.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { InvitationDocument, TesterDocument } from "@distd/core/wire";
import { dist, SAMPLES } from "../support/dist.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { publishManifest } from "./published.ts";

const ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const IN_APP = `${IPHONE} Instagram 300.0.0.0`;
const PUBLIC = "https://get.acme.test";
const APPS = ["acme-notes", "acme-draw"] as const;
const ENGLISH = { accept: "text/html", "accept-language": "en" };

let server: TestServer;

async function run(...args: readonly string[]): Promise<string> {
  const ran = await dist(args, { server: server.url });
  assert.equal(ran.code, 0, ran.stderr);
  return ran.stdout;
}
async function invite(app: string, channel: string, ...options: readonly string[]): Promise<InvitationDocument> {
  const name = options.includes("--mail") ? [] : ["--name", "Ana"];
  const said = await run("tester", "invite", app, "--channel", channel, ...name, ...options, "--json");
  return (JSON.parse(said) as { invitations: [InvitationDocument] }).invitations[0];
}
async function testers(app: string): Promise<readonly TesterDocument[]> {
  return (JSON.parse(await run("tester", "list", app, "--json")) as { testers: TesterDocument[] }).testers;
}
/** Addresses are told as the world sees them; here they are asked of the server itself. */
const here = (url: string): string => url.replace(PUBLIC, server.url);
const get = (url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(new URL(here(url), server.url), { redirect: "manual", headers: { ...ENGLISH, "user-agent": ANDROID, ...headers } });

/** What a browser has after the link was opened. */
async function open(url: string): Promise<{ readonly cookie: string; readonly location: string; readonly response: Response }> {
  const response = await get(url);
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  return { cookie, location: response.headers.get("location") ?? "", response };
}
const addressesIn = (html: string): readonly string[] =>
  [...html.matchAll(/href="(https:[^"]*)"/g)].map(([, href = ""]) => href.replaceAll("&amp;", "&"));
async function buttonOf(cookie: string, page: string, agent = ANDROID): Promise<string> {
  const html = await (await get(page, { cookie, "user-agent": agent })).text();
  return (/<a class="button" href="([^"]*)"/.exec(html)?.[1] ?? "").replaceAll("&amp;", "&");
}

function publishNotes(app: string, channel: string, version: "1.4.0" | "1.5.0", access = "testers"): Promise<void> {
  const artifacts = ["notes.apk", "Notes.ipa"].map((name) => ({
    path: join(SAMPLES, version, name),
    ...(name.endsWith(".ipa") && { install: { mode: "ad-hoc" } }),
  }));
  return publishManifest(server, { app, name: app, access, version, build: version === "1.4.0" ? "412" : "430", channel, artifacts });
}

before(async () => {
  server = await startServer({ flags: ["--public-url", PUBLIC] });
  for (const app of APPS) {
    await publishNotes(app, "beta", "1.4.0");
    await publishNotes(app, "nightly", "1.5.0");
  }
});
after(() => server.stop());

describe("a personal link", () => {
  it("leads to the page of its channel, and leaves no secret in the address", async () => {
    const { url, expiresAt } = await invite("acme-notes", "beta", "--expires", "7d");
    const { location, response } = await open(url);
    assert.equal(response.status, 303);
    assert.equal(location, "/a/acme-notes/beta");
    assert.equal(response.headers.get("referrer-policy"), "no-referrer");
    assert.equal(response.headers.get("cache-control"), "no-store");
    const cookie = response.headers.get("set-cookie") ?? "";
    assert.match(cookie, /^tester=[\w-]{32}; Path=\/a\/acme-notes; Max-Age=604[78]\d\d; SameSite=Lax; HttpOnly; Secure$/);
    const days = (Date.parse(expiresAt) - Date.now()) / 86_400_000;
    assert.ok(days > 6.9 && days <= 7, String(days));
  });

  it("opens that channel, and nothing else", async () => {
    const { url } = await invite("acme-notes", "beta");
    const { cookie } = await open(url);
    const status = async (path: string): Promise<number> => (await get(path, { cookie })).status;
    assert.equal((await get("/a/acme-notes/beta")).status, 401);
    assert.equal(await status("/a/acme-notes/beta"), 200);
    assert.equal(await status("/a/acme-notes"), 200);
    assert.equal(await status("/a/acme-notes/releases/1.4.0"), 200);
    for (const path of ["/a/acme-notes/nightly", "/a/acme-notes/releases/1.5.0", "/a/acme-draw/beta", "/a/acme-draw"])
      assert.equal(await status(path), 404, path);
    const overview = await (await get("/a/acme-notes", { cookie })).text();
    assert.ok(overview.includes("/a/acme-notes/beta") && !overview.includes("nightly") && !overview.includes("1.5.0"));
    // What it opens are pages: the API, feeds and plain files want a token.
    for (const path of [
      "/api/v1/apps/acme-notes",
      "/apt/acme-notes/beta.sources",
      "/a/acme-notes/beta.json",
      "/d/acme-notes/beta?platform=android",
    ])
      assert.equal(await status(path), 401, path);
  });

  it("gives files at addresses that need no cookie, each for itself", async () => {
    const { url } = await invite("acme-notes", "beta");
    const { cookie } = await open(url);
    const response = await get("/a/acme-notes/beta", { cookie });
    assert.equal(response.headers.get("referrer-policy"), "no-referrer");
    const html = await response.text();
    const files = addressesIn(html).filter((href) => href.includes("/g/"));
    assert.ok(files.length >= 2);
    assert.ok(!html.includes("/d/"), "an address that this visitor cannot open");
    assert.ok(!html.includes(url.slice(-32)), "the secret is in the page");
    const apk = await get(await buttonOf(cookie, "/a/acme-notes/beta"));
    assert.equal(apk.status, 200);
    assert.equal(apk.headers.get("referrer-policy"), "no-referrer");
    assert.equal(apk.headers.get("cache-control"), "private, no-store");
    assert.ok(Buffer.from(await apk.arrayBuffer()).equals(readFileSync(join(SAMPLES, "1.4.0/notes.apk"))));
  });

  it("counts as one install, however often a file is fetched, and in pieces", async () => {
    const { url, tester } = await invite("acme-draw", "beta", "--mail", "counts@example.com");
    const { cookie } = await open(url);
    const installs = async (): Promise<readonly string[]> =>
      (await testers("acme-draw")).find(({ id }) => id === tester)?.installs.map(({ name, version }) => `${name} ${version}`) ?? [];
    const button = await buttonOf(cookie, "/a/acme-draw/beta");
    const size = readFileSync(join(SAMPLES, "1.4.0/notes.apk")).length;
    assert.equal((await fetch(here(button), { method: "HEAD" })).status, 200);
    assert.equal((await get(button, { range: `bytes=0-${size - 2}` })).status, 206);
    assert.deepEqual(await installs(), []);
    assert.equal((await get(button, { range: `bytes=${size - 1}-` })).status, 206);
    assert.equal((await get(button)).status, 200);
    assert.equal((await get(await buttonOf(cookie, "/a/acme-draw/beta"))).status, 200);
    assert.deepEqual(await installs(), ["notes.apk 1.4.0"]);
    // The same person by a new link is the same person.
    const again = await open((await invite("acme-draw", "beta", "--mail", "Counts@Example.com")).url);
    assert.equal((await get(await buttonOf(again.cookie, "/a/acme-draw/beta"))).status, 200);
    assert.deepEqual(await installs(), ["notes.apk 1.4.0"]);
  });

  it("opens nothing from the moment it is taken back: not the page, not the file, not the link", async () => {
    const { url, tester } = await invite("acme-notes", "beta", "--name", "Bo");
    await run("app", "policy", "acme-notes", "--contact", "notes-team@acme.test");
    const { cookie } = await open(url);
    const button = await buttonOf(cookie, "/a/acme-notes/beta");
    assert.equal((await get(button, { range: "bytes=0-9" })).status, 206);
    await run("tester", "revoke", "acme-notes", tester);
    assert.equal((await get(button, { range: "bytes=10-19" })).status, 410);
    for (const [address, headers] of [
      [url, {}],
      ["/a/acme-notes/beta", { cookie }],
      ["/a/acme-notes", { cookie }],
    ] as const) {
      const page = await get(address, headers);
      const html = await page.text();
      assert.equal(page.status, 410, address);
      assert.ok(html.includes("This link has ended") && html.includes("Ask for access: notes-team@acme.test"), html);
    }
    const [row] = (await testers("acme-notes")).filter(({ id }) => id === tester);
    assert.deepEqual(
      row?.links.map(({ state }) => state),
      ["revoked"],
    );
  });

  it("ends an earlier one to the same channel, and none to another", async () => {
    const mail = ["--mail", "again@example.com"];
    const [first, nightly, second] = [
      await invite("acme-notes", "beta", ...mail),
      await invite("acme-notes", "nightly", ...mail),
      await invite("acme-notes", "beta", ...mail),
    ];
    assert.deepEqual(await Promise.all([first, nightly, second].map(async ({ url }) => (await get(url)).status)), [410, 303, 303]);
  });

  it("ends with its time", async () => {
    const { url } = await invite("acme-notes", "beta", "--expires", "1s");
    const { cookie } = await open(url);
    await Bun.sleep(1100);
    assert.equal((await get(url)).status, 410);
    assert.equal((await get("/a/acme-notes/beta", { cookie })).status, 410);
  });

  it("is not opened inside another app, where nothing installs: the page says where to", async () => {
    const { url } = await invite("acme-notes", "beta");
    const response = await get(url, { "user-agent": IN_APP });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("set-cookie"), null);
    assert.match(await response.text(), /Open this page in your browser/);
  });

  it("is none when it is guessed, cut or longer", async () => {
    const { url } = await invite("acme-notes", "beta");
    for (const other of [url.slice(0, -1), `${url}A`, url.slice(0, -1) + (url.endsWith("A") ? "B" : "A"), `${PUBLIC}/i/..%2f..%2f`])
      assert.equal((await get(other)).status, 404, other);
    for (const cookie of ["tester=", "tester=x", `tester=${"A".repeat(32)}`])
      assert.equal((await get("/a/acme-notes/beta", { cookie })).status, 401);
  });
});

describe("many wrong links", () => {
  it("are answered with a page that asks to wait; right ones are not held up", async () => {
    const { url } = await invite("acme-notes", "beta");
    for (let index = 0; index < 130; index++) await get(`${PUBLIC}/i/${String(index).padStart(32, "A")}`);
    const wrong = await get(`${PUBLIC}/i/${"B".repeat(32)}`);
    assert.equal(wrong.status, 429);
    assert.match(await wrong.text(), /Too many requests/);
    assert.equal((await get(url)).status, 303);
  });
});

describe("who is invited", () => {
  it("is put into groups, and a group is invited at once", async () => {
    for (const mail of ["kim@example.com", "lee@example.com"]) await invite("acme-notes", "beta", "--mail", mail, "--into", "friends");
    const said = await run("tester", "invite", "acme-draw", "--channel", "nightly", "--group", "friends", "--json");
    const { invitations } = JSON.parse(said) as { invitations: InvitationDocument[] };
    assert.deepEqual(
      invitations.map(({ mail }) => mail),
      ["kim@example.com", "lee@example.com"],
    );
    for (const { url } of invitations) assert.equal((await get(url)).status, 303);
  });

  it("is forgotten when that is asked, and stays in no other table", async () => {
    const { tester } = await invite("acme-draw", "beta", "--mail", "mallory@example.com");
    await run("tester", "revoke", "acme-draw", "mallory@example.com", "--forget");
    const row = (await testers("acme-draw")).find(({ id }) => id === tester);
    assert.deepEqual([row?.name, row?.mail, row?.groups], ["forgotten", null, []]);
    assert.ok(!(await run("audit", "list", "--json")).includes("mallory"));
  });

  it("has to be somebody, for an app that lets testers in", async () => {
    const refused = async (...args: readonly string[]): Promise<string> => {
      const ran = await dist(["tester", "invite", ...args], { server: server.url });
      assert.equal(ran.code, 2, ran.stdout);
      return ran.stderr;
    };
    assert.match(await refused("acme-notes"), /one person .* or for a group/);
    assert.match(await refused("acme-notes", "--name", "Ana", "--group", "friends"), /one person .* or for a group/);
    assert.match(await refused("acme-notes", "--mail", "no address"), /mail/);
    assert.match(await refused("acme-notes", "--name", "Ana", "--channel", "No Channel"), /channel/);
    await run("app", "create", "for-members", "--access", "members");
    assert.match(await refused("for-members", "--name", "Ana"), /would open nothing.*\n.*--access testers/);
  });
});

describe("see, download, install", () => {
  it("are three levels, each no wider than seeing", async () => {
    const wide = await dist(["app", "policy", "acme-draw", "--download", "public"], { server: server.url });
    assert.equal(wide.code, 2);
    assert.match(wide.stderr, /'download' is open to more people \(public\) than seeing the app is \(testers\)/);
  });

  it("let everybody see what only some install", async () => {
    await publishNotes("acme-seen", "beta", "1.4.0", "public");
    await run("app", "policy", "acme-seen", "--download", "members", "--install", "testers", "--contact", "ask@acme.test");
    const html = await (await get("/a/acme-seen/beta")).text();
    assert.ok(html.includes("Only people who were invited can install it.") && html.includes("ask@acme.test"));
    assert.ok(!html.includes('class="button"') && !html.includes("/d/") && !html.includes("curl"), html);
    assert.equal((await get("/d/acme-seen/beta?platform=android")).status, 401);
    const { cookie } = await open((await invite("acme-seen", "beta")).url);
    const button = await buttonOf(cookie, "/a/acme-seen/beta");
    assert.equal((await get(button)).status, 200);
    // To install is not to download: the list of files has no address for this visitor.
    assert.ok(!(await (await get("/a/acme-seen/releases/1.4.0", { cookie })).text()).includes('class="get" href="https'));
  });

  it("keep what only some fetch out of everybody's repository", async () => {
    const { repositories } = JSON.parse(await run("repo", "list", "--json")) as { repositories: { name: string; audience: unknown }[] };
    assert.deepEqual(repositories.find(({ name }) => name === "acme-seen")?.audience, ["acme-seen"]);
    assert.equal((await get("/github/acme-seen/repos/x/acme-seen/releases")).status, 401);
    const policy = JSON.parse(await run("app", "show", "acme-seen", "--json")) as Readonly<Record<string, unknown>>;
    assert.deepEqual([policy["access"], policy["download"], policy["install"]], ["public", "members", "testers"]);
  });
});

describe("what is written down", () => {
  it("has no secret: neither log, nor metrics, nor audit, nor database", async () => {
    const data = mkdtempSync(join(tmpdir(), "distd-testers-"));
    const shared = server;
    try {
      server = await startServer({ data, flags: ["--public-url", PUBLIC, "--log-level", "debug"] });
      await publishNotes("acme-notes", "beta", "1.4.0");
      const { url } = await invite("acme-notes", "beta");
      const { cookie } = await open(url);
      const button = await buttonOf(cookie, "/a/acme-notes/beta");
      assert.equal((await get(button)).status, 200);
      const secret = url.slice(-32);
      const capability = button.split("/g/")[1]?.split("/")[0] ?? "";
      assert.ok(capability.length > 60);
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      assert.match(metrics, /route="\/i\/:secret"/);
      const told = [metrics, await run("audit", "list", "--json"), await run("tester", "list", "acme-notes", "--json")];
      await server.stop();
      const log = await server.log();
      assert.match(log, /"\/g\/:capability\/:name"/);
      const database = readFileSync(join(data, "distd.sqlite")).toString("latin1");
      assert.match(database, /tester\.invite/);
      for (const text of [...told, log, database]) assert.ok(!text.includes(secret) && !text.includes(capability));
    } finally {
      server = shared;
      rmSync(data, { recursive: true, force: true });
    }
  });
});
