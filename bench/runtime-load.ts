/** What `runtimes.ts` measures the memory of: bytes through execs and back, then the most memory this process ever had, in MB. Arguments: daemon, container. */
import { openDockerRuntime } from "@distd/runtime";
import { sendThrough } from "@distd/runtime/conformance";
import { processMemory } from "./process-memory.ts";

const WHOLE_BYTES = 200_000_000;
const PARALLEL = 50;

const [, , host = "", container = ""] = process.argv;
const runtime = await openDockerRuntime({ host });
await sendThrough(runtime, container, WHOLE_BYTES);
await Promise.all(Array.from({ length: PARALLEL }, () => sendThrough(runtime, container, WHOLE_BYTES / PARALLEL)));
await runtime.close();
console.log(processMemory(process.pid).peakMb);
