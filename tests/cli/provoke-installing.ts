// How installing on a machine fails, through the real command.
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorCode } from "@distd/core";
import { CHANNEL_DOCUMENT_TYPE, type ChannelDocument, sealEnvelope } from "@distd/core/wire";
import { dist, inFolder, type Ran } from "../support/dist.ts";
import { withStub } from "../support/stub-server.ts";

const NOW = Date.now();
const DAY_MS = 86_400_000;
const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

interface Hub {
  readonly url: string;
  /** `dist` in a folder of its own. */
  run(...args: readonly string[]): Promise<Ran>;
  readonly prefix: string;
}

/** A server with one signed document: a program for every machine, of so many bytes. */
function withHub(
  file: { readonly format: string; readonly bytes: number; readonly expires?: number },
  body: (hub: Hub) => Promise<Ran>,
): Promise<Ran> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { format, bytes, expires = NOW + DAY_MS } = file;
  return withStub(
    (request) => {
      const { pathname, origin } = new URL(request.url);
      if (pathname === "/api/v1/instance") return Response.json({ publicKey: publicKey.export({ format: "pem", type: "spki" }) });
      const custom = {
        release: "rel_1",
        platform: "any",
        arch: "any",
        variant: "",
        format,
        role: "install",
        url: `${origin}/d/file`,
      } as const;
      const document: ChannelDocument = {
        _type: "channel",
        spec_version: "1.0",
        app: "lantern",
        channel: "stable",
        sequence: 1,
        issued: iso(NOW),
        expires: iso(expires),
        heads: { "any/any": { release: "rel_1", version: "1.0.0", build: "", revision: 1 } },
        targets: { "lantern/artifacts/art_1/file": { length: bytes, hashes: { sha256: "0".repeat(64) }, custom } },
        links: [],
      };
      return Response.json(sealEnvelope(CHANNEL_DOCUMENT_TYPE, JSON.stringify(document), privateKey));
    },
    (url) =>
      inFolder({}, (prefix) => {
        const run = (...args: readonly string[]): Promise<Ran> => dist([...args, "--prefix", prefix], { server: url, token: "" });
        return body({ url, prefix, run });
      }),
  );
}

export const INSTALLING_PROVOCATIONS = {
  "channel/not-believed": () => withHub({ format: "tarball", bytes: 1, expires: NOW - DAY_MS }, ({ run }) => run("install", "lantern")),
  "install/no-room": () => withHub({ format: "tarball", bytes: Number.MAX_SAFE_INTEGER }, ({ run }) => run("install", "lantern")),
  "install/by-hand": () => withHub({ format: "msi", bytes: 1 }, ({ run }) => run("install", "lantern")),
  "install/not-found": () => withHub({ format: "tarball", bytes: 1 }, ({ run }) => run("uninstall", "lantern")),
  "install/busy": () =>
    withHub({ format: "tarball", bytes: 1 }, ({ run, prefix }) => {
      mkdirSync(join(prefix, "share/dist"), { recursive: true });
      writeFileSync(join(prefix, "share/dist/lock"), String(process.pid));
      return run("install", "lantern", "--wait", "1s");
    }),
  "install/nothing-before": () =>
    withHub({ format: "tarball", bytes: 1 }, ({ run, prefix, url }) => {
      const app = { hub: url, channel: "stable", versions: [], previous: null, links: [] };
      mkdirSync(join(prefix, "share/dist"), { recursive: true });
      writeFileSync(join(prefix, "share/dist/registry.json"), JSON.stringify({ version: 1, apps: { lantern: app } }));
      return run("rollback", "lantern");
    }),
} satisfies Partial<Record<ErrorCode, () => Promise<Ran>>>;
