import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ApiCaller, caller } from "../../support/api.ts";
import { dist, inFolder, type Ran } from "../../support/dist.ts";
import { withServer } from "../../support/server.ts";
import { type Home, inHome } from "../client.ts";
import { NAME } from "../packages.ts";
import { CHANNEL } from "../stage.ts";
import { makeTarball } from "./tarball.ts";

/** A distd behind TLS: gh speaks nothing else. */
export interface TlsStage {
  /** What gh calls the host. */
  readonly host: string;
  readonly url: string;
  /** What signs for the host, in PEM. */
  readonly certificate: string;
  readonly call: ApiCaller;
  publish(version: string, channel?: string): Promise<void>;
  dist(...args: readonly string[]): Promise<Ran>;
  readToken(app?: string): Promise<string>;
}

export const OPENSSL = Bun.which("openssl");

export async function onTlsStage(
  body: (stage: TlsStage, home: Home) => Promise<void>,
  access: "public" | "members" = "public",
): Promise<void> {
  await inHome(async (home) => {
    const [key, certificate] = [join(home.folder, "key.pem"), join(home.folder, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const form = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    await home.run([OPENSSL ?? "openssl", "req", "-x509", ...form, ...subject, "-keyout", key, "-out", certificate]);
    let target = "";
    const front = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { key: readFileSync(key), cert: readFileSync(certificate) },
      async fetch(request) {
        const { pathname, search } = new URL(request.url);
        const hasBody = request.method !== "GET" && request.method !== "HEAD";
        const { method, headers } = request;
        const answer = await fetch(target + pathname + search, {
          method,
          headers,
          redirect: "manual",
          decompress: false,
          ...(hasBody && { body: await request.arrayBuffer() }),
        });
        return new Response(answer.body, { status: answer.status, headers: answer.headers });
      },
    });
    const host = `localhost:${front.port}`;
    const url = `https://${host}`;
    try {
      const run = async (server: string): Promise<void> => {
        target = server;
        await body(openStage({ server, host, url, certificate, access }), home);
      };
      await withServer(({ url: server }) => run(server), { flags: ["--public-url", url] });
    } finally {
      await front.stop(true);
    }
  });
}

interface Place extends Pick<TlsStage, "host" | "url" | "certificate"> {
  readonly server: string;
  readonly access: "public" | "members";
}

function openStage({ server, access, ...place }: Place): TlsStage {
  const must = async (...args: readonly string[]): Promise<Ran> => {
    const ran = await dist(args, { server });
    assert.equal(ran.code, 0, `dist ${args.join(" ")}: ${ran.stderr}`);
    return ran;
  };
  return {
    ...place,
    call: caller(server),
    dist: must,
    async publish(version, channel = CHANNEL) {
      const packages = [makeTarball({ version }), makeTarball({ version }, "linux_arm64")];
      const artifacts = packages.map(({ file }) => ({ path: file, platform: "linux", arch: file.includes("arm64") ? "arm64" : "x64" }));
      const manifest = JSON.stringify({ app: NAME, name: NAME, access, version, channel, artifacts });
      const files = Object.fromEntries(packages.map(({ file, bytes }) => [file, bytes] as const));
      await inFolder({ ...files, "dist.json": manifest }, async (cwd) => {
        const ran = await dist(["ci", "publish", "--json"], { server, cwd });
        assert.equal(ran.code, 0, ran.stderr);
      });
    },
    async readToken(app = NAME) {
      const ran = await must("token", "create", "--app", app, "--scope", "read", "--expires", "1h", "--json");
      return ran.json<{ secret: string }>().secret;
    },
  };
}
