import { join } from "node:path";
import { type ContainerRuntime, openDockerRuntime } from "@distd/runtime";
import { inContainer } from "@distd/runtime/conformance";
import { IMAGE, importImages, missingBusybox } from "../tests/runtimes/busybox-images.ts";
import { startDaemon } from "../tests/real-clients/docker/daemon.ts";
import { missingForContainers } from "../tests/real-clients/docker/engine.ts";
import { alternate, type Measurement, seconds } from "./measurement.ts";

const EXECS = 10;
const MAX_MEGABYTES = 100;

/** An exec from call to exit, by the library in a process that runs and by the docker command; and the memory that bytes through execs take. */
export async function measureRuntimes(rounds: number): Promise<Measurement[]> {
  const missing = missingForContainers("dockerd", "docker") ?? missingBusybox();
  if (missing !== undefined) {
    console.log(`container runtimes are not measured: ${missing}`);
    return [];
  }
  const daemon = await startDaemon();
  const { address: host } = daemon;
  try {
    await importImages(host);
    const runtime = await openDockerRuntime({ host });
    const measured = await inContainer(runtime, { image: IMAGE, spec: { network: "none" } }, (id) => measure(runtime, host, id, rounds));
    await runtime.close();
    return measured;
  } finally {
    await daemon.stop();
  }
}

async function measure(runtime: ContainerRuntime, host: string, id: string, rounds: number): Promise<Measurement[]> {
  const { signal } = new AbortController();
  const starts = await alternate(rounds, {
    distd: () => milliseconds(() => exec(runtime, id)),
    "distd, can be cancelled": () => milliseconds(() => exec(runtime, id, signal)),
    docker: () => milliseconds(() => seconds(["docker", "--host", host, "exec", id, "true"])),
  });
  const memory = await alternate(rounds, { distd: () => load(host, id) });
  return [
    {
      id: "exec-start",
      title: "An exec of `true`, from call to exit",
      unit: "ms",
      runs: starts,
      better: "less",
      bars: [{ against: "docker", leastRatio: 0.83 }],
    },
    {
      id: "exec-memory",
      title: "Most memory of the process with 200 MB through an exec, then through 50 at once, every byte compared",
      unit: "MB",
      runs: memory,
      better: "less",
      bars: [{ of: "distd", limit: MAX_MEGABYTES }],
    },
  ];
}

/** Of one call, the mean of some. */
async function milliseconds(call: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  for (let done = 0; done < EXECS; done++) await call();
  return (performance.now() - started) / EXECS;
}

async function exec(runtime: ContainerRuntime, id: string, signal?: AbortSignal): Promise<void> {
  const started = await runtime.execContainer(id, { command: ["true"], ...(signal && { signal }) });
  started.stdout.resume();
  started.stderr.resume();
  if ((await started.exit) !== 0) throw new Error("true ended with another code than 0");
}

async function load(host: string, id: string): Promise<number> {
  const child = Bun.spawn([process.execPath, join(import.meta.dirname, "runtime-load.ts"), host, id], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the load failed");
  return Number(text);
}
