// Publishing with what the tools of an ecosystem send; the tools themselves are in tests/real-clients.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { makeDeb, makeNpm, makeWheel } from "../real-clients/packages.ts";
import { type ApiCaller, caller } from "../support/api.ts";
import { ADMIN_TOKEN, startServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let call: ApiCaller;
const tokens: Record<string, string> = {};

const send = (method: string, path: string, body: unknown, token = ADMIN_TOKEN, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server.url + path, {
    method,
    headers: { ...(token !== "" && { authorization: `Bearer ${token}` }), ...headers },
    body: body as never,
  });
const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code?: string }).code;

interface Release {
  readonly version: string;
  readonly revision: number;
  readonly status: string;
}
const releasesOf = async (app: string): Promise<readonly string[]> => {
  const { releases } = (await (await call("GET", `/api/v1/apps/${app}/releases`)).json()) as { releases: Release[] };
  return releases.map(({ version, revision, status }) => `${version} ${status} ${revision}`);
};
const channelsOf = async (app: string): Promise<readonly string[]> => {
  const { channels } = (await (await call("GET", `/api/v1/apps/${app}/channels`)).json()) as {
    channels: { name: string; sequence: number }[];
  };
  return channels.map(({ name, sequence }) => `${name} ${sequence}`);
};

