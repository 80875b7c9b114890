import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { SCOPES } from "@distd/core";
import { API_ROUTES } from "../../packages/server/src/http/routes/index.ts";
import { type ApiCaller, caller, publishFiles, uploadHeaders } from "../support/api.ts";
import { startServer, type TestServer } from "../support/server.ts";

/**
 * Every operation, tried by everybody. The operations come from the same table the server mounts, so one without a row here fails.
 * `{app}` is a members app, `{release}`, `{draft}` and `{token}` are things of it.
 */
interface Sample {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What a principal with the right gets; anything but 401, 403, 404 when absent. */
  readonly allowed?: number;
}

const SAMPLES: Readonly<Record<string, Sample>> = {
  "GET /healthz": { path: "/healthz" },
  "GET /readyz": { path: "/readyz" },
  "GET /api/v1/instance": { path: "/api/v1/instance" },
  "GET /api/v1/principal": { path: "/api/v1/principal" },
  "GET /api/v1/apps": { path: "/api/v1/apps" },
  "POST /api/v1/apps": { path: "/api/v1/apps", body: { slug: "made", name: "Made" } },
  "GET /api/v1/apps/:app": { path: "/api/v1/apps/{app}" },
  "PATCH /api/v1/apps/:app": { path: "/api/v1/apps/{app}", body: { name: "Notes" } },
  "POST /api/v1/apps/:app/have": { path: "/api/v1/apps/{app}/have", body: { digests: [`sha256:${"0".repeat(64)}`] } },
  "OPTIONS /api/v1/apps/:app/uploads": { path: "/api/v1/apps/{app}/uploads" },
  "POST /api/v1/apps/:app/uploads": { path: "/api/v1/apps/{app}/uploads", headers: uploadHeaders("matrix") },
  "HEAD /api/v1/apps/:app/uploads/:upload": { path: "/api/v1/apps/{app}/uploads/upl_none", allowed: 404 },
  "PATCH /api/v1/apps/:app/uploads/:upload": {
    path: "/api/v1/apps/{app}/uploads/upl_none",
    headers: { "content-type": "application/offset+octet-stream", "upload-offset": "0" },
    allowed: 404,
  },
  "DELETE /api/v1/apps/:app/uploads/:upload": { path: "/api/v1/apps/{app}/uploads/upl_none", allowed: 404 },
  "GET /api/v1/apps/:app/releases": { path: "/api/v1/apps/{app}/releases" },
  "POST /api/v1/apps/:app/releases": { path: "/api/v1/apps/{app}/releases", body: { version: "2.0.0" } },
  "GET /api/v1/releases/:release": { path: "/api/v1/releases/{release}" },
  "GET /api/v1/apps/:app/releases/:release": { path: "/api/v1/apps/{app}/releases/{release}" },
  "POST /api/v1/apps/:app/releases/:release/artifacts": {
    path: "/api/v1/apps/{app}/releases/{draft}/artifacts",
    body: { artifacts: [{ link: "https://example.com/app", platform: "ios" }] },
  },
  "POST /api/v1/apps/:app/releases/:release/publish": { path: "/api/v1/apps/{app}/releases/{release}/publish" },
  "POST /api/v1/apps/:app/check": { path: "/api/v1/apps/{app}/check", body: { artifacts: [{ name: "a.apk", facts: { format: "apk" } }] } },
  "POST /api/v1/apps/:app/releases/:release/withdraw": { path: "/api/v1/apps/{app}/releases/{draft}/withdraw", body: { status: "yanked" } },
  "GET /api/v1/apps/:app/channels": { path: "/api/v1/apps/{app}/channels" },
  "GET /api/v1/apps/:app/channels/:channel/history": { path: "/api/v1/apps/{app}/channels/beta/history" },
  "POST /api/v1/apps/:app/channels/:channel/promote": { path: "/api/v1/apps/{app}/channels/beta/promote", body: { release: "{release}" } },
  "POST /api/v1/apps/:app/channels/:channel/rollback": { path: "/api/v1/apps/{app}/channels/beta/rollback", body: { expect: 999 } },
  "GET /api/v1/repositories": { path: "/api/v1/repositories" },
  "GET /api/v1/repositories/:repository/files": { path: "/api/v1/repositories/{app}/files" },
  "POST /api/v1/repositories": { path: "/api/v1/repositories", body: { name: "made", members: ["{app}"] } },
  "GET /api/v1/feeds": { path: "/api/v1/feeds" },
  "GET /api/v1/apps/:app/testers": { path: "/api/v1/apps/{app}/testers" },
  "POST /api/v1/apps/:app/testers": {
    path: "/api/v1/apps/{app}/testers",
    body: { name: "Ana", channel: "beta", expiresInSeconds: 60 },
    allowed: 400,
  },
  "DELETE /api/v1/apps/:app/testers/:tester": { path: "/api/v1/apps/{app}/testers/tst_none", allowed: 404 },
  "GET /api/v1/tokens": { path: "/api/v1/tokens" },
  "POST /api/v1/tokens": { path: "/api/v1/tokens", body: { scopes: ["token:admin"], expiresInSeconds: 60 } },
  "DELETE /api/v1/tokens/:token": { path: "/api/v1/tokens/{token}" },
  "GET /api/v1/audit/events": { path: "/api/v1/audit/events" },
  "GET /api/v1/audit/checkpoints": { path: "/api/v1/audit/checkpoints" },
};

