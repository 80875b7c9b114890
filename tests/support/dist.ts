import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMIN_TOKEN, DIST } from "./server.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The one document on stdout. */
  json<T = Record<string, unknown>>(): T;
}

export interface DistOptions {
  readonly server?: string;
  readonly token?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the real command in a process of its own, with a home of its own. */
export async function dist(args: readonly string[], options: DistOptions = {}): Promise<Ran> {
  const child = startDist(args, options);
  const [stdout, stderr, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { code, stdout, stderr, json: <T>() => JSON.parse(stdout) as T };
}

export function startDist(args: readonly string[], { server, token = ADMIN_TOKEN, cwd = "/", env = {} }: DistOptions) {
  return Bun.spawn([DIST, ...args], {
    cwd,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: "/nonexistent",
      ...(server && { DIST_SERVER: server }),
      ...(token && { DIST_TOKEN: token }),
      ...env,
    },
    stdout: "pipe",
    stderr: "pipe",
    stdin: "ignore",
  });
}

/** A folder with files, removed afterwards. */
export async function inFolder<T>(files: Readonly<Record<string, string | Uint8Array>>, body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "dist-cwd-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const SAMPLES = join(import.meta.dirname, "..", "..", "examples", "quickstart", "builds");

/** A manifest of the sample app. */
export function sampleManifest(version: "1.4.0" | "1.5.0", change: Readonly<Record<string, unknown>> = {}): string {
  const build = version === "1.4.0" ? "412" : "430";
  const artifacts = [
    { path: join(SAMPLES, version, "notes.apk") },
    { path: join(SAMPLES, version, "Notes.ipa"), install: { mode: "artifact-only" } },
  ];
  return JSON.stringify({ app: "acme-notes", name: "Acme Notes", version, build, channel: "beta", artifacts, ...change });
}
