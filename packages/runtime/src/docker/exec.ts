import { type Duplex, Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { DistError } from "@distd/core";
import type { ExecProcess, ExecSpec, TerminalSize } from "../exec.ts";
import type { OutputChunk } from "../logs.ts";
import { inspectContainer } from "./containers.ts";
import { type EngineClient, interrupted } from "./engine-client.ts";
import { endGroup, SHELL, withPid } from "./exec-shell.ts";
import { createOutputStream, type OutputStream } from "./output-stream.ts";
import { readChunks } from "./read-chunks.ts";
import { unlessGone } from "./unless-gone.ts";

/** A container that is stopped or paused is a conflict to the Engine. */
const REFUSALS = { 404: "runtime/container-not-found", 409: "runtime/exec-failed" } as const;
/** How the Engine and Podman, on the output of a command that could not be started, begin to say why; and the exit codes they give it. */
const REFUSAL = /^(?:OCI runtime exec failed|Error: (?:runc|crun|OCI runtime))/;
const REFUSAL_CODES: readonly (number | null)[] = [126, 127];
const RESIZE_ATTEMPTS = 20;
const FIRST_WAIT_MS = 5;
const MAX_WAIT_MS = 500;
/** Ctrl-D. */
const END_OF_TRANSMISSION = "\x04";
/** Podman says two things. */
const MAX_REFUSAL_CHUNKS = 4;

interface ExecState {
  readonly Running: boolean;
  readonly ExitCode: number | null;
  /** 0: never started. */
  readonly Pid: number;
}

export async function execContainer(client: EngineClient, container: string, spec: ExecSpec): Promise<ExecProcess> {
  const { signal } = spec;
  if (signal?.aborted === true) throw interrupted(signal);
  const path = await createExec(client, container, spec, signal === undefined ? spec.command : withPid(spec.command));
  const { socket, head } = await client.upgrade({
    method: "POST",
    path: `${path}/start`,
    body: { Detach: false, Tty: spec.tty !== undefined },
    refusals: REFUSALS,
  });
  const inspect = (): Promise<ExecState> => client.json<ExecState>({ method: "GET", path: `${path}/json`, refusals: REFUSALS });
  const resize = async (size: TerminalSize): Promise<void> => {
    if (spec.tty === undefined) throw new DistError("runtime/unsupported-option", "a process without a terminal cannot be resized");
    await resizeExec(client, path, size, inspect);
  };
  try {
    const chunks = readChunks(socket, head, spec.tty === undefined, client);
    const started = signal === undefined ? { chunks, pid: undefined } : await readPid(chunks, spec, inspect);
    // What goes wrong with it goes wrong with the rest, and `exit` tells.
    if (typeof spec.tty === "object") resizeExec(client, path, spec.tty, inspect).catch(() => {});
    const end = started.pid === undefined ? undefined : () => endProcess(client, container, spec, started.pid ?? 0);
    return attach({ socket, chunks: started.chunks, inspect, resize, isTerminal: spec.tty !== undefined, signal, end });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function createExec(client: EngineClient, container: string, spec: ExecSpec, command: readonly string[]): Promise<string> {
  const { Id } = await client.json<{ Id: string }>({
    method: "POST",
    path: `/containers/${encodeURIComponent(container)}/exec`,
    body: {
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: spec.tty !== undefined,
      // From API 1.42 on; before, the process has no size for a moment.
      ConsoleSize: typeof spec.tty === "object" ? [spec.tty.rows, spec.tty.columns] : undefined,
      Cmd: command,
      Env: Object.entries(spec.environment ?? {}).map(([name, value]) => `${name}=${value}`),
      WorkingDir: spec.workingDirectory ?? "",
      User: spec.user ?? "",
      Privileged: spec.privileged ?? false,
    },
    refusals: REFUSALS,
  });
  return `/exec/${Id}`;
}

/** A terminal may not be there yet right after the start, and is not any longer after the end. */
async function resizeExec(
  client: EngineClient,
  path: string,
  { columns, rows }: TerminalSize,
  inspect: () => Promise<ExecState>,
): Promise<void> {
  for (let attempt = 0; attempt < RESIZE_ATTEMPTS; attempt++) {
    try {
      return await client.json({ method: "POST", path: `${path}/resize`, query: { w: String(columns), h: String(rows) } });
    } catch (error) {
      if ((await inspect()).Running) throw error;
    }
    await setTimeout(FIRST_WAIT_MS);
  }
}

/** Ends the process from a second exec, as the user of the first, who may signal it. A container that has ended took the process with it. */
async function endProcess(client: EngineClient, container: string, { user }: ExecSpec, pid: number): Promise<void> {
  try {
    const ender = await execContainer(client, container, {
      command: endGroup(pid),
      ...(user === undefined ? {} : { user }),
    });
    ender.stdin.end();
    ender.stdout.resume();
    ender.stderr.resume();
    await ender.exit;
  } catch (error) {
    const state = await unlessGone(inspectContainer(client, container));
    if (state?.status === "running" || state?.status === "paused") throw error;
  }
}

/** The pid that the shell says first, and what comes after it. Output of the command may overtake it. */
async function readPid(
  chunks: AsyncGenerator<OutputChunk>,
  spec: ExecSpec,
  inspect: () => Promise<ExecState>,
): Promise<{ readonly pid: number; readonly chunks: AsyncGenerator<OutputChunk> }> {
  const early: OutputChunk[] = [];
  const said = spec.tty === undefined ? "stderr" : "stdout";
  let line = Buffer.alloc(0);
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    if (next.value.stream !== said) {
      early.push(next.value);
      continue;
    }
    line = Buffer.concat([line, next.value.bytes]);
    const end = line.indexOf("\n");
    if (end === -1) continue;
    const pid = Number(line.subarray(0, end).toString());
    if (!(pid > 0)) break;
    if (end + 1 < line.length) early.push({ stream: said, bytes: line.subarray(end + 1) });
    return { pid, chunks: chain(early, chunks) };
  }
  throw await startError(spec, textOf([...early, { stream: said, bytes: line }]), inspect);
}

async function startError({ command }: ExecSpec, said: string, inspect: () => Promise<ExecState>): Promise<DistError> {
  const isWithoutShell = said.includes(`"${SHELL}"`) || said.includes(`\`${SHELL}\``);
  if (isWithoutShell && (await inspect()).Pid === 0) {
    return new DistError("runtime/unsupported-option", `a signal cannot end '${command[0]}' here: the container has no ${SHELL}`, {
      hint: "leave the signal out, or use an image with a shell",
    });
  }
  return new DistError("runtime/exec-failed", said === "missing" ? `there is no command '${command[0]}' in the container` : said);
}

function textOf(chunks: readonly OutputChunk[]): string {
  return Buffer.concat(chunks.map(({ bytes }) => bytes))
    .toString()
    .trim();
}

async function* chain(first: readonly OutputChunk[], rest: AsyncGenerator<OutputChunk>): AsyncGenerator<OutputChunk> {
  yield* first;
  yield* rest;
}

interface Attached {
  readonly socket: Duplex;
  readonly chunks: AsyncGenerator<OutputChunk>;
  readonly inspect: () => Promise<ExecState>;
  readonly resize: (size: TerminalSize) => Promise<void>;
  readonly isTerminal: boolean;
  readonly signal: AbortSignal | undefined;
  readonly end: (() => Promise<void>) | undefined;
}

function attach({ socket, chunks, inspect, resize, isTerminal, signal, end }: Attached): ExecProcess {
  const outputs = { stdout: createOutputStream(), stderr: createOutputStream() };
  const streams = Object.values(outputs);
  socket.on("error", () => streams.forEach((output) => output.release()));

  const run = async (): Promise<number | null> => {
    let held: readonly OutputChunk[] = [];
    let broken: unknown;
    try {
      held = await deliver(chunks, outputs);
    } catch (error) {
      broken = error;
    }
    const { ExitCode, Pid } = await untilEnded(inspect, broken);
    if (held.length > 0 && Pid === 0 && REFUSAL_CODES.includes(ExitCode)) throw new DistError("runtime/exec-failed", textOf(held));
    for (const { stream, bytes } of held) await outputs[stream].put(bytes);
    return ExitCode;
  };

  let ending: Promise<void> | undefined;
  const abort = (): void => {
    // First nobody waits for the output any longer: the Engine starts nothing else in the container while it has some to hand over.
    socket.destroy(interrupted(signal));
    for (const { stream } of streams) stream.destroy(interrupted(signal));
    ending ??= end?.();
    // Told by `exit`.
    ending?.catch(() => {});
  };
  const finish = async (): Promise<number | null> => {
    try {
      const code = await run();
      for (const output of streams) output.end();
      return code;
    } catch (error) {
      await ending;
      const isRefusal = error instanceof DistError && error.code === "runtime/exec-failed";
      for (const { end: endStream, stream } of streams) {
        if (isRefusal) endStream();
        else stream.destroy(error as Error);
      }
      throw ending === undefined ? error : interrupted(signal);
    } finally {
      signal?.removeEventListener("abort", abort);
      socket.destroy();
    }
  };
  signal?.addEventListener("abort", abort);
  if (signal?.aborted === true) abort();
  const exit = finish();
  // Who does not ask for the end is not told of it.
  exit.catch(() => {});
  return { stdin: sendTo(socket, isTerminal), stdout: outputs.stdout.stream, stderr: outputs.stderr.stream, exit, resize };
}

/** The state after the end. A process may close its output and go on; a connection may break because the process ended and took no input. */
async function untilEnded(inspect: () => Promise<ExecState>, broken: unknown): Promise<ExecState> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, MAX_WAIT_MS)) {
    const state = await inspect();
    if (!state.Running) return state;
    if (broken !== undefined) throw broken;
    await setTimeout(waitMs);
  }
}

