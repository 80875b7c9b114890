import { setTimeout as delay } from "node:timers/promises";

/** A command in a terminal of its own, made by `script`: what is typed and what is shown. */
export interface Terminal {
  /** What was shown so far, escape sequences and all. */
  shown(): string;
  type(text: string): void;
  /** Waits until the screen shows it; throws with the screen when it does not within 20 s. */
  waitFor(pattern: RegExp): Promise<void>;
  /** The exit code, once the command ended. */
  readonly exited: Promise<number>;
}

const MAX_WAIT_MS = 20_000;

export async function inTerminal(
  command: string,
  env: Readonly<Record<string, string>>,
  body: (terminal: Terminal) => Promise<void>,
): Promise<void> {
  const child = Bun.spawn(["script", "--quiet", "--return", "--flush", "--command", command, "/dev/null"], {
    env: { PATH: process.env["PATH"] ?? "", TERM: "xterm", HOME: "/nonexistent", ...env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  let shown = "";
  const read = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) shown += text;
  })();
  try {
    await body({
      shown: () => shown,
      type(text) {
        void child.stdin.write(text);
        void child.stdin.flush();
      },
      async waitFor(pattern) {
        for (const end = Date.now() + MAX_WAIT_MS; !pattern.test(shown); await delay(20)) {
          if (Date.now() > end) throw new Error(`${pattern} was not shown, but:\n${shown}`);
        }
      },
      exited: child.exited,
    });
  } finally {
    child.kill();
    await child.exited;
    await read;
  }
}
