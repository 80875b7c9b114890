import assert from "node:assert/strict";
import type { ConformanceCase } from "./conformance-case.ts";
import { inContainer, readAll, readEnded, run } from "./in-container.ts";

const LONG_LINE_BYTES = 10_000_000;

export const logCases: readonly ConformanceCase[] = [
  {
    title: "logs: both streams, before and after the end, the last lines alone",
    run: (runtime, world) =>
      inContainer(
        runtime,
        world,
        async (id) => {
          const read = await readEnded(runtime, id);
          assert.deepEqual([read.stdout.toString(), read.stderr.toString()], ["one\ntwo\nthree\n", "error\n"]);
          assert.equal((await readAll(runtime.containerLogs(id, { tail: 1 }))).stdout.toString(), "three\n");
          // What has ended has nothing to wait for.
          assert.equal((await readAll(runtime.containerLogs(id, { follow: true }))).stdout.toString(), "one\ntwo\nthree\n");
        },
        { command: ["sh", "-c", "echo one; echo two; echo error >&2; sleep 0.1; echo three"] },
      ),
  },
  {
    title: "logs: following goes on until the container ends, the loop is left, or the signal is aborted",
    run: (runtime, world) =>
      inContainer(
        runtime,
        world,
        async (id) => {
          let seen = "";
          for await (const { bytes } of runtime.containerLogs(id, { follow: true })) {
            seen += Buffer.from(bytes).toString();
            if (seen.includes("3\n")) break;
          }
          assert.match(seen, /^1\n2\n3\n/);
          await assert.rejects(readAll(runtime.containerLogs(id, { follow: true, signal: AbortSignal.timeout(100) })), {
            code: "run/interrupted",
          });
          const whole = readAll(runtime.containerLogs(id, { follow: true }));
          await run(runtime, id, { command: ["touch", "/end"] });
          assert.match((await whole).stdout.toString(), /^1\n2\n3\n(?:.*\n)*end\n$/);
        },
        { command: ["sh", "-c", "n=0; until [ -e /end ]; do n=$((n+1)); echo $n; sleep 0.02; done; echo end; sleep 0.3"] },
      ),
  },
  {
    title: "logs: bytes that are no UTF-8 come as they were written",
    run: (runtime, world) =>
      inContainer(
        runtime,
        world,
        async (id) => {
          const { stdout } = await readEnded(runtime, id);
          assert.deepEqual(stdout, Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x00, 0x0a, 0xf0, 0x9f, 0x0a]));
        },
        { command: ["sh", "-c", String.raw`printf '\377\376\303(\0\n\360\237\n'`] },
      ),
  },
  {
    title: "logs: a line of 10 MB comes whole",
    run: (runtime, world) =>
      inContainer(
        runtime,
        world,
        async (id) => {
          const { stdout } = await readEnded(runtime, id);
          assert.equal(stdout.length, LONG_LINE_BYTES + 1);
          assert.ok(stdout.subarray(0, LONG_LINE_BYTES).every((byte) => byte === 0x78));
        },
        { command: ["sh", "-c", `head -c ${LONG_LINE_BYTES} /dev/zero | tr '\\0' x; echo`] },
      ),
  },
  {
    title: "logs: of a container with a terminal come without frames",
    run: (runtime, world) =>
      inContainer(
        runtime,
        world,
        async (id) => {
          const read = await readEnded(runtime, id);
          assert.deepEqual([read.stdout.toString(), read.stderr.toString()], ["out\r\nerror\r\n", ""]);
        },
        { command: ["sh", "-c", "echo out; echo error >&2"], tty: true },
      ),
  },
];
