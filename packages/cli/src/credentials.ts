import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { DistError } from "@distd/core";

type Env = Readonly<Record<string, string | undefined>>;

/** What `dist login` stores: tokens by server, and the server used last. */
export interface Credentials {
  readonly server?: string;
  readonly tokens: Readonly<Record<string, string>>;
}

/** The folder for what dist keeps between runs: credentials, and audit checkpoints it has seen. */
export function configFolder(env: Env): string {
  return env["DIST_CONFIG_HOME"] ?? join(env["XDG_CONFIG_HOME"] ?? join(env["HOME"] ?? homedir(), ".config"), "dist");
}

export function readCredentials(env: Env): Credentials {
  const path = join(configFolder(env), "credentials.json");
  if (!existsSync(path)) return { tokens: {} };
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Credentials;
  } catch (cause) {
    throw new DistError("usage/invalid", `${path} is damaged`, { cause, hint: "remove it and run 'dist login'" });
  }
}

/** Readable by the owner only; never half-written. */
export function writePrivateFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
}

export interface Connection {
  readonly server: string;
  readonly token: string | undefined;
}

/** Flags, then the environment, then what `dist login` stored. */
export function findConnection(flags: { server?: string | undefined; token?: string | undefined }, env: Env): Connection {
  const stored = readCredentials(env);
  const server = flags.server ?? (env["DIST_SERVER"] || undefined) ?? stored.server;
  if (server === undefined) throw new DistError("usage/invalid", "there is no server", { hint: "set DIST_SERVER, or run 'dist login'" });
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol))
    throw new DistError("usage/invalid", `'${server}' is not an http or https address`, {
      hint: "set DIST_SERVER to an address such as https://dist.example.com",
    });
  // Secrets kept in files and CI settings often end with a line break.
  return { server, token: flags.token?.trim() ?? (env["DIST_TOKEN"]?.trim() || undefined) ?? stored.tokens[new URL(server).origin] };
}
