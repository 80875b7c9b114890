import { text } from "node:stream/consumers";
import type { ContainerSpec } from "../container.ts";
import type { ContainerRuntime } from "../container-runtime.ts";
import type { ExecProcess, ExecSpec } from "../exec.ts";
import type { OutputChunk } from "../logs.ts";
import type { World } from "./backend.ts";

/** On every container of the cases: what is left over has it. */
export const LABEL = "distd.conformance";
const FOREVER = ["sleep", "100000"];

/** A container that is removed with the body, started unless `isStarted` is false. */
export async function inContainer<T>(
  runtime: ContainerRuntime,
  world: Pick<World, "image" | "spec">,
  body: (id: string) => Promise<T>,
  { isStarted = true, ...spec }: Partial<ContainerSpec> & { readonly isStarted?: boolean } = {},
): Promise<T> {
  const id = await runtime.runContainer({
    image: world.image,
    command: FOREVER,
    ...world.spec,
    ...spec,
    labels: { [LABEL]: "1", ...spec.labels },
  });
  try {
    if (isStarted) await runtime.startContainer(id);
    return await body(id);
  } finally {
    await runtime.removeContainer(id, { force: true, volumes: true });
  }
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** Starts a command, gives it the input, and reads it to its end. */
export async function run(runtime: ContainerRuntime, container: string, spec: ExecSpec, input = ""): Promise<Ran> {
  const started = await runtime.execContainer(container, spec);
  started.stdin.end(input);
  return finish(started);
}

export async function finish({ stdout, stderr, exit }: ExecProcess): Promise<Ran> {
  const [out, error, code] = await Promise.all([text(stdout), text(stderr), exit]);
  return { stdout: out, stderr: error, code };
}

/** Whether a process of the container has this in its command line. Those that ended and were not waited for have none. */
export async function isRunning(runtime: ContainerRuntime, container: string, words: string): Promise<boolean> {
  const { stdout } = await run(runtime, container, { command: ["ps", "-o", "args"] });
  return stdout.split("\n").some((line) => line.includes(words));
}

export async function readAll(chunks: AsyncIterable<OutputChunk>): Promise<Record<OutputChunk["stream"], Buffer>> {
  const parts: Record<OutputChunk["stream"], Uint8Array[]> = { stdout: [], stderr: [] };
  for await (const { stream, bytes } of chunks) parts[stream].push(bytes);
  return { stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr) };
}

/** All that a container wrote, once it has ended. Who follows may miss the last of it: see docs/runtimes.md. */
export async function readEnded(runtime: ContainerRuntime, container: string): Promise<Record<OutputChunk["stream"], Buffer>> {
  await until(async () => (await runtime.inspectContainer(container)).status === "exited");
  return readAll(runtime.containerLogs(container));
}

export async function until(isSo: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !(await isSo()); ) {
    if (Date.now() > end) throw new Error(`not so after ${timeoutMs} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