/** What `npm publish` sends. */
function npmDocument(name: string, version: string, tag: string, change: { readonly integrity?: string } = {}): string {
  const { bytes } = makeNpm({ name, version });
  const integrity = change.integrity ?? `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  return JSON.stringify({
    _id: name,
    name,
    "dist-tags": { [tag]: version },
    versions: { [version]: { name, version, dist: { integrity } } },
    _attachments: {
      [`${name}-${version}.tgz`]: { content_type: "application/octet-stream", data: bytes.toString("base64"), length: bytes.length },
    },
  });
}

/** What `twine upload` sends. */
function form(file: { readonly file: string; readonly bytes: Buffer }, digest?: string): FormData {
  const data = new FormData();
  data.set(":action", "file_upload");
  if (digest !== undefined) data.set("sha256_digest", digest);
  data.set("content", new Blob([new Uint8Array(file.bytes)]), file.file);
  return data;
}

void describe("publishing with the tools of an ecosystem", () => {
  before(async () => {
    server = await startServer();
    call = caller(server.url);
    for (const slug of ["lantern", "wheels", "debs", "matrix"]) await call("POST", "/api/v1/apps", { slug, name: slug, access: "public" });
    for (const scope of ["publish", "read"]) {
      const made = await call("POST", "/api/v1/tokens", { name: scope, scopes: [scope], expiresInSeconds: 3600 });
      tokens[scope] = ((await made.json()) as { secret: string }).secret;
    }
  });
  after(() => server.stop());

  void it("npm: makes a release, and moves the channel of the tag for who may", async () => {
    const json = { "content-type": "application/json" };
    const publish = (version: string, tag: string, token?: string) =>
      send("PUT", "/npm/main/lantern", npmDocument("lantern", version, tag), token, json);
    assert.equal((await publish("1.0.0", "latest")).status, 201);
    assert.deepEqual(await channelsOf("lantern"), ["stable 1"]);
    assert.equal((await publish("1.1.0", "beta", tokens["publish"])).status, 201);
    assert.deepEqual(
      [await releasesOf("lantern"), await channelsOf("lantern")],
      [["1.1.0 published 1", "1.0.0 published 1"], ["stable 1"]],
    );
    assert.equal((await publish("1.2.0", "latest", "")).status, 401);
    assert.equal((await publish("1.2.0", "latest", tokens["read"])).status, 403);
    const wrong = npmDocument("lantern", "1.2.0", "latest", { integrity: "sha512-AAAA" });
    assert.equal(await codeOf(await send("PUT", "/npm/main/lantern", wrong, undefined, json)), "blob/digest-mismatch");
    const other = await send("PUT", "/npm/main/nobody", npmDocument("nobody", "1.0.0", "latest"), undefined, json);
    assert.equal(await codeOf(other), "app/not-found");
    const moved = await send("PUT", "/npm/main/-/package/lantern/dist-tags/latest", '"1.1.0"', undefined, json);
    assert.equal(moved.status, 201);
    const { "dist-tags": tags } = (await (await fetch(`${server.url}/npm/main/lantern`)).json()) as { "dist-tags": object };
    assert.deepEqual(tags, { latest: "1.1.0", stable: "1.1.0" });
  });

  void it("npm: says what is wrong with a damaged request", async () => {
    const json = { "content-type": "application/json" };
    const put = async (path: string, body: string) => codeOf(await send("PUT", `/npm/main/${path}`, body, undefined, json));
    const document = JSON.parse(npmDocument("lantern", "9.0.0", "latest")) as object;
    const damaged: readonly object[] = [
      { _attachments: { "lantern-9.0.0.tgz": null } },
      { _attachments: { "lantern-9.0.0.tgz": { data: 9 } } },
      { versions: { "9.0.0": null } },
      { versions: { "9.0.0": { dist: { integrity: 9 } } } },
      { "dist-tags": "latest" },
    ];
    for (const change of damaged)
      assert.equal(await put("lantern", JSON.stringify({ ...document, ...change })), "usage/invalid", JSON.stringify(change));
    for (const body of ["{", "[]", "null"]) assert.equal(await put("lantern", body), "usage/invalid", body);
    for (const body of ["{", "9"]) assert.equal(await put("-/package/lantern/dist-tags/beta", body), "usage/invalid", body);
  });

  void it("refuses an address that is not valid percent-encoding, wherever it goes", async () => {
    for (const path of ["/npm/main/%zz", "/v2/lantern/manifests/%zz", "/api/v3/repos/main/lantern/%zz"])
      assert.equal((await send("GET", path, undefined)).status, 400, path);
  });

  void it("npm: answers what clients ask beside packages, also to who has no token", async () => {
    const audit = await send("POST", "/npm/main/-/npm/v1/security/advisories/bulk", "{}", "");
    assert.deepEqual([audit.status, await audit.json()], [200, {}]);
    assert.deepEqual(await (await send("GET", "/npm/main/-/whoami", undefined)).json(), { username: "admin" });
    assert.equal((await send("GET", "/npm/main/-/whoami", undefined, "")).status, 401);
  });

  void it("pypi: each file makes the next revision of its version", async () => {
    const wheel = makeWheel({ name: "wheels", version: "2.0.0" });
    const digest = createHash("sha256").update(wheel.bytes).digest("hex");
    assert.equal((await send("POST", "/pypi/main/stable/legacy/", form(wheel, digest))).status, 200);
    assert.equal((await send("POST", "/pypi/main/stable/legacy/", form(wheel, digest))).status, 200);
    assert.deepEqual([await releasesOf("wheels"), await channelsOf("wheels")], [["2.0.0 published 1"], ["stable 1"]]);
    assert.match(await (await fetch(`${server.url}/pypi/main/stable/simple/wheels/`)).text(), /wheels-2\.0\.0/);
    assert.equal(await codeOf(await send("POST", "/pypi/main/legacy/", form(wheel, "0".repeat(64)))), "blob/digest-mismatch");
    assert.equal(await codeOf(await send("POST", "/pypi/main/legacy/", "no form")), "usage/invalid");
    assert.equal(await codeOf(await send("POST", "/pypi/main/legacy/", form(makeNpm({ version: "1.0.0" })))), "artifact/broken");
  });

  void it("apt: takes a package as it is, promoted when the address says where", async () => {
    const [one, two] = [makeDeb({ name: "debs", version: "1.0.0" }), makeDeb({ name: "debs", version: "1.1.0" })];
    assert.equal((await send("PUT", `/apt/main/upload/${one.file}`, one.bytes)).status, 201);
    assert.deepEqual([await releasesOf("debs"), await channelsOf("debs")], [["1.0.0 published 1"], []]);
    const answer = await send("PUT", `/apt/main/upload/stable/${two.file}`, two.bytes);
    assert.equal(await answer.text(), "debs 1.1.0 published, promoted to stable\n");
    assert.match(await (await fetch(`${server.url}/apt/main/dists/stable/InRelease`)).text(), /SIGNED MESSAGE/);
    assert.equal(await codeOf(await send("PUT", "/apt/main/upload/broken.deb", "no package")), "artifact/broken");
    assert.equal((await send("PUT", "/apt/main/elsewhere", "x")).status, 405);
  });

  void it("moves only what was pushed: the deb of an older version leaves a newer npm package where it is", async () => {
    const json = { "content-type": "application/json" };
    await call("POST", "/api/v1/apps", { slug: "both", name: "Both", access: "public" });
    for (const version of ["1.0.0", "1.1.0"]) await send("PUT", "/npm/main/both", npmDocument("both", version, "latest"), undefined, json);
    const deb = makeDeb({ name: "both", version: "1.0.0" });
    assert.equal((await send("PUT", `/apt/main/upload/stable/${deb.file}`, deb.bytes)).status, 201);
    assert.deepEqual(await releasesOf("both"), ["1.0.0 published 2", "1.1.0 published 1", "1.0.0 published 1"]);
    const { "dist-tags": tags } = (await (await fetch(`${server.url}/npm/main/both`)).json()) as { "dist-tags": { latest: string } };
    assert.equal(tags.latest, "1.1.0");
  });

  void it("leaves nothing behind of a push that is refused", async () => {
    await call("POST", "/api/v1/apps", { slug: "refused", name: "Refused", access: "public" });
    const [first, other] = [
      makeDeb({ name: "refused", version: "1.0.0" }),
      makeDeb({ name: "refused", version: "1.0.0", fields: { X: "other" } }),
    ];
    const put = ({ file, bytes }: typeof first) => send("PUT", `/apt/main/upload/${file}`, bytes);
    assert.equal((await put(first)).status, 201);
    assert.equal((await put(other)).status, 409);
    assert.deepEqual(await releasesOf("refused"), ["1.0.0 published 1"]);
  });

  void it("adds to a draft that jobs are building, and leaves publishing to them", async () => {
    await call("POST", "/api/v1/apps/matrix/releases", { version: "3.0.0", parts: ["linux", "windows"] });
    const deb = makeDeb({ name: "matrix", version: "3.0.0" });
    assert.equal((await send("PUT", `/apt/main/upload/stable/${deb.file}`, deb.bytes)).status, 201);
    assert.deepEqual([await releasesOf("matrix"), await channelsOf("matrix")], [["3.0.0 draft 0"], []]);
  });
});
