import assert from "node:assert/strict";
import { type ApiCaller, caller } from "../../support/api.ts";
import { dist, inFolder, type Ran } from "../../support/dist.ts";
import type { Home } from "../client.ts";
import { NAME } from "../packages.ts";
import { CHANNEL } from "../stage.ts";
import { behindTls, type TlsFront } from "../tls-front.ts";
import { makeTarball } from "./tarball.ts";

/** An app with releases on a distd behind TLS: gh speaks nothing else. */
export interface TlsStage extends Pick<TlsFront, "host" | "url" | "certificate"> {
  readonly call: ApiCaller;
  publish(version: string, channel?: string): Promise<void>;
  dist(...args: readonly string[]): Promise<Ran>;
  readToken(app?: string): Promise<string>;
}

export function onTlsStage(body: (stage: TlsStage, home: Home) => Promise<void>, access: "public" | "members" = "public"): Promise<void> {
  return behindTls((front, home) => body(openStage(front, access), home));
}

function openStage({ server, host, url, certificate }: TlsFront, access: "public" | "members"): TlsStage {
  const must = async (...args: readonly string[]): Promise<Ran> => {
    const ran = await dist(args, { server });
    assert.equal(ran.code, 0, `dist ${args.join(" ")}: ${ran.stderr}`);
    return ran;
  };
  return {
    host,
    url,
    certificate,
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