let server: TestServer;
let admin: ApiCaller;
const names: Record<string, string> = { app: "notes" };
let otherToken = "";

async function token(apps: readonly string[], scopes: readonly string[], expiresInSeconds = 3600): Promise<{ id: string; secret: string }> {
  const response = await admin("POST", "/api/v1/tokens", { apps, scopes, expiresInSeconds });
  assert.equal(response.status, 201, await response.clone().text());
  return (await response.json()) as { id: string; secret: string };
}

const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? "");

async function tryAs(secret: string | undefined, route: string, sample: Sample): Promise<number> {
  const [method = ""] = route.split(" ");
  const body = sample.body === undefined ? undefined : (JSON.parse(fill(JSON.stringify(sample.body))) as unknown);
  const response = await caller(server.url, secret ?? "")(method, fill(sample.path), body, sample.headers);
  await response.arrayBuffer();
  return response.status;
}

describe("authorization, every operation as everybody", () => {
  before(async () => {
    server = await startServer();
    admin = caller(server.url);
    for (const slug of ["notes", "other"]) await admin("POST", "/api/v1/apps", { slug, name: slug });
    const { release, url } = await publishFiles(admin, "notes", "1.0.0", { "a.bin": "members only" });
    names["release"] = release.id;
    names["file"] = url;
    names["draft"] = ((await (await admin("POST", "/api/v1/apps/notes/releases", { version: "1.5.0" })).json()) as { id: string }).id;
    await admin("POST", "/api/v1/apps/notes/channels/beta/promote", { release: "1.0.0" });
    names["token"] = (await token(["notes"], ["read"])).id;
    otherToken = (await token(["other"], Object.keys(SCOPES))).secret;
  });
  after(() => server.stop());

  it("has a row for every operation, and no other", () => {
    assert.deepEqual(Object.keys(SAMPLES).toSorted(), API_ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  for (const { method, path, needs } of API_ROUTES) {
    const route = `${method} ${path}`;
    const sample = SAMPLES[route];
    if (!sample) continue;
    const isOpen = needs === "anyone" && path !== "/api/v1/releases/:release";
    const isOfApp = path.includes("/apps/:app") || path === "/api/v1/releases/:release";

    it(`${route}: nobody without a token, unless it is open`, async () => {
      const status = await tryAs(undefined, route, sample);
      if (isOpen) assert.ok(status < 400, `answered ${status}`);
      else assert.equal(status, 401);
    });

    it(`${route}: nobody with a token that is malformed or unknown`, async () => {
      for (const secret of ["nonsense", `dist_ci_${"0".repeat(36)}`]) assert.equal(await tryAs(secret, route, sample), 401);
    });

    if (isOfApp && !isOpen) {
      it(`${route}: a token of another app sees nothing`, async () => assert.equal(await tryAs(otherToken, route, sample), 404));
    }

    if (needs !== "anyone" && needs !== "read") {
      it(`${route}: every scope but '${needs}' is not enough`, async () => {
        const others = Object.keys(SCOPES).filter((scope) => scope !== needs);
        const { secret } = await token(isOfApp ? ["notes"] : [], others);
        assert.equal(await tryAs(secret, route, sample), 403);
      });
      it(`${route}: '${needs}' alone is enough`, async () => {
        const { secret } = await token(isOfApp ? ["notes"] : [], [needs]);
        const status = await tryAs(secret, route, sample);
        if (sample.allowed === undefined) assert.ok(![401, 403, 404].includes(status) && status < 500, `answered ${status}`);
        else assert.equal(status, sample.allowed);
      });
    }
  }

  it("a revoked token stops at once", async () => {
    const { id, secret } = await token(["notes"], ["read"]);
    assert.equal((await caller(server.url, secret)("GET", "/api/v1/apps/notes")).status, 200);
    await admin("DELETE", `/api/v1/tokens/${id}`);
    assert.equal((await caller(server.url, secret)("GET", "/api/v1/apps/notes")).status, 401);
  });

  it("an expired token is refused", async () => {
    const { secret } = await token(["notes"], ["read"], 1);
    await Bun.sleep(1100);
    assert.equal((await caller(server.url, secret)("GET", "/api/v1/apps/notes")).status, 401);
  });

  it("files, pages, documents and the resolver of a members app need a token that reaches it", async () => {
    const reader = (await token(["notes"], ["read"])).secret;
    const places = [names["file"] ?? "", `${server.url}/a/notes/beta`, `${server.url}/a/notes/beta.json`, `${server.url}/d/notes/beta`];
    for (const place of places) {
      const statuses = await Promise.all([
        caller(server.url, "")("GET", place),
        caller(server.url, otherToken)("GET", place),
        caller(server.url, reader)("GET", place),
      ]);
      assert.deepEqual(
        statuses.map(({ status }) => status),
        [401, 404, place.endsWith("/d/notes/beta") ? 302 : 200],
        place,
      );
    }
  });

  it("a file is not found under another app's name, nor a draft's file by readers", async () => {
    const path = new URL(names["file"] ?? "").pathname.replace("/notes/", "/other/");
    assert.equal((await caller(server.url, otherToken)("GET", path)).status, 404);
    const { id } = (await (await admin("POST", "/api/v1/apps/notes/releases", { version: "3.0.0" })).json()) as { id: string };
    const attached = await admin("POST", `/api/v1/apps/notes/releases/${id}/artifacts`, {
      artifacts: [
        { name: "a.bin", digest: `sha256:${await import("../support/api.ts").then(({ digestOf }) => digestOf("members only"))}` },
      ],
    });
    const { artifacts } = (await attached.json()) as { artifacts: { url: string }[] };
    const reader = (await token(["notes"], ["read"])).secret;
    assert.equal((await caller(server.url, reader)("GET", artifacts[0]?.url ?? "")).status, 404);
    assert.equal((await caller(server.url, reader)("GET", `/api/v1/releases/${id}`)).status, 404);
    assert.equal((await admin("GET", artifacts[0]?.url ?? "")).status, 200);
  });

  it("a token bound to an app reads that app's audit events, not the whole log", async () => {
    const { secret } = await token(["notes"], ["audit:read"]);
    const bound = caller(server.url, secret);
    assert.equal((await bound("GET", "/api/v1/audit/events")).status, 403);
    assert.equal((await bound("GET", "/api/v1/audit/events?app=other")).status, 404);
    const { events } = (await (await bound("GET", "/api/v1/audit/events?app=notes")).json()) as { events: { app: string }[] };
    assert.ok(events.length > 0 && events.every(({ app }) => app === "notes"));
  });

  it("open apps are read by everyone and written by nobody", async () => {
    await admin("PATCH", "/api/v1/apps/other", { access: "public" });
    const anyone = caller(server.url, "");
    assert.equal((await anyone("GET", "/api/v1/apps/other")).status, 200);
    assert.equal((await anyone("POST", "/api/v1/apps/other/releases", { version: "1.0.0" })).status, 401);
    assert.deepEqual(
      ((await (await anyone("GET", "/api/v1/apps")).json()) as { apps: { slug: string }[] }).apps.map(({ slug }) => slug),
      ["other"],
    );
  });

  it("leaves no secret in its log", async () => {
    const { secret } = await token(["notes"], ["read"]);
    await caller(server.url, secret)("GET", `/api/v1/apps/notes?token=${secret}`);
    await caller(server.url, `${secret}x`)("GET", "/api/v1/apps/notes");
    await caller(server.url, secret)("GET", `/nothing/${encodeURIComponent("here")}`);
    const own = await startServer({ flags: ["--log-level", "debug"] });
    const ownAdmin = caller(own.url);
    const made = (await (await ownAdmin("POST", "/api/v1/tokens", { scopes: ["read"], expiresInSeconds: 60 })).json()) as {
      secret: string;
    };
    await caller(own.url, made.secret)("GET", `/api/v1/apps?x=${made.secret}`);
    await caller(own.url, `${made.secret}y`)("POST", "/api/v1/apps", { slug: "a", name: made.secret });
    await own.stop();
    const log = await own.log();
    assert.ok(log.includes('"request"'));
    for (const word of [made.secret, made.secret.slice(8), "an-administrator-token"]) assert.equal(log.includes(word), false);
  });
});
