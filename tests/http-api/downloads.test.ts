import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { type ApiCaller, caller, publishFiles } from "../support/api.ts";
import { startServer, type TestServer } from "../support/server.ts";

const small = Array.from({ length: 5000 }, (_, index) => String(index % 10)).join("");
const large = "0123456789abcdef".repeat(40_000);

let server: TestServer;
let call: ApiCaller;
const urls: Record<string, string> = {};

const get = (name: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> =>
  fetch(urls[name] ?? "", { method, headers });

describe("downloads", () => {
  before(async () => {
    server = await startServer();
    call = caller(server.url);
    await call("POST", "/api/v1/apps", { slug: "notes", name: "Notes", access: "public" });
    const contents: Record<string, string> = { small, large, empty: "", "grüße 'a' 100%.bin": "named" };
    const { release } = await publishFiles(call, "notes", "1.0.0", contents);
    for (const [name, bytes] of Object.entries(contents)) {
      const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      urls[name] = release.artifacts.find((artifact) => artifact.digest === digest)?.url ?? "";
    }
  });
  after(() => server.stop());

  for (const [name, bytes] of [
    ["small", small],
    ["large", large],
  ] as const) {
    const etag = `"${createHash("sha256").update(bytes).digest("hex")}"`;

    it(`answers ${name} whole, with everything a client can check`, async () => {
      const response = await get(name);
      assert.equal(response.status, 200);
      assert.equal(await response.text(), bytes);
      const header = (key: string) => response.headers.get(key);
      assert.equal(header("etag"), etag);
      assert.equal(header("content-length"), String(bytes.length));
      assert.equal(header("repr-digest"), `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`);
      assert.equal(header("cache-control"), "public, max-age=31536000, immutable");
      assert.equal(header("accept-ranges"), "bytes");
      assert.equal(header("x-content-type-options"), "nosniff");
      assert.match(header("content-security-policy") ?? "", /sandbox/);
      assert.match(header("content-disposition") ?? "", /^attachment; /);
    });

    it(`answers HEAD of ${name} with the same headers and no body`, async () => {
      const [head, whole] = [await get(name, {}, "HEAD"), await get(name)];
      assert.equal(await head.text(), "");
      for (const key of ["etag", "content-length", "content-type", "repr-digest", "content-disposition"])
        assert.equal(head.headers.get(key), whole.headers.get(key), key);
    });

    const size = bytes.length;
    const single: readonly (readonly [string, number, number])[] = [
      ["bytes=0-0", 0, 1],
      ["bytes=10-19", 10, 20],
      [`bytes=${size - 5}-`, size - 5, size],
      ["bytes=-7", size - 7, size],
      [`bytes=-${size + 10}`, 0, size],
      [`bytes=${size - 1}-${size + 100}`, size - 1, size],
      [`bytes=5-6,${size}-`, 5, 7],
    ];
    for (const [range, start, end] of single) {
      it(`answers ${range} of ${name} with those bytes`, async () => {
        const response = await get(name, { range });
        assert.equal(response.status, 206);
        assert.equal(response.headers.get("content-range"), `bytes ${start}-${end - 1}/${size}`);
        assert.equal(response.headers.get("content-length"), String(end - start));
        assert.equal(await response.text(), bytes.slice(start, end));
      });
    }

    for (const range of [`bytes=${size}-`, `bytes=${size}-${size + 5}`, "bytes=-0"]) {
      it(`answers ${range} of ${name} with 416`, async () => {
        const response = await get(name, { range });
        assert.equal(response.status, 416);
        assert.equal(response.headers.get("content-range"), `bytes */${size}`);
      });
    }

    for (const range of ["bytes=5-2", "bytes=a-b", "bytes=", "items=0-5", "bytes=-", "bytes=0-5,9-8"]) {
      it(`ignores the malformed ${range} of ${name}`, async () => {
        const response = await get(name, { range });
        assert.equal(response.status, 200);
        assert.equal((await response.text()).length, size);
      });
    }

    it(`answers several ranges of ${name} in the order asked, never joined`, async () => {
      const response = await get(name, { range: "bytes=20-24,0-4,2-6" });
      assert.equal(response.status, 206);
      const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(response.headers.get("content-type") ?? "")?.[1] ?? "";
      const parts = (await response.text()).split(`--${boundary}`).slice(1, -1);
      assert.deepEqual(
        parts.map((part) => [/content-range: (\S+ \S+)/.exec(part)?.[1], part.split("\r\n\r\n")[1]?.trimEnd()]),
        [
          [20, 25],
          [0, 5],
          [2, 7],
        ].map(([start = 0, end = 0]) => [`bytes ${start}-${end - 1}/${size}`, bytes.slice(start, end)]),
      );
    });

    it(`answers with all of ${name} when too many or too much is asked`, async () => {
      const many = `bytes=${Array.from({ length: 1001 }, () => "0-0").join(",")}`;
      assert.equal((await get(name, { range: many })).status, 200);
      assert.equal((await get(name, { range: `bytes=0-${size - 1},0-0` })).status, 200);
      assert.equal((await get(name, { range: `bytes=${Array.from({ length: 1000 }, () => "0-0").join(",")}` })).status, 206);
    });

    it(`honours If-None-Match and If-Range of ${name}`, async () => {
      for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"])
        assert.equal((await get(name, { "if-none-match": tag })).status, 304, tag);
      assert.equal((await get(name, { "if-none-match": '"other"' })).status, 200);
      assert.equal((await get(name, { range: "bytes=0-3", "if-range": etag })).status, 206);
      const changed = await get(name, { range: "bytes=0-3", "if-range": '"other"' });
      assert.equal(changed.status, 200);
      assert.equal((await changed.text()).length, size);
    });
  }

  it("answers an empty file, also for ranges", async () => {
    const response = await get("empty");
    assert.deepEqual([response.status, await response.text()], [200, ""]);
    assert.equal((await get("empty", { range: "bytes=0-" })).status, 416);
  });

  it("names files so that old and new clients read them", async () => {
    const disposition = (await get("grüße 'a' 100%.bin")).headers.get("content-disposition") ?? "";
    assert.equal(disposition, `attachment; filename="gr__e 'a' 100_.bin"; filename*=UTF-8''gr%C3%BC%C3%9Fe%20%27a%27%20100%25.bin`);
  });

  it("frees what a reader who goes away was using", async () => {
    for (let round = 0; round < 50; round++) {
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
      const range = round % 2 === 0 ? "" : "Range: bytes=0-300000,1-300000\r\n";
      socket.write(`GET ${new URL(urls["large"] ?? "").pathname} HTTP/1.1\r\nHost: x\r\n${range}\r\n`);
      await new Promise((resolve) => socket.once("data", resolve));
      socket.destroy();
    }
    assert.equal((await get("large")).status, 200);
  });

  it("serves a yanked file, refuses a quarantined one, and says what to use instead", async () => {
    const { release, url } = await publishFiles(call, "notes", "2.0.0", { "two.bin": "two" });
    await call("POST", `/api/v1/apps/notes/releases/${release.id}/withdraw`, { status: "yanked", reason: "slow" });
    assert.equal((await fetch(url)).status, 200);
    await call("POST", `/api/v1/apps/notes/releases/${release.id}/withdraw`, {
      status: "quarantined",
      reason: "malware",
      replacement: "1.0.0",
    });
    const refused = await fetch(url);
    assert.equal(refused.status, 451);
    const problem = (await refused.json()) as { detail: string; details: { replacement: string } };
    assert.match(problem.detail, /quarantined/);
  });

  it("resolves by platform, architecture, format and variant, and refuses words it does not know", async () => {
    await call("POST", "/api/v1/apps/notes/channels/beta/promote", { release: "1.0.0" });
    const resolve = (query: string) => fetch(`${server.url}/d/notes/beta?${query}`, { redirect: "manual" });
    assert.equal((await resolve("platform=android&arch=amd64&format=file&variant=small")).headers.get("location"), urls["small"]);
    assert.equal((await resolve("variant=nothing")).status, 404);
    for (const query of ["platform=beos", "arch=z80"]) assert.equal((await resolve(query)).status, 400, query);
  });
});
