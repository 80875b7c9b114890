import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const repository = join(import.meta.dirname, "..", "..");
export const DIST = join(repository, "node_modules", ".bin", "dist");
export const DISTD = join(repository, "node_modules", ".bin", "distd");
export const ADMIN_TOKEN = "an-administrator-token-for-tests-0123456789";

/** A real distd in a process of its own. */
export interface TestServer {
  readonly url: string;
  readonly data: string;
  readonly pid: number;
  /** Lines it has written to stderr. */
  log(): Promise<string>;
  /** Sends a signal and waits for the end; returns the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface ServerOptions {
  /** A folder to use and keep; a temporary one, removed at the end, when absent. */
  readonly data?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), "distd-data-"));
  const child = Bun.spawn([DISTD, "serve", "--data", data, "--port", "0", ...(options.flags ?? [])], {
    env: { PATH: process.env["PATH"] ?? "", HOME: data, DISTD_ADMIN_TOKEN: ADMIN_TOKEN, ...options.env },
    cwd: options.cwd ?? "/",
    stdout: "pipe",
    stderr: "pipe",
  });
  const stderr = new Response(child.stderr).text();
  const url = await firstLine(child.stdout).then((line) => /^distd listening on (http:\S+)$/.exec(line)?.[1]);
  if (url === undefined) {
    child.kill();
    throw new Error(`distd did not start: ${await stderr}`);
  }
  return {
    url,
    data,
    pid: child.pid,
    log: () => stderr,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      const code = await child.exited;
      if (options.data === undefined) rmSync(data, { recursive: true, force: true });
      return child.signalCode === null ? code : null;
    },
  };
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0] ?? "";
}

/** Runs a body against a server and stops it, whatever happens. */
export async function withServer<T>(body: (server: TestServer) => Promise<T>, options: ServerOptions = {}): Promise<T> {
  const server = await startServer(options);
  try {
    return await body(server);
  } finally {
    await server.stop();
  }
}
