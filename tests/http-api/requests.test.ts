import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { type ApiCaller, caller } from "../support/api.ts";
import { ADMIN_TOKEN, startServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let call: ApiCaller;

/** Sends bytes as they are and returns the status line; undefined when the connection is closed without one. */
function raw(text: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (answer.includes("\r\n")) {
        resolve(answer.split("\r\n")[0]);
        socket.destroy();
      }
    });
    socket.on("close", () => resolve(answer.split("\r\n")[0] || undefined));
    socket.on("error", () => resolve(undefined));
    socket.write(text);
  });
}

const post = (body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.url}/api/v1/apps`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json", ...headers },
    body,
  });

describe("requests", () => {
  before(async () => {
    server = await startServer();
    call = caller(server.url);
    await call("POST", "/api/v1/apps", { slug: "notes", name: "Notes", access: "public" });
  });
  after(() => server.stop());

  it("answers bodies that are wrong with a problem that names the field", async () => {
    const wrong = await post(JSON.stringify({ slug: "Not A Slug", name: "x", extra: 1 }));
    assert.equal(wrong.status, 400);
    assert.equal(wrong.headers.get("content-type"), "application/problem+json");
    const { code, details } = (await wrong.json()) as { code: string; details: { problems: { field: string }[] } };
    assert.equal(code, "usage/invalid");
    assert.ok(details.problems.some(({ field }) => field === "slug"));
  });

  const bad: readonly (readonly [string, () => Promise<Response>, number])[] = [
    ["no JSON", () => post("{"), 400],
    ["another content type", () => post("{}", { "content-type": "text/plain" }), 400],
    ["invalid UTF-8", () => post(new Uint8Array([0x22, 0xc3, 0x28, 0x22])), 400],
    ["half a surrogate pair", () => post('{"slug":"a","name":"\\ud800"}'), 400],
    ["an array", () => post("[]"), 400],
    ["more than a mebibyte", () => post(`"${"x".repeat(1024 * 1024 + 10)}"`), 413],
    ["an Idempotency-Key that is too short", () => post('{"slug":"a","name":"a"}', { "idempotency-key": "x" }), 400],
  ];
  for (const [name, send, status] of bad) {
    it(`refuses ${name} with ${status}`, async () => {
      const response = await send();
      assert.equal(response.status, status);
      assert.equal(typeof ((await response.json()) as { hint: unknown }).hint, "string");
    });
  }

  it("counts a body itself, whatever its length header says", async () => {
    const chunk = `${(65536).toString(16)}\r\n${"x".repeat(65536)}\r\n`;
    const head = `POST /api/v1/apps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ADMIN_TOKEN}\r\nContent-Type: application/json\r\n`;
    const status = await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(20)}0\r\n\r\n`);
    assert.match(status ?? "", / 413 /);
    for (const framing of ["Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n"]) {
      assert.match((await raw(`${head}${framing}\r\n{}`)) ?? " 400 ", / 400 /);
    }
  });

  it("answers 405 with what is allowed, and 404 for what is nowhere", async () => {
    const response = await call("DELETE", "/api/v1/apps/notes");
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD, PATCH");
    assert.equal((await call("POST", "/a/notes/beta")).status, 405);
    assert.equal((await call("GET", "/nothing")).status, 404);
  });

  it("gives every answer of the API a request id and tells nobody to keep it", async () => {
    const response = await call("GET", "/api/v1/apps/notes");
    assert.match(response.headers.get("x-request-id") ?? "", /^[0-9a-f]{12}-[0-9a-z]+$/);
    assert.equal(response.headers.get("cache-control"), "no-store");
  });

  it("finds no file by a path, however it is written", async () => {
    const steps = [
      "..",
      "%2e%2e",
      "%252e%252e",
      "..%2f..",
      "%2F%2F..%2F..",
      "..\\..",
      "..%5c..",
      "..;",
      "%00",
      "%c0%ae%c0%ae",
      "....//",
      "//",
      "~root",
    ];
    const tails = ["etc/passwd", "distd.sqlite", "keys/instance.pem", "etc%2fpasswd"];
    const bases = [
      "/",
      "/d/",
      "/d/notes/",
      "/d/notes/artifacts/",
      "/d/notes/artifacts/art_x/",
      "/a/notes/",
      "/a/",
      "/api/v1/apps/",
      "/api/v1/apps/notes/releases/",
    ];
    for (const base of bases) {
      for (const step of steps) {
        for (const tail of tails) {
          const path = `${base}${step}/${step}/${tail}`;
          const status = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
          assert.match(status ?? "", / (?:400|401|404) /, path);
        }
      }
    }
  });

  it("survives requests that are none", async () => {
    const heads = [
      "GET / HTTP/1.1\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(70_000)}\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: x\r\n${"A: b\r\n".repeat(3000)}\r\n`,
      "GET http://other.example/api/v1/apps HTTP/1.1\r\nHost: other.example\r\n\r\n",
      "\u0000\u0001\u0002\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: x\r\n__proto__: x\r\n\r\n",
    ];
    for (const head of heads) await raw(head);
    assert.equal((await call("GET", "/healthz")).status, 200);
  });

  it("makes absolute addresses from its own address, never from Host", async () => {
    const response = await fetch(`${server.url}/api/v1/openapi.json`, { headers: { host: "evil.example" } });
    assert.equal((await response.text()).includes("evil.example"), false);
  });

  it("describes itself, counts requests, and says that it is ready", async () => {
    const openapi = (await (await call("GET", "/api/v1/openapi.json")).json()) as { openapi: string; paths: Record<string, unknown> };
    assert.equal(openapi.openapi, "3.1.0");
    assert.ok("/api/v1/apps/{app}/releases" in openapi.paths);
    assert.equal(await (await call("GET", "/readyz")).text(), "ready\n");
    const metrics = await (await call("GET", "/metrics")).text();
    assert.match(metrics, /distd_http_requests_total\{route="\/api\/v1\/apps\/:app",status="200"\} \d+/);
    assert.match(metrics, /process_resident_memory_bytes \d+/);
  });
});
