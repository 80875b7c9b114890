import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { DistError, sha256 } from "@distd/core";
import { createFeedReader, type FeedLogin } from "./feed-reader.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that is not distd, and what it was asked. */
async function withServer(answer: Answer, body: (url: string, asked: readonly IncomingMessage[]) => Promise<void>): Promise<void> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const open = (login?: FeedLogin, signal = new AbortController().signal) =>
  createFeedReader({ login, signal, metadata: () => Promise.resolve(undefined) });
const isCode = (code: string) => (error: unknown) => error instanceof DistError && error.code === code;

describe("a feed reader", () => {
  it("gives a small file with its headers, and digests of any", () =>
    withServer(
      (request, response) => response.setHeader("content-type", "text/x-own").end(`for ${request.headers.accept}`),
      async (url, asked) => {
        const found = await open().read(`${url}/index`, { maxBytes: 100, accept: "text/plain" });
        assert.ok(found.kind === "file");
        assert.deepEqual([Buffer.from(found.bytes).toString(), found.header("content-type")], ["for text/plain", "text/x-own"]);
        assert.equal(asked[0]?.headers["accept-encoding"], "identity");
        const digest = await open().digest(`${url}/file`, ["sha1"]);
        assert.deepEqual([digest?.size, digest?.sha256, digest?.digests.sha1?.length], [7, sha256("for */*"), 40]);
        assert.equal(digest?.digests.sha512, undefined);
      },
    ));

  it("says that there is nothing, or more than it was to hold", () =>
    withServer(
      ({ url }, response) => response.writeHead(url === "/big" ? 200 : url === "/gone" ? 410 : 404).end("12345678"),
      async (url) => {
        const reader = open();
        for (const path of ["/none", "/gone"]) {
          assert.deepEqual(await reader.read(url + path, { maxBytes: 8 }), { kind: "nothing" });
          assert.equal(await reader.digest(url + path), undefined);
        }
        assert.equal((await reader.read(`${url}/big`, { maxBytes: 8 })).kind, "file");
        assert.deepEqual(await reader.read(`${url}/big`, { maxBytes: 7 }), { kind: "too-large" });
      },
    ));

  it("shows the token in the protocol's own way, where it may be shown and nowhere else", () =>
    withServer(
      (_, response) => response.end("bytes"),
      (elsewhere, askedElsewhere) =>
        withServer(
          ({ url }, response) =>
            url === "/away" ? response.writeHead(302, { location: `${elsewhere}/taken` }).end() : response.end("bytes"),
          async (url, asked) => {
            for (const [how, header] of [
              ["basic", `Basic ${Buffer.from("token:secret").toString("base64")}`],
              ["bearer", "Bearer secret"],
            ] as const) {
              const reader = open({ token: "secret", how, origins: [url] });
              await reader.digest(`${url}/here`);
              assert.equal(asked.at(-1)?.headers.authorization, header);
              assert.equal((await reader.digest(`${url}/away`))?.sha256, sha256("bytes"));
              assert.equal(asked.at(-1)?.headers.authorization, header);
              await reader.digest(`${elsewhere}/directly`);
            }
            assert.deepEqual(
              askedElsewhere.map(({ url: path, headers }) => [path, headers.authorization]),
              ["/taken", "/directly", "/taken", "/directly"].map((path) => [path, undefined]),
            );
          },
        ),
    ));

  it("tries again what may pass, and then calls it what it is", async () => {
    let failures = 2;
    await withServer(
      (_, response) => (failures-- > 0 ? response.writeHead(503).end() : response.end("bytes")),
      async (url) => assert.equal((await open().digest(url))?.size, 5),
    );
    await withServer(
      (_, response) => response.writeHead(200, { "content-length": "10" }).write("cut", () => response.destroy()),
      async (url, asked) => {
        await assert.rejects(open().digest(url), isCode("network/unreachable"));
        assert.equal(asked.length, 4);
      },
    );
  });

  it("does not try again what will not pass", () =>
    withServer(
      ({ url }, response) => response.writeHead(Number(url?.slice(1)), { "content-type": "application/problem+json" }).end(PROBLEM),
      async (url, asked) => {
        await assert.rejects(open().digest(`${url}/401`), isCode("auth/required"));
        await assert.rejects(open().digest(`${url}/451`), isCode("release/quarantined"));
        assert.equal(asked.length, 2);
      },
    ));

  it("ends with redirects that never end, and when it is told to", () =>
    withServer(
      (_, response) => response.writeHead(302, { location: "/again" }).end(),
      async (url) => {
        await assert.rejects(open(undefined).digest(url), isCode("network/unreachable"));
        await assert.rejects(open(undefined, AbortSignal.abort()).digest(url), isCode("run/interrupted"));
      },
    ));
});

const PROBLEM = JSON.stringify({ code: "release/quarantined", detail: "malware" });