/** Hands output on as it is taken. What begins as a refusal of the Engine is kept back and returned when it was all there was. */
async function deliver(
  chunks: AsyncGenerator<OutputChunk>,
  outputs: Readonly<Record<OutputChunk["stream"], OutputStream>>,
): Promise<readonly OutputChunk[]> {
  let held: OutputChunk[] | undefined;
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst && REFUSAL.test(Buffer.from(chunk.bytes.subarray(0, 40)).toString("latin1"))) held = [];
    isFirst = false;
    held?.push(chunk);
    if (held === undefined) await outputs[chunk.stream].put(chunk.bytes);
    else if (held.length > MAX_REFUSAL_CHUNKS) {
      for (const { stream, bytes } of held) await outputs[stream].put(bytes);
      held = undefined;
    }
  }
  return held ?? [];
}

function sendTo(socket: Duplex, isTerminal: boolean): Writable {
  return new Writable({
    write(bytes, _, done) {
      if (socket.writable) socket.write(bytes, () => done());
      else done();
    },
    final(done) {
      if (!socket.writable) done();
      // A terminal stays open: half a connection closed would end it for the Engine. The end is what a person types.
      else if (isTerminal) socket.write(END_OF_TRANSMISSION, () => done());
      else socket.end(() => done());
    },
    destroy(error, done) {
      if (!isTerminal && socket.writable) socket.end();
      done(error);
    },
  });
}
