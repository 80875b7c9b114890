import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { readAll, until } from "../conformance/in-container.ts";
import { openDockerRuntime } from "./index.ts";

const VERSION = JSON.stringify({ Version: "20.10.24", ApiVersion: "1.41", MinAPIVersion: "1.12", Os: "linux" });
const onUnix = { skip: process.platform === "win32" };

let folder: string;
let path: string;
const servers: Server[] = [];
const sockets = new Set<Socket>();

/** Whatever listens there, it gives each connection to `answer` with the first line of its request. */
async function listen(answer: (socket: Socket, line: string) => void): Promise<void> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (bytes: Buffer) => answer(socket, bytes.toString().split("\r\n")[0] ?? ""));
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
}

const reply = (socket: Socket, status: string, body: string): void =>
  void socket.end(`HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
const open = (timeoutMs = 2_000) => openDockerRuntime({ host: `unix://${path}`, timeoutMs });
const unavailable = { code: "runtime/daemon-unavailable", hint: /^run '.+'$/ };

describe("opening Docker", onUnix, () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "distd-socket-"));
    path = join(folder, "docker.sock");
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) server.close();
    rmSync(folder, { recursive: true });
  });

  it("says what to run where nobody listens: no socket, a dead one, a plain file", async () => {
    await assert.rejects(open(), unavailable);
    writeFileSync(path, "");
    await assert.rejects(open(), unavailable);
    rmSync(path);
    await listen(() => {});
    // Closing removes the socket under the name it was made with.
    renameSync(path, `${path}.dead`);
    servers.splice(0).forEach((server) => server.close());
    path = `${path}.dead`;
    await assert.rejects(open(), unavailable);
  });

  it("waits no longer than told for one who says nothing, and lets go of him", async () => {
    await listen(() => {});
    const started = performance.now();
    await assert.rejects(open(200), { ...unavailable, message: /200 ms/ });
    assert.ok(performance.now() - started < 1_500);
    await until(() => [...sockets].every(({ closed }) => closed));
  });

  it("says whom to ask where the socket is somebody else's", async () => {
    await listen((socket) => reply(socket, "200 OK", VERSION));
    chmodSync(folder, 0o755);
    chmodSync(path, 0o600);
    const script = `import(${JSON.stringify(join(import.meta.dirname, "index.ts"))}).then(({ openDockerRuntime }) => openDockerRuntime({ host: ${JSON.stringify(`unix://${path}`)} })).catch(({ code, hint }) => console.log(code, hint))`;
    if (process.getuid?.() === 0) {
      // This process answers nobody while it waits, and a connection that is refused needs no answer.
      const ran = spawnSync("setpriv", ["--reuid=65534", "--clear-groups", "--", process.execPath, "-e", script], { encoding: "utf8" });
      assert.match(ran.stdout, /^runtime\/daemon-unavailable .*usermod -aG docker/, ran.stderr);
    } else {
      chmodSync(path, 0);
      await assert.rejects(open(), { code: "runtime/daemon-unavailable", hint: /usermod -aG docker/ });
    }
  });

  it("refuses what is no Engine, or one of another time or system", async () => {
    let version: Record<string, unknown> | string = "<html>";
    await listen((socket) => reply(socket, "200 OK", typeof version === "string" ? version : JSON.stringify(version)));
    await assert.rejects(open(), { code: "runtime/failed" });
    version = {};
    await assert.rejects(open(), { code: "runtime/failed" });
    version = { ...JSON.parse(VERSION), ApiVersion: "1.40" };
    await assert.rejects(open(), { code: "runtime/version-skew", hint: /Docker/ });
    version = { ...JSON.parse(VERSION), ApiVersion: "1.99", MinAPIVersion: "1.98" };
    await assert.rejects(open(), { code: "runtime/version-skew", hint: /distd/, message: /1\.98 to 1\.99.*1\.41 to/ });
    version = { ...JSON.parse(VERSION), Os: "windows" };
    await assert.rejects(open(), { code: "runtime/unsupported-platform" });
  });

  it("speaks the newest version both know", async () => {
    const lines: string[] = [];
    let newest = "1.44";
    await listen((socket, line) => {
      lines.push(line);
      reply(socket, "200 OK", line.includes("/version") ? JSON.stringify({ ...JSON.parse(VERSION), ApiVersion: newest }) : "[]");
    });
    for (newest of ["1.44", "1.99"]) await (await open()).findContainerByLabel("a", "b");
    const spoken = lines.flatMap((line) => /\/v([\d.]+)\//.exec(line)?.[1] ?? []);
    assert.deepEqual(spoken, ["1.44", "1.51"]);
  });

  it("takes an answer that breaks off for the end of the daemon", async () => {
    await listen((socket, line) => {
      if (line.includes("/version")) return reply(socket, "200 OK", VERSION);
      if (line.includes("/json")) return reply(socket, "200 OK", '{"Config":{"Tty":false}}');
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n\x01\0\0\0\0\0\0\x05a\r\n");
      setTimeout(() => socket.destroy(), 50);
    });
    const runtime = await open();
    const before = openDescriptors();
    await assert.rejects(readAll(runtime.containerLogs("any", { follow: true })), unavailable);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(openDescriptors() <= before, "a descriptor is left");
  });

  it("takes a stream that is no frame for a failure", async () => {
    await listen((socket, line) => {
      if (line.includes("/version")) return reply(socket, "200 OK", VERSION);
      reply(socket, "200 OK", line.includes("/json") ? '{"Config":{"Tty":false}}' : "garbage that is no frame");
    });
    await assert.rejects(readAll((await open()).containerLogs("any")), { code: "runtime/failed" });
  });
});

function openDescriptors(): number {
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
}
