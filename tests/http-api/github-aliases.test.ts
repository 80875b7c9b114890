import assert from "node:assert/strict";
import { it } from "node:test";
import { type ApiCaller, caller, digestOf, publishFiles } from "../support/api.ts";
import { withServer } from "../support/server.ts";

interface Release {
  readonly id: number;
  readonly tag_name: string;
  readonly assets: readonly { readonly url: string; readonly uuid: string; readonly name: string; readonly browser_download_url: string }[];
}

const BYTES = "application/octet-stream";

async function publish(call: ApiCaller, app: string, version: string, channel: string): Promise<string> {
  const { release } = await publishFiles(call, app, version, { "tool.txt": `tool ${version}` });
  const promoted = await call("POST", `/api/v1/apps/${app}/channels/${channel}/promote`, { release: release.id });
  assert.equal(promoted.status, 200, await promoted.text());
  return release.id;
}

async function withApp(
  access: "public" | "members",
  body: (call: ApiCaller, anyone: ApiCaller, url: string) => Promise<void>,
): Promise<void> {
  await withServer(async ({ url }) => {
    const call = caller(url);
    assert.equal((await call("POST", "/api/v1/apps", { slug: "tool", name: "Tool", access })).status, 201);
    await body(call, caller(url, ""), url);
  });
}

const json = async <T>(answer: Response): Promise<T> => {
  assert.equal(answer.status, 200, `${answer.url}: ${answer.status}`);
  return (await answer.json()) as T;
};

it("answers GitHub's paths, Forgejo's, and those of a host for the API alone with the same", () =>
  withApp("public", async (call, anyone) => {
    await publish(call, "tool", "1.0.0", "stable");
    await publish(call, "tool", "1.1.0", "stable");
    const own = await json<Release[]>(await anyone("GET", "/github/main/repos/main/tool/releases"));
    assert.deepEqual(
      own.map(({ tag_name: tag }) => tag),
      ["v1.1.0", "v1.0.0"],
    );
    for (const prefix of ["/api/v3", "/api/v1", ""]) {
      const base = `${prefix}/repos/main/tool`;
      assert.equal((await json<{ full_name: string }>(await anyone("GET", base))).full_name, "main/tool");
      assert.deepEqual(await json(await anyone("GET", `${base}/releases?per_page=100`)), own);
      assert.deepEqual(await json(await anyone("GET", `${base}/releases?per_page=1&page=2`)), []);
      assert.deepEqual(await json(await anyone("GET", `${base}/releases/latest`)), own[0]);
      assert.deepEqual(await json(await anyone("GET", `${base}/releases/${own[1]?.id}`)), own[1]);
      for (const tag of ["v1.0.0", "1.0.0"]) assert.deepEqual(await json(await anyone("GET", `${base}/releases/tags/${tag}`)), own[1]);
      assert.equal((await anyone("GET", `${base}/releases/tags/v9`)).status, 404);
      assert.equal((await anyone("POST", `${base}/releases`, {})).status, 405);
    }
    const latest = await anyone("GET", "/api/v3/repos/main/tool/releases/latest");
    const again = await anyone("GET", "/api/v3/repos/main/tool/releases/latest", undefined, {
      "if-none-match": latest.headers.get("etag") ?? "",
    });
    assert.equal(again.status, 304);
  }));

it("gives an asset as JSON or as bytes, and its bytes where downloads are", () =>
  withApp("public", async (call, anyone, url) => {
    await publish(call, "tool", "1.0.0", "stable");
    const { assets } = await json<Release>(await anyone("GET", "/api/v3/repos/main/tool/releases/latest"));
    const [asset] = assets;
    assert.ok(asset);
    const api = new URL(asset.url).pathname;
    assert.match(api, /^\/api\/v3\/repos\/main\/tool\/releases\/assets\/\d+$/);
    const described = await anyone("GET", api);
    assert.equal(described.headers.get("vary"), "accept");
    assert.deepEqual(await json(described), asset);
    const bytes = await anyone("GET", api, undefined, { accept: BYTES });
    assert.equal(bytes.headers.get("vary"), "accept");
    const download = new URL(asset.browser_download_url).pathname;
    assert.equal(download, "/main/tool/releases/download/v1.0.0/tool.txt");
    for (const answer of [
      bytes,
      await fetch(url + download),
      await fetch(`${url}${download.replace("/v1", "/1")}`),
      await fetch(`${url}/attachments/${asset.uuid}`),
    ]) {
      assert.equal(answer.status, 200, answer.url);
      assert.equal(await answer.text(), "tool 1.0.0");
    }
    const part = await anyone("GET", api, undefined, { accept: BYTES, range: "bytes=5-7" });
    assert.deepEqual([part.status, await part.text()], [206, "1.0"]);
  }));

