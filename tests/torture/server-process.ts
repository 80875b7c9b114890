import { createServer } from "node:net";
import { type Child, commandPath, type Ended, runCommand, startChild } from "./child-process.ts";

export interface ServerSettings {
  readonly data: string;
  readonly port: number;
  readonly adminToken: string;
  readonly leaseSeconds: number;
  readonly gcSeconds: number;
  /** Takes the server's log of warnings and errors. */
  readonly log: string;
}

export interface Server {
  readonly child: Child;
  /** The address, or how it ended before it listened. */
  readonly listening: Promise<{ url: string } | { ended: Ended }>;
}

const START_MS = 20_000;
const CHECK_MS = 300_000;

export function startServer(settings: ServerSettings, env: Record<string, string> = {}): Server {
  const { data, port, gcSeconds, leaseSeconds, adminToken, log } = settings;
  const command = [
    commandPath("distd"),
    "serve",
    "--data",
    data,
    "--port",
    String(port),
    "--gc-every",
    String(gcSeconds),
    "--log-level",
    "warn",
  ];
  const child = startChild(command, {
    errors: log,
    env: { DISTD_ADMIN_TOKEN: adminToken, DISTD_LEASE_SECONDS: String(leaseSeconds), ...env },
  });
  return { child, listening: firstWord(child) };
}

async function firstWord(child: Child): Promise<{ url: string } | { ended: Ended }> {
  const late = setTimeout(() => void child.kill(), START_MS);
  try {
    for await (const line of child.lines) {
      const [, url] = /^distd listening on (http:\S+)$/.exec(line) ?? [];
      if (url !== undefined) return { url };
    }
    return { ended: await child.ended };
  } finally {
    clearTimeout(late);
  }
}

/** `distd check --read-data`: the problems it found, and files that no row names. */
export async function checkData({
  data,
  log,
}: Pick<ServerSettings, "data" | "log">): Promise<{ problems: string[]; blobs: number; strays: number }> {
  const command = [commandPath("distd"), "check", "--data", data, "--read-data", "--json"];
  const { code, signal, stdout } = await runCommand(command, { errors: log, killAfterMs: CHECK_MS });
  const result = parse(stdout.trim().split("\n").at(-1) ?? "");
  const problems =
    result.problems ??
    result.details?.problems ??
    (code === 0 ? [] : [`distd check ended with ${code ?? signal}: ${stdout.slice(0, 2000)}`]);
  if (code === 0 && result.blobs === undefined) problems.push(`distd check said nothing that can be read: ${stdout.slice(0, 200)}`);
  return { problems, blobs: result.blobs ?? 0, strays: result.strays?.length ?? 0 };
}

/** The result of a check, or the error it ended with. */
interface Said {
  readonly problems?: string[];
  readonly details?: { readonly problems?: string[] };
  readonly blobs?: number;
  readonly strays?: string[];
}

function parse(text: string): Said {
  try {
    return JSON.parse(text) as Said;
  } catch {
    return {};
  }
}

/** A port below those the system hands out by itself: it stays free between two lives of a server. */
export async function findPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
