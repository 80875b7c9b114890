import assert from "node:assert/strict";
import { Database } from "bun:sqlite";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ERROR_CODES, type ErrorCode } from "@distd/core";
import { type ApiCaller, caller, digestOf, publishFiles, sendBytes, upload, uploadHeaders } from "../support/api.ts";
import { INSTALLING_PROVOCATIONS } from "./provoke-installing.ts";
import { RUNTIME_PROVOCATIONS } from "./provoke-runtime.ts";
import { SIGNING_PROVOCATIONS } from "./provoke-signing.ts";
import { dist, inFolder, type Ran, sampleManifest, startDist } from "../support/dist.ts";
import { ADMIN_TOKEN, DISTD, startServer, type TestServer, withServer } from "../support/server.ts";
import { withStub } from "../support/stub-server.ts";

/** What a provocation shows: the code, and the exit code of the command or the `exit` of the answer. */
interface Shown {
  readonly code: unknown;
  readonly exit: unknown;
  readonly hint: unknown;
}

let server: TestServer;
let call: ApiCaller;

const fromCommand = (ran: Ran): Shown => {
  const code = /^code: (\S+)$/m.exec(ran.stderr)?.[1];
  const hint = /^hint: (.+)$/m.exec(ran.stderr)?.[1];
  return { code, exit: ran.code, hint };
};
const fromAnswer = async (response: Response): Promise<Shown> => {
  const problem = (await response.json()) as Record<string, unknown>;
  assert.equal(problem["status"], response.status);
  return { code: problem["code"], exit: problem["exit"], hint: problem["hint"] };
};
const run = async (...args: string[]): Promise<Shown> => fromCommand(await dist(args, { server: server.url }));
const ask = async (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Shown> =>
  fromAnswer(await call(method, path, body, headers));
const publishIn = (files: Record<string, string | Uint8Array>, options: { server?: string; token?: string } = {}): Promise<Shown> =>
  inFolder(files, async (folder) => fromCommand(await dist(["ci", "publish"], { server: server.url, cwd: folder, ...options })));
const runDistd = (args: string[], env: Record<string, string> = {}): Shown => {
  const ran = Bun.spawnSync([DISTD, ...args], { env: { PATH: process.env["PATH"] ?? "", ...env }, stdout: "pipe", stderr: "pipe" });
  return fromCommand({ code: ran.exitCode, stdout: ran.stdout.toString(), stderr: ran.stderr.toString(), json: () => ({}) as never });
};
const stubbed = (status: number, body: unknown): Promise<Shown> =>
  withStub(
    () => Response.json(body, { status }),
    async (url) => fromCommand(await dist(["app", "list"], { server: url })),
  );

/** The registry speaks its specification's words; ours stand beside them. */
const fromRegistry = async (method: string, path: string, body?: string): Promise<Shown> => {
  const response = await fetch(server.url + path, { method, headers: { authorization: `Bearer ${ADMIN_TOKEN}` }, ...(body && { body }) });
  const { errors } = (await response.json()) as { errors: { detail: { code: ErrorCode } }[] };
  const code = errors[0]?.detail.code ?? "internal/bug";
  return { code, exit: ERROR_CODES[code].exit, hint: ERROR_CODES[code].hint };
};

const signing = Object.fromEntries(
  Object.entries(SIGNING_PROVOCATIONS).map(([code, provoke]) => [code, async () => fromCommand(await provoke())]),
) as Readonly<Record<keyof typeof SIGNING_PROVOCATIONS, () => Promise<Shown>>>;

const installing = Object.fromEntries(
  Object.entries(INSTALLING_PROVOCATIONS).map(([code, provoke]) => [code, async () => fromCommand(await provoke())]),
) as Readonly<Record<keyof typeof INSTALLING_PROVOCATIONS, () => Promise<Shown>>>;
const runtime = Object.fromEntries(
  Object.entries(RUNTIME_PROVOCATIONS).map(([code, provoke]) => [
    code,
    async () => {
      const error = await provoke();
      return { code: error.code, exit: error.entry.exit, hint: error.hint };
    },
  ]),
) as Readonly<Record<keyof typeof RUNTIME_PROVOCATIONS, () => Promise<Shown>>>;

/** How to meet each failure, through the real commands and the real server. */
const PROVOCATIONS: Readonly<Record<ErrorCode, () => Promise<Shown> | Shown>> = {
  "usage/invalid": () => run("app", "creat", "x"),
  "manifest/invalid": () => publishIn({ "dist.json": '{"app": "x",\n  "version": 7}' }),
  "manifest/not-found": () => publishIn({}),
  "text/invalid-utf8": async () =>
    fromAnswer(
      await fetch(`${server.url}/api/v1/apps`, {
        method: "POST",
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
        body: new Uint8Array([0x22, 0xff, 0x22]),
      }),
    ),
  "release/incomplete": async () => {
    const { id } = (await (await call("POST", "/api/v1/apps/notes/releases", { version: "7.0.0", parts: ["android"] })).json()) as {
      id: string;
    };
    return run("release", "publish", id);
  },
  "channel/not-promoted": async () => {
    const { secret } = (await dist(["token", "create", "--scope", "publish,app:create", "--json"], { server: server.url })).json<{
      secret: string;
    }>();
    return publishIn({ "dist.json": sampleManifest("1.4.0", { app: "unpromoted" }) }, { token: secret });
  },
  "app/not-found": () => run("app", "show", "nobody"),
  "release/not-found": () => run("release", "show", "notes@9.9.9"),
  "artifact/not-found": () => ask("GET", "/d/notes/artifacts/art_none/x"),
  "channel/not-found": () => run("channel", "rollback", "notes", "nothing"),
  "channel/nothing-to-roll-back": async () => {
    await publishFiles(call, "notes", "2.0.0", { "a.bin": "two" });
    await call("POST", "/api/v1/apps/notes/channels/once/promote", { release: "2.0.0" });
    return run("channel", "rollback", "notes", "once");
  },
  "image/manifest-unknown": () => fromRegistry("GET", "/v2/notes/manifests/9.9.9"),
  "image/blob-unknown": () => fromRegistry("GET", `/v2/notes/blobs/sha256:${"0".repeat(64)}`),
  "image/manifest-invalid": () => fromRegistry("PUT", "/v2/notes/manifests/1.0.0", "[]"),
  "image/tag-refused": () => fromRegistry("PUT", "/v2/notes/manifests/Weird_Tag", "{}"),
  "repository/not-found": () => ask("GET", "/apt/nobody/key.asc"),
  "key/not-found": async () => {
    await call("POST", "/api/v1/repositories", { name: "unsigned", members: ["notes"] });
    return runDistd(["keys", "export", "--family", "ecdsa-p256", "--repository", "unsigned", "--data", server.data]);
  },
  "repository/exists": () => run("repo", "create", "notes", "--member", "notes"),
  "feed/not-found": () => ask("GET", "/apt/notes/dists/none/Release"),
  "name/taken": async () => {
    const path = join(import.meta.dirname, "../../fixtures/formats/deb/ok/uncompressed.deb");
    const manifest = (app: string): Record<string, string> => ({
      "dist.json": JSON.stringify({ app, access: "public", version: "1.0.0", artifacts: [{ path }] }),
    });
    await publishIn(manifest("first-owner"));
    return publishIn(manifest("second-owner"));
  },
  "token/not-found": () => run("token", "revoke", "tok_none"),
  "install/name-taken": () =>
    inFolder({ lantern: "#!/bin/sh\n" }, async (folder) => {
      chmodSync(join(folder, "lantern"), 0o755);
      const manifest = {
        app: "taken",
        access: "public",
        version: "1.0.0",
        channel: "stable",
        artifacts: [{ path: "lantern.tar", platform: "linux", arch: "any" }],
      };
      Bun.spawnSync(["tar", "-C", folder, "-cf", join(folder, "lantern.tar"), "lantern"]);
      writeFileSync(join(folder, "dist.json"), JSON.stringify(manifest));
      await dist(["ci", "publish"], { server: server.url, cwd: folder });
      mkdirSync(join(folder, "bin"));
      writeFileSync(join(folder, "bin/taken"), "mine");
      return run("install", "taken", "--prefix", folder);
    }),
  "tester/not-found": () => run("tester", "revoke", "notes", "tst_none"),
  "tester/invited-elsewhere": async () => {
    for (const app of ["testers-here", "testers-there"]) {
      await run("app", "create", app, "--access", "testers");
      await run("tester", "invite", app, "--mail", "ana@example.com", "--channel", "beta");
    }
    return run("tester", "revoke", "testers-here", "ana@example.com", "--forget");
  },
  "link/not-found": () => ask("GET", `/i/${"A".repeat(32)}`),
  "link/ended": async () => {
    const { stdout } = await dist(["tester", "invite", "testers-here", "--name", "Bo", "--json"], { server: server.url });
    const [{ url, tester }] = (JSON.parse(stdout) as { invitations: [{ url: string; tester: string }] }).invitations;
    await run("tester", "revoke", "testers-here", tester);
    return ask("GET", new URL(url).pathname);
  },
  "rate/limited": () =>
    withServer(async ({ url }) => {
      for (let index = 0; index < 120; index++) await fetch(`${url}/g/AAAA/notes.ipa`);
      return fromAnswer(await fetch(`${url}/i/${"A".repeat(32)}`));
    }),
  "mail/not-configured": () => run("tester", "invite", "notes", "--mail", "ana@example.com", "--send"),
  "upload/not-found": () =>
    ask("HEAD", "/api/v1/apps/notes/uploads/upl_none").catch(() => ask("DELETE", "/api/v1/apps/notes/uploads/upl_none")),
  "code/not-found": () => run("explain", "app/nothing"),
  "route/not-found": () => ask("GET", "/nothing/here"),
  "blob/missing": async () => {
    const { id } = (await (await call("POST", "/api/v1/apps/notes/releases", { version: "3.0.0" })).json()) as { id: string };
    return ask("POST", `/api/v1/apps/notes/releases/${id}/artifacts`, { artifacts: [{ name: "x", digest: `sha256:${"0".repeat(64)}` }] });
  },
  "app/exists": () => run("app", "create", "notes"),
  "release/conflict": async () => {
    const { id } = (await (await call("POST", "/api/v1/apps/notes/releases", { version: "1.0.0" })).json()) as { id: string };
    const digest = await upload(call, "notes", "other bytes", "a.bin");
    await call("POST", `/api/v1/apps/notes/releases/${id}/artifacts`, {
      artifacts: [{ name: "a.bin", digest, platform: "any", variant: "a.bin" }],
    });
    return run("release", "publish", id);
  },
  "release/published": () =>
    inFolder({ x: "late" }, async (folder) =>
      fromCommand(await dist(["release", "attach", "notes@1.0.0", join(folder, "x")], { server: server.url })),
    ),
  "release/draft": async () => {
    const { id } = (await (await call("POST", "/api/v1/apps/notes/releases", { version: "4.0.0" })).json()) as { id: string };
    return run("channel", "promote", "notes", "beta", id);
  },
  "release/withdrawn": async () => {
    await publishFiles(call, "notes", "5.0.0", { "a.bin": "five" });
    await dist(["release", "yank", "notes@5.0.0"], { server: server.url });
    return run("channel", "promote", "notes", "beta", "5.0.0");
  },
  "release/live": async () => {
    await call("POST", "/api/v1/apps/notes/channels/stable/promote", { release: "1.0.0" });
    return run("release", "yank", "notes@1.0.0");
  },
  "channel/sequence-mismatch": () => run("channel", "promote", "notes", "beta", "1.0.0", "--expect", "99"),
  "upload/checksum-mismatch": async () => {
    const begun = await call("POST", "/api/v1/apps/notes/uploads", undefined, uploadHeaders("checked"));
    return fromAnswer(
      await sendBytes(call, begun.headers.get("location") ?? "", "checked", 0, {
        "upload-checksum": `sha1 ${Buffer.alloc(20).toString("base64")}`,
      }),
    );
  },
  "upload/unsupported-version": () =>
    ask("POST", "/api/v1/apps/notes/uploads", undefined, { ...uploadHeaders("x"), "tus-resumable": "0.2.0" }),
  "upload/offset-mismatch": async () => {
    const begun = await call("POST", "/api/v1/apps/notes/uploads", undefined, uploadHeaders("offset"));
    return fromAnswer(await sendBytes(call, begun.headers.get("location") ?? "", "set", 3));
  },
  "upload/busy": async () => {
    const begun = await call("POST", "/api/v1/apps/notes/uploads", undefined, uploadHeaders("slow bytes"));
    const location = begun.headers.get("location") ?? "";
    let go = (): void => {};
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode("slow"));
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        controller.close();
      },
    });
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/offset+octet-stream", "upload-offset": "0" };
    const first = fetch(location, { method: "PATCH", headers, body });
    let shown: Shown | undefined;
    for (let attempt = 0; attempt < 100 && shown?.code !== "upload/busy"; attempt++) {
      await Bun.sleep(20);
      shown = await ask("DELETE", location).catch(() => undefined);
    }
    go();
    await first;
    return shown ?? { code: undefined, exit: undefined, hint: undefined };
  },
  "request/key-reused": async () => {
    await call("POST", "/api/v1/apps", { slug: "once", name: "Once" }, { "idempotency-key": "the-same-key" });
    return ask("POST", "/api/v1/apps", { slug: "twice", name: "Twice" }, { "idempotency-key": "the-same-key" });
  },
  "auth/required": async () => fromCommand(await dist(["app", "show", "notes"], { server: server.url, token: "" })),
  "auth/invalid": async () => fromCommand(await dist(["app", "show", "notes"], { server: server.url, token: "dist_ci_wrong" })),
  "auth/forbidden": async () => {
    const { secret } = (await dist(["token", "create", "--app", "notes", "--scope", "read", "--json"], { server: server.url })).json<{
      secret: string;
    }>();
    return fromCommand(await dist(["channel", "promote", "notes", "beta", "1.0.0"], { server: server.url, token: secret }));
  },
  "store/no-room": () => withFullDisk(),
  "store/quota-exceeded": async () => {
    await dist(["app", "create", "small"], { server: server.url });
    await dist(["app", "policy", "small", "--quota", "10"], { server: server.url });
    return publishIn({ "dist.json": sampleManifest("1.4.0", { app: "small" }) });
  },
  "upload/too-large": async () => {
    const begun = await call("POST", "/api/v1/apps/notes/uploads", undefined, uploadHeaders("short"));
    return fromAnswer(await sendBytes(call, begun.headers.get("location") ?? "", "much longer", 0));
  },
  "blob/digest-mismatch": async () => {
    const begun = await call("POST", "/api/v1/apps/notes/uploads", undefined, uploadHeaders("right", "x", digestOf("wrong")));
    return fromAnswer(await sendBytes(call, begun.headers.get("location") ?? "", "right", 0));
  },
  "artifact/broken": () => publishIn({ "dist.json": sampleManifest("1.4.0", { artifacts: [{ path: "a.apk" }] }), "a.apk": "not an apk" }),
  "artifact/contradiction": async () => {
    const { id } = (await (await call("POST", "/api/v1/apps/notes/releases", { version: "6.0.0" })).json()) as { id: string };
    const digest = await upload(call, "notes", "plain", "plain.bin");
    return ask("POST", `/api/v1/apps/notes/releases/${id}/artifacts`, { artifacts: [{ name: "plain.bin", digest, format: "apk" }] });
  },
  "audit/broken": () =>
    withServer(async (own) => {
      await dist(["app", "create", "notes"], { server: own.url });
      await dist(["audit", "list"], { server: own.url });
      const database = new Database(join(own.data, "distd.sqlite"));
      database.run(`update audit_events set body = replace(body, '"admin"', '"nobody"')`);
      database.close();
      return inFolder({}, async (folder) =>
        fromCommand(await dist(["audit", "verify"], { server: own.url, env: { DIST_CONFIG_HOME: folder } })),
      );
    }),
  ...signing,
  ...installing,
  ...runtime,
  "feed/mismatch": () =>
    withServer(async (own) => {
      const mine = caller(own.url);
      await mine("POST", "/api/v1/apps", { slug: "notes", name: "Notes" });
      await publishFiles(mine, "notes", "1.0.0", { "a.bin": "bytes" });
      await mine("POST", "/api/v1/apps/notes/channels/stable/promote", { release: "1.0.0" });
      const digest = digestOf("bytes");
      const blob = join(own.data, "blobs", "sha256", digest.slice(0, 2), digest);
      chmodSync(blob, 0o644);
      writeFileSync(blob, "other");
      return fromCommand(await dist(["feed", "verify", "notes@stable"], { server: own.url }));
    }),
  "store/damaged": () =>
    withServer(async (own) => {
      const mine = caller(own.url);
      await mine("POST", "/api/v1/apps", { slug: "notes", name: "Notes" });
      await publishFiles(mine, "notes", "1.0.0", { "a.bin": "bytes" });
      const digest = digestOf("bytes");
      rmSync(join(own.data, "blobs", "sha256", digest.slice(0, 2), digest));
      return runDistd(["check", "--data", own.data]);
    }),
  "release/quarantined": async () => {
    const { url } = await publishFiles(call, "notes", "8.0.0", { "a.bin": "eight" });
    await dist(["release", "yank", "notes@8.0.0", "--quarantine", "--reason", "malware"], { server: server.url });
    return ask("GET", url);
  },
  "gate/refused": async () => {
    await publishIn({ "dist.json": sampleManifest("1.5.0", { app: "gated" }) });
    return publishIn({ "dist.json": sampleManifest("1.4.0", { app: "gated" }) });
  },
  "network/unreachable": async () => fromCommand(await dist(["app", "list"], { server: "http://127.0.0.1:9" })),
  "server/unavailable": () => stubbed(503, { code: "server/unavailable", detail: "not yet", status: 503 }),
  "server/failed": () => stubbed(500, {}),
  "config/invalid": () => runDistd(["serve"]),
  "config/data-in-use": () => runDistd(["serve", "--data", server.data, "--port", "0"]),
  "config/schema-too-new": () =>
    withServer(async (own) => {
      const database = new Database(join(own.data, "distd.sqlite"));
      database.run("insert into migrations (name) values ('9999-later')");
      database.close();
      return runDistd(["check", "--data", own.data]);
    }),
  "system/failed": () =>
    inFolder({ file: "" }, async (folder) =>
      fromCommand(await dist(["login"], { server: server.url, env: { DIST_CONFIG_HOME: join(folder, "file", "below") } })),
    ),
  "internal/bug": () => stubbed(200, null),
  "run/interrupted": () =>
    withStub(
      () => new Promise<Response>(() => {}),
      async (url) => {
        const child = startDist(["app", "list"], { server: url });
        await Bun.sleep(400);
        child.kill("SIGINT");
        const [stdout, stderr, code] = await Promise.all([
          new Response(child.stdout).text(),
          new Response(child.stderr).text(),
          child.exited,
        ]);
        return fromCommand({ code, stdout, stderr, json: () => ({}) as never });
      },
    ),
};

