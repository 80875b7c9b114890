import { mkdirSync } from "node:fs";
import { join } from "node:path";

export const ADMIN_TOKEN = "an-administrator-token-for-benchmarks-0123456789";
const root = join(import.meta.dirname, "..");
export const BINARY = { dist: join(root, "build/bin/dist-linux-x64"), distd: join(root, "build/bin/distd-linux-x64") };
export const LAUNCHER = { dist: join(root, "node_modules/.bin/dist"), distd: join(root, "node_modules/.bin/distd") };

export interface DistdProcess {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the start of the process to its first line. */
  readonly startMs: number;
  stop(): Promise<void>;
}

export async function startDistd(data: string, command: string = BINARY.distd): Promise<DistdProcess> {
  mkdirSync(data, { recursive: true });
  const started = performance.now();
  const child = Bun.spawn([command, "serve", "--data", data, "--port", "0", "--log-level", "warn"], {
    env: { PATH: process.env["PATH"] ?? "", DISTD_ADMIN_TOKEN: ADMIN_TOKEN },
    stdout: "pipe",
    stderr: "inherit",
    cwd: "/",
  });
  const { value } = await child.stdout.getReader().read();
  const url = /^distd listening on (\S+)/.exec(new TextDecoder().decode(value))?.[1];
  if (url === undefined) throw new Error("distd did not start");
  return {
    url,
    pid: child.pid,
    startMs: performance.now() - started,
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

export const distEnv = (url: string): Record<string, string> => ({
  DIST_SERVER: url,
  DIST_TOKEN: ADMIN_TOKEN,
  DIST_CONFIG_HOME: "/nonexistent",
});

export async function api<T>(url: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return (await response.json()) as T;
}