it("keeps a yanked release at its tag and off the list, and nothing of a quarantined one", () =>
  withApp("public", async (call, anyone) => {
    const first = await publish(call, "tool", "1.0.0", "stable");
    await publish(call, "tool", "1.1.0", "stable");
    const yanked = await call("POST", `/api/v1/apps/tool/releases/${first}/withdraw`, { status: "yanked", reason: "broken" });
    assert.equal(yanked.status, 200, await yanked.text());
    const list = await json<Release[]>(await anyone("GET", "/repos/main/tool/releases"));
    assert.deepEqual(
      list.map(({ tag_name: tag }) => tag),
      ["v1.1.0"],
    );
    const { assets } = await json<Release>(await anyone("GET", "/repos/main/tool/releases/tags/v1.0.0"));
    const download = new URL(assets[0]?.browser_download_url ?? "").pathname;
    assert.equal(digestOf(await (await anyone("GET", download)).text()), digestOf("tool 1.0.0"));
    const quarantined = await call("POST", `/api/v1/apps/tool/releases/${first}/withdraw`, { status: "quarantined", reason: "malware" });
    assert.equal(quarantined.status, 200, await quarantined.text());
    for (const path of [download, "/repos/main/tool/releases/tags/v1.0.0"]) assert.equal((await anyone("GET", path)).status, 404, path);
  }));

it("asks for a token only where something is not open, and takes it as GitHub's clients write it", () =>
  withApp("members", async (call, anyone, url) => {
    await publish(call, "tool", "1.0.0", "stable");
    const path = "/api/v3/repos/tool/tool/releases/latest";
    assert.equal((await anyone("GET", path)).status, 401);
    const created = await call("POST", "/api/v1/tokens", { apps: ["tool"], scopes: ["read"], expiresInSeconds: 3600 });
    const { secret: token } = (await created.json()) as { secret: string };
    for (const authorization of [`token ${token}`, `Bearer ${token}`]) {
      assert.equal((await fetch(url + path, { headers: { authorization } })).status, 200, authorization.split(" ")[0]);
    }
    assert.equal((await fetch(url + path, { headers: { authorization: "token invented" } })).status, 401);
    assert.equal((await call("POST", "/api/v1/apps", { slug: "open", name: "Open", access: "public" })).status, 201);
    await publish(call, "open", "1.0.0", "stable");
    const open = "/api/v3/repos/main/open/releases";
    assert.equal((await fetch(`${url}${open}`, { headers: { authorization: "token invented" } })).status, 200);
    assert.equal((await fetch(`${url}${open}/tags/v9`, { headers: { authorization: "token invented" } })).status, 404);
  }));

it("answers what gh asks by GraphQL", () =>
  withApp("public", async (call, anyone) => {
    await publish(call, "tool", "1.0.0", "stable");
    await publish(call, "tool", "2.0.0-rc.1", "beta");
    const ask = async (query: string, variables: Readonly<Record<string, unknown>>): Promise<any> =>
      (await json<{ data: unknown }>(await anyone("POST", "/api/graphql", { query, variables }))).data;
    const list = "query($owner:String!){repository(owner:$owner,name:$name){releases(first:$perPage){nodes{tagName}}}}";
    const { repository } = await ask(list, { owner: "main", name: "tool", perPage: 30, endCursor: null });
    assert.deepEqual(
      repository.releases.nodes.map((node: any) => [node.tagName, node.isLatest, node.isPrerelease]),
      [
        ["v2.0.0-rc.1", false, true],
        ["v1.0.0", true, false],
      ],
    );
    assert.equal((await ask(list, { owner: "main", name: "nothing", perPage: 30 })).repository, null);
    assert.deepEqual(
      await ask("query{repository(owner:$owner,name:$name){release(tagName:$tagName){databaseId}}}", { owner: "main", name: "tool" }),
      {
        repository: { release: null },
      },
    );
    const fields = await ask('query Release_fields{Release:__type(name:"Release"){fields(includeDeprecated:true){name}}}', {});
    assert.ok(fields.Release.fields.some(({ name }: any) => name === "isLatest"));
    assert.equal((await anyone("POST", "/graphql", { nothing: true })).status, 400);
    assert.equal((await anyone("GET", "/api/graphql")).status, 405);
  }));

it("says in the list of feeds that it carries every format", () =>
  withApp("public", async (call) => {
    await publish(call, "tool", "1.0.0", "stable");
    const { feeds } = await json<{ feeds: { id: string; formats: unknown; endpoints: { lines: string[] }[] }[] }>(
      await call("GET", "/api/v1/feeds"),
    );
    const feed = feeds.find(({ id }) => id === "github");
    assert.equal(feed?.formats, "all");
    assert.match(feed.endpoints[0]?.lines[0] ?? "", /^mise use "github:main\/APP\[api_url=http:.*\/api\/v3\]"$/);
  }));