/** A data folder on a disk of 24 MiB; needs root, so elsewhere the answer comes from a server that says so. */
async function withFullDisk(): Promise<Shown> {
  const folder = mkdtempSync(join(tmpdir(), "distd-full-"));
  const mounted =
    Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], { stdout: "ignore", stderr: "ignore" }).exitCode === 0;
  if (!mounted && process.env["CI"] === "true") throw new Error("a small disk cannot be mounted here");
  try {
    if (!mounted) return await stubbed(507, { code: "store/no-room", detail: "full", hint: "free some space", status: 507 });
    return await withServer(
      async (own) => {
        const big = "x".repeat(30 * 1024 * 1024);
        return inFolder(
          { "dist.json": JSON.stringify({ app: "big", version: "1.0.0", artifacts: [{ path: "big.bin" }] }), "big.bin": big },
          async (cwd) => fromCommand(await dist(["ci", "publish"], { server: own.url, cwd })),
        );
      },
      { data: folder },
    );
  } finally {
    if (mounted) Bun.spawnSync(["umount", "-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("every failure, provoked", () => {
  before(async () => {
    server = await startServer();
    call = caller(server.url);
    await call("POST", "/api/v1/apps", { slug: "notes", name: "Notes" });
    await publishFiles(call, "notes", "1.0.0", { "a.bin": "one" });
  });
  after(() => server.stop());

  it("has a provocation for every code in the table", () => {
    assert.deepEqual(Object.keys(PROVOCATIONS).toSorted(), Object.keys(ERROR_CODES).toSorted());
  });

  for (const [code, provoke] of Object.entries(PROVOCATIONS)) {
    const expected = ERROR_CODES[code as ErrorCode];
    it(`${code} ends with ${expected.exit} and says what to do`, async () => {
      const shown = await provoke();
      assert.deepEqual({ code: shown.code, exit: shown.exit }, { code, exit: expected.exit });
      assert.ok(typeof shown.hint === "string" && shown.hint.length > 5, `hint: ${String(shown.hint)}`);
    });
  }
});
