import assert from "node:assert/strict";
import type { PublishDocument } from "@distd/core/wire";
import { type ApiCaller, caller } from "../support/api.ts";
import { dist, inFolder, type Ran } from "../support/dist.ts";
import { DISTD, type TestServer, withServer } from "../support/server.ts";
import { type MadePackage, makeDeb, makeNpm, makeSdist, makeWheel, NAME } from "./packages.ts";
import { type Proxy, startProxy } from "./proxy.ts";

export const CHANNEL = "stable";

/** An app with releases on a distd of its own, behind a proxy that clients talk to. */
export interface Stage {
  readonly url: string;
  readonly proxy: Proxy;
  readonly app: string;
  /** Of the repository that has the app: the feed's part of the address comes before it. */
  readonly repository: string;
  /** As the administrator. */
  readonly call: ApiCaller;
  /** Publishes packages of a version in all ecosystems, and promotes them. */
  publish(version: string, change?: PublishChange): Promise<void>;
  promote(version: string, channel?: string): Promise<void>;
  rollback(channel?: string): Promise<void>;
  yank(version: string, replacement: string, reason: string): Promise<void>;
  /** Version, status and revision of each, as lists have them. */
  releases(): Promise<readonly string[]>;
  /** A token for one app that may do one thing. */
  token(scope: "read" | "publish", app?: string): Promise<string>;
  readToken(app?: string): Promise<string>;
  dist(...args: readonly string[]): Promise<Ran>;
  /** A command at the server's shell, on its data, while it runs; what it prints. */
  distd(...args: readonly string[]): Promise<string>;
}

export interface PublishChange {
  readonly app?: string;
  readonly packages?: readonly MadePackage[];
  /** Null: to none. */
  readonly channel?: string | null;
}

interface ListedRelease {
  readonly id: string;
  readonly version: string;
  readonly status: string;
  readonly revision: number;
}

export interface StageOptions {
  readonly access?: "public" | "members";
}

export function allPackages(version: string): readonly MadePackage[] {
  return [makeDeb({ version }), makeWheel({ version }), makeSdist({ version }), makeNpm({ version })];
}

export async function onStage<T>(body: (stage: Stage) => Promise<T>, { access = "public" }: StageOptions = {}): Promise<T> {
  const proxy = startProxy();
  try {
    return await withServer(
      async (server) => {
        proxy.target = server.url;
        return await body(openStage(server, proxy, access));
      },
      { flags: ["--public-url", proxy.url] },
    );
  } finally {
    await proxy.stop();
  }
}

function openStage({ url: server, data }: TestServer, proxy: Proxy, access: "public" | "members"): Stage {
  const must = async (...args: readonly string[]): Promise<Ran> => {
    const ran = await dist(args, { server });
    assert.equal(ran.code, 0, `dist ${args.join(" ")}: ${ran.stderr}`);
    return ran;
  };
  const releases = async (): Promise<readonly ListedRelease[]> =>
    (await must("release", "list", NAME, "--json")).json<{ releases: ListedRelease[] }>().releases;
  const token = async (scope: string, app: string): Promise<string> => {
    const ran = await must("token", "create", "--app", app, "--scope", scope, "--expires", "1h", "--json");
    return ran.json<{ secret: string }>().secret;
  };
  return {
    url: proxy.url,
    proxy,
    app: NAME,
    repository: access === "public" ? "main" : NAME,
    call: caller(server),
    dist: must,
    async distd(...args) {
      const child = Bun.spawn([DISTD, ...args, "--data", data], { stdout: "pipe", stderr: "pipe" });
      const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
      assert.equal(await child.exited, 0, `distd ${args.join(" ")}: ${stderr}`);
      return stdout;
    },
    async publish(version, { app = NAME, packages = allPackages(version), channel = CHANNEL } = {}) {
      const artifacts = packages.map(({ file }) => ({ path: file }));
      const manifest = JSON.stringify({ app, name: app, access, version, ...(channel !== null && { channel }), artifacts });
      const files = Object.fromEntries(packages.map(({ file, bytes }) => [file, bytes] as const));
      await inFolder({ ...files, "dist.json": manifest }, async (cwd) => {
        const ran = await dist(["ci", "publish", "--json"], { server, cwd });
        assert.equal(ran.code, 0, ran.stderr);
        assert.equal(ran.json<PublishDocument>().release.status, "published");
      });
    },
    async promote(version, channel = CHANNEL) {
      await must("channel", "promote", NAME, channel, version);
    },
    async rollback(channel = CHANNEL) {
      await must("channel", "rollback", NAME, channel);
    },
    async yank(version, replacement, reason) {
      const id = (await releases()).find((release) => release.version === version)?.id ?? "";
      await must("release", "yank", id, "--replacement", replacement, "--reason", reason);
    },
    releases: async () => (await releases()).map(({ version, status, revision }) => `${version} ${status} ${revision}`),
    token: (scope, app = NAME) => token(scope, app),
    readToken: (app = NAME) => token("read", app),
  };
}
