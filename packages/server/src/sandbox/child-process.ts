import { readFileSync } from "node:fs";
import { type ByteSource, DistError, fromProblem } from "@distd/core";
import type { Inspection } from "@distd/inspect";
import type { Trust, Verdict } from "@distd/inspect/verify";
import { CHILD_LIMITS, type ChildLimits, WATCH_MS } from "./limits.ts";
import type { FromChild, NamedSize, ToChild } from "./messages.ts";

/** Bytes nobody has vouched for, under the name their owner gave them. */
export interface NamedSource {
  readonly name: string;
  readonly source: ByteSource;
}

/** What is verified with more than an artifact's own bytes. */
export interface VerifyRequest {
  readonly artifact: NamedSource;
  /** As inspection found it. */
  readonly format: string;
  /** Files of the same release. */
  readonly beside: readonly NamedSource[];
  readonly trust: Trust;
}

/** One child and the artifact it reads, if any. */
export interface InspectChild {
  readonly isAlive: boolean;
  inspect(artifact: NamedSource): Promise<Inspection>;
  verify(request: VerifyRequest): Promise<Verdict>;
  end(): void;
}

/** The file the process began with is inside the binary when it was compiled, and a source file when it was not. */
function childCommand(): string[] {
  const isCompiled = Bun.main.startsWith("/$bunfs/") || /^[A-Z]:[\\/]~BUN/.test(Bun.main);
  const main = `${import.meta.dirname}/../main.ts`;
  return isCompiled
    ? [process.execPath, "inspect-child"]
    : [process.execPath, "--config=/dev/null", "--no-env-file", main, "inspect-child"];
}

interface Job {
  /** The artifact first. */
  readonly files: readonly NamedSource[];
  /** Reads under way: while there are any, the clock stands. */
  waiting: number;
  workedMs: number;
  resolve(found: Inspection | Verdict): void;
  reject(error: Error): void;
}

export async function startInspectChild(
  command: readonly string[] = childCommand(),
  limits: ChildLimits = CHILD_LIMITS,
): Promise<InspectChild> {
  const { maxResidentBytes, bytesPerMs } = limits;
  let job: Job | undefined;
  let isAlive = true;
  const started = Promise.withResolvers<void>();
  const child = Bun.spawn([...command], {
    // Nothing of ours: no token, no address.
    env: { PATH: process.env["PATH"] ?? "", TMPDIR: process.env["TMPDIR"] ?? "/tmp" },
    // Pipes nobody uses: "ignore" needs /dev/null, which a bare container may not have.
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    serialization: "advanced",
    ipc: (message: FromChild) => void receive(message),
  });
  void child.exited.then(() => {
    isAlive = false;
    started.reject(new DistError("server/failed", "the process that reads artifacts did not start"));
    refuse("reading it ended the process that tried");
  });

  const settle = (): Job | undefined => {
    const done = job;
    job = undefined;
    return done;
  };
  /** Whoever makes a reader fail like this is hostile or damaged; either way it is the artifact that is refused. */
  const refuse = (reason: string): void => {
    const refused = settle();
    refused?.reject(new DistError("artifact/broken", `'${refused.files[0]?.name ?? ""}': ${reason}`));
  };
  const receive = async (message: FromChild): Promise<void> => {
    switch (message.kind) {
      case "ready":
        return started.resolve();
      case "inspected":
        return settle()?.resolve(message.inspection);
      case "verified":
        return settle()?.resolve(message.verdict);
      case "refused":
        return settle()?.reject(fromProblem(message.problem, message.problem.status));
      case "read":
        return answer(message);
    }
  };
  const answer = async ({ read, file, offset, length }: Extract<FromChild, { kind: "read" }>): Promise<void> => {
    const asking = job;
    const source = asking?.files[file]?.source;
    if (!asking || !source) return;
    asking.waiting += 1;
    const reply: ToChild = await source.read(offset, length).then(
      (bytes) => ({ kind: "bytes", read, bytes }) as const,
      () => ({ kind: "failed", read }) as const,
    );
    asking.waiting -= 1;
    if (isAlive) child.send(reply);
  };
  const watch = (): void => {
    if (!job) return;
    const maxWorkMs = limits.maxWorkMs + Math.floor(bytesOf(job.files) / bytesPerMs);
    if (job.waiting === 0) job.workedMs += WATCH_MS;
    const tooLong = job.workedMs > maxWorkMs;
    const tooLarge = residentBytes(child.pid) > maxResidentBytes;
    if (!tooLong && !tooLarge) return;
    child.kill("SIGKILL");
    isAlive = false;
    refuse(
      tooLong
        ? `reading it takes more than ${maxWorkMs / 1000} s`
        : `reading it takes more than ${maxResidentBytes / 1024 ** 2} MiB of memory`,
    );
  };

  const ask = async <T extends Inspection | Verdict>(files: readonly NamedSource[], message: ToChild): Promise<T> => {
    const timer = setInterval(watch, WATCH_MS);
    try {
      return await new Promise<T>((resolve, reject) => {
        job = { files, waiting: 0, workedMs: 0, resolve: resolve as Job["resolve"], reject };
        child.send(message);
      });
    } finally {
      clearInterval(timer);
    }
  };

  await started.promise;
  return {
    get isAlive() {
      return isAlive;
    },
    inspect: (artifact) => ask([artifact], { kind: "inspect", files: sizes([artifact]) }),
    verify({ artifact, format, beside, trust }) {
      const files = [artifact, ...beside];
      return ask(files, { kind: "verify", files: sizes(files), format, trust });
    },
    end: () => child.kill("SIGKILL"),
  };
}

function sizes(files: readonly NamedSource[]): readonly NamedSize[] {
  return files.map(({ name, source }) => ({ name, size: source.size }));
}

function bytesOf(files: readonly NamedSource[]): number {
  return files.reduce((sum, { source }) => sum + source.size, 0);
}

/** 0 where the system does not say. */
function residentBytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
