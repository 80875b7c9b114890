import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { DistError } from "@distd/core";
import { cachePath, fetchFile } from "./fetch-file.ts";

const content = Buffer.alloc(3_000_000, "a lantern in the window, ");
const digest = createHash("sha256").update(content).digest("hex");
type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

interface Place {
  readonly url: string;
  readonly folders: { readonly root: string; readonly bin: string };
  readonly requests: readonly IncomingMessage[];
  fetch(change?: { digest?: string; bytes?: number; token?: string; url?: string; signal?: AbortSignal }): Promise<string>;
}

async function withServer(answer: Answer, body: (place: Place) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "distd-fetch-"));
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folders = { root, bin: join(root, "bin") };
  try {
    await body({
      url,
      folders,
      requests,
      fetch: ({ token, signal, ...file } = {}) =>
        fetchFile(
          { url, token },
          folders,
          { url: `${url}/d/notes.bin`, digest, bytes: content.length, ...file },
          { firstPauseMs: 1, ...(signal && { signal }) },
        ),
    });
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(root, { recursive: true });
  }
}
/** As a server that knows ranges. */
const ranged: Answer = (request, response) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  response.writeHead(
    from === 0 ? 200 : 206,
    from === 0 ? {} : { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` },
  );
  response.end(content.subarray(from));
};
/** The connection is lost after some bytes. */
const breaking = (response: ServerResponse, part: Buffer): void => {
  response.writeHead(200, { "content-length": String(content.length) });
  response.write(part, () => setTimeout(() => response.destroy(), 20));
};
const fails = (code: string) => (error: unknown) => error instanceof DistError && error.code === code;
const partsIn = (root: string): readonly string[] =>
  readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".part"));

describe("fetching a file", () => {
  it("gives the file, and asks nobody the second time", () =>
    withServer(ranged, async ({ fetch, folders, requests }) => {
      const path = await fetch();
      assert.equal(path, cachePath(folders, digest));
      assert.ok(readFileSync(path).equals(content));
      assert.equal(await fetch(), path);
      assert.equal(requests.length, 1);
    }));

  it("goes on where it broke off, however often", () =>
    withServer(
      (request, response, count) => (count === 1 ? breaking(response, content.subarray(0, 1_000_000)) : ranged(request, response, count)),
      async ({ fetch, requests }) => {
        assert.ok(readFileSync(await fetch()).equals(content));
        assert.deepEqual(requests[1]?.headers.range, "bytes=1000000-");
      },
    ));

  it("begins anew where the server cannot go on", () =>
    withServer(
      (_request, response, count) => (count === 1 ? breaking(response, content.subarray(0, 500_000)) : response.end(content)),
      async ({ fetch }) => assert.ok(readFileSync(await fetch()).equals(content)),
    ));

  it("goes on with what another process left behind", () =>
    withServer(ranged, async ({ fetch, folders, requests }) => {
      const part = `${cachePath(folders, digest)}.part`;
      mkdirSync(dirname(part), { recursive: true });
      writeFileSync(part, content.subarray(0, 2_999_999));
      assert.ok(readFileSync(await fetch()).equals(content));
      assert.equal(requests[0]?.headers.range, "bytes=2999999-");
    }));

  for (const [what, left] of [
    ["wrong bytes", Buffer.from("<html>Please sign in</html>")],
    ["too many", Buffer.alloc(content.length + 1)],
    ["as many, but others", Buffer.alloc(content.length)],
  ] as const)
    it(`is not misled by what was left behind: ${what}`, () =>
      withServer(ranged, async ({ fetch, folders }) => {
        const part = `${cachePath(folders, digest)}.part`;
        mkdirSync(dirname(part), { recursive: true });
        writeFileSync(part, left);
        assert.ok(readFileSync(await fetch()).equals(content));
      }));

  it("gives up after some attempts, also when the last of them had to begin anew", { timeout: 5_000 }, () =>
    withServer(
      (request, response, count) => (count === 4 ? ranged(request, response, count) : response.writeHead(500).end()),
      async ({ fetch, folders, requests }) => {
        const part = `${cachePath(folders, digest)}.part`;
        mkdirSync(dirname(part), { recursive: true });
        writeFileSync(part, "wrong bytes");
        await assert.rejects(fetch(), fails("network/unreachable"));
        assert.equal(requests.length, 5);
      },
    ),
  );

  it("is shared by all who want the same at the same time", () =>
    withServer(ranged, async ({ fetch, requests }) => {
      const paths = await Promise.all([fetch(), fetch(), fetch()]);
      assert.equal(new Set(paths).size, 1);
      assert.equal(requests.length, 1);
    }));

  it("shows its token to its own server, and to no other", () =>
    withServer(ranged, ({ url: other }) =>
      withServer(ranged, async ({ fetch, requests }) => {
        await fetch({ token: "secret" });
        assert.equal(requests[0]?.headers.authorization, "Bearer secret");
        await assert.rejects(fetch({ token: "secret", url: `${other}/d/x`, digest: "0".repeat(64) }), fails("blob/digest-mismatch"));
      }),
    ));
});

/** What a server does → what it is called, and how often it is asked. */
const BAD: Readonly<Record<string, readonly [answer: Answer, code: string, requests: number]>> = {
  "other bytes of the same length": [(_request, response) => response.end(Buffer.alloc(content.length, "x")), "blob/digest-mismatch", 1],
  "more bytes": [(_request, response) => response.end(Buffer.concat([content, Buffer.from("x")])), "blob/digest-mismatch", 1],
  "an endless stream": [
    (_request, response) => {
      const timer = setInterval(() => response.write(Buffer.alloc(500_000)), 1);
      response.on("close", () => clearInterval(timer));
    },
    "blob/digest-mismatch",
    1,
  ],
  "fewer bytes, each time": [(_request, response) => response.end(content.subarray(0, 10)), "network/unreachable", 4],
  "a page of a hotel": [(_request, response) => response.end("<html>Please sign in</html>"), "network/unreachable", 4],
  "401": [(_request, response) => response.writeHead(401).end(), "auth/required", 1],
  "404": [(_request, response) => response.writeHead(404).end(), "artifact/not-found", 1],
  "451": [(_request, response) => response.writeHead(451).end(), "release/quarantined", 1],
  "500, for ever": [(_request, response) => response.writeHead(500).end(), "network/unreachable", 4],
  "a redirect that never ends": [
    (request, response) => response.writeHead(302, { location: `${request.url}x` }).end(),
    "network/unreachable",
    // Twenty redirects an attempt are asked for, and then no more.
    0,
  ],
};

describe("what a bad server sends", () => {
  for (const [name, [answer, code, count]] of Object.entries(BAD))
    it(`${name}: ${code}, and nothing under the file's name`, { timeout: 30_000 }, () =>
      withServer(answer, async ({ fetch, folders, requests }) => {
        await assert.rejects(fetch(), fails(code));
        if (count > 0) assert.equal(requests.length, count);
        assert.equal(existsSync(cachePath(folders, digest)), false);
        if (code === "blob/digest-mismatch" && count === 1 && name.startsWith("other")) assert.deepEqual(partsIn(folders.root), []);
      }),
    );

  it("waits as long as it says before the next attempt", () =>
    withServer(
      (request, response, count) =>
        count === 1 ? response.writeHead(503, { "retry-after": "1" }).end() : ranged(request, response, count),
      async ({ fetch }) => {
        const started = performance.now();
        await fetch();
        assert.ok(performance.now() - started >= 990);
      },
    ));

  it("ends when somebody interrupts it", () =>
    withServer(
      (_request, response) => void response.write(content.subarray(0, 10)),
      async ({ fetch }) => {
        const stop = new AbortController();
        setTimeout(() => stop.abort(), 100);
        await assert.rejects(fetch({ signal: stop.signal }), fails("run/interrupted"));
      },
    ));

  it("is not fetched where there is no room", () =>
    withServer(ranged, async ({ fetch, requests }) => {
      await assert.rejects(fetch({ bytes: Number.MAX_SAFE_INTEGER }), fails("install/no-room"));
      assert.equal(requests.length, 0);
    }));
});
