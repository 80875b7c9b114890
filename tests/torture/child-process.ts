import { closeSync, openSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dir, "../..");

export function commandPath(name: "dist" | "distd"): string {
  return join(root, "node_modules/.bin", name);
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Child {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Lines of standard output, as they come. */
  readonly lines: AsyncIterable<string>;
  /** Like kill -9; resolves when the process is gone. */
  kill(): Promise<Ended>;
}

/** Every process this rig started and has not seen end. */
const running = new Set<Bun.Subprocess>();

/** Starts a process whose standard error goes to the end of a file. It inherits nothing but PATH. */
export function startChild(command: readonly string[], options: { env?: Record<string, string>; errors: string; cwd?: string }): Child {
  const errors = openSync(options.errors, "a");
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: errors,
    env: { PATH: process.env["PATH"] ?? "", ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  closeSync(errors);
  running.add(child);
  const ended = child.exited.then(() => {
    running.delete(child);
    return { code: child.exitCode, signal: child.signalCode === null ? null : String(child.signalCode) };
  });
  return {
    pid: child.pid,
    ended,
    lines: linesOf(child.stdout),
    kill() {
      child.kill("SIGKILL");
      return ended;
    },
  };
}

/** Runs a command to its end. */
export async function runCommand(
  command: readonly string[],
  options: { env?: Record<string, string>; errors: string; cwd?: string; killAfterMs?: number },
): Promise<Ended & { stdout: string }> {
  const child = startChild(command, options);
  const timer = options.killAfterMs === undefined ? undefined : setTimeout(() => void child.kill(), options.killAfterMs);
  let stdout = "";
  for await (const line of child.lines) stdout += `${line}\n`;
  const ended = await child.ended;
  clearTimeout(timer);
  return { ...ended, stdout };
}

/** Nothing we started outlives us. */
export function endAllChildren(): void {
  for (const child of running) child.kill("SIGKILL");
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
