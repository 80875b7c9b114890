import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ContainerRuntime } from "../container-runtime.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { finish, inContainer, isRunning, run, until } from "./in-container.ts";

const PARALLEL = 50;
const PARALLEL_BYTES = 4_000_000;
const END_WITHIN_MS = 1_000;

export const execCases: readonly ConformanceCase[] = [
  {
    title: "exec: three streams, exit code, environment, folder, user",
    run: (runtime, world) =>
      inContainer(runtime, world, async (id) => {
        const script = 'cat; echo "$A" >&2; pwd >&2; id -u >&2; exit 3';
        const spec = { command: ["sh", "-c", script], environment: { A: "b c" }, workingDirectory: "/tmp", user: "1234" } as const;
        assert.deepEqual(await run(runtime, id, spec, "hello\n"), { stdout: "hello\n", stderr: "b c\n/tmp\n1234\n", code: 3 });
        assert.deepEqual(await run(runtime, id, { ...spec, signal: new AbortController().signal }, "hello\n"), {
          stdout: "hello\n",
          stderr: "b c\n/tmp\n1234\n",
          code: 3,
        });
      }),
  },
  {
    title: "exec: the end of stdin reaches the process, whose output goes on",
    run: (runtime, world) =>
      inContainer(runtime, world, async (id) => {
        const started = await runtime.execContainer(id, { command: ["sh", "-c", "wc -c; sleep 0.2; echo after"] });
        started.stdin.write("12345");
        started.stdin.end("678");
        assert.deepEqual(await finish(started), { stdout: "8\nafter\n", stderr: "", code: 0 });
      }),
  },
  {
    title: "exec: input that the process does not take is dropped when it ends",
    run: (runtime, world) =>
      inContainer(runtime, world, async (id) => {
        const started = await runtime.execContainer(id, { command: ["true"] });
        const input = Readable.from(blocks(5_000_000));
        await Promise.all([pipeline(input, started.stdin), finish(started)]);
        assert.equal(await started.exit, 0);
      }),
  },
  {
    title: "exec: a terminal has a size, is resized, and has one stream; this process needs none",
    needs: "ttyResize",
    run: (runtime, world) =>
      inContainer(runtime, world, async (id) => {
        const script =
          "until stty size 2>/dev/null | grep -q '^24 80'; do sleep 0.02; done; stty size; read line; stty size; echo to stderr >&2";
        const started = await runtime.execContainer(id, { command: ["sh", "-c", script], tty: { columns: 80, rows: 24 } });
        let shown = "";
        started.stdout.on("data", (bytes: Buffer) => {
          shown += bytes.toString();
        });
        await until(() => shown === "24 80\r\n");
        await started.resize({ columns: 132, rows: 50 });
        started.stdin.write("line\n");
        assert.equal(await started.exit, 0);
        await started.resize({ columns: 1, rows: 1 });
        assert.equal(shown, "24 80\r\nline\r\n50 132\r\nto stderr\r\n");
        await inTerminalWithoutSize(runtime, id);
      }),
  },
  {
    title: "exec: resizing without a terminal is an unsupported option",
    run: (runtime, world) =>
      inContainer(runtime, world, async (id) => {
        const started = await runtime.execContainer(id, { command: ["true"] });
        await assert.rejects(started.resize({ columns: 80, rows: 24 }), { code: "runtime/unsupported-option" });
        await finish(started);
      }),
  },
  {
    title: "exec: cancelling ends the process inside within a second, with its children, and one that ignores TERM",
    run: (runtime, world) =>
      inContainer(runtime, world, async (id) => {
        for (const [mark, script] of [
          ["sleep 7001", "exec sleep 7001"],
          ["sleep 7002", "sleep 7002 & sleep 7002"],
          ["sleep 7003", "trap '' TERM; sleep 7003 & sleep 7003"],
        ] as const) {
          for (const tty of [undefined, true] as const) {
            const cancel = new AbortController();
            const spec = { command: ["sh", "-c", script], signal: cancel.signal, ...(tty && { tty }) } as const;
            const started = await runtime.execContainer(id, spec);
            await until(() => isRunning(runtime, id, mark));
            const cancelled = performance.now();
            cancel.abort();
            await assert.rejects(started.exit, { code: "run/interrupted" });
            const ms = performance.now() - cancelled;
            assert.equal(await isRunning(runtime, id, mark), false, mark);
            assert.ok(ms < END_WITHIN_MS, `${mark}: ${ms} ms`);
          }
        }
      }),
  },
  {
    title: "exec: cancelling works while nobody takes the output, and as another user",
    run: (runtime, world) =>
      inContainer(runtime, world, async (id) => {
        const cancel = new AbortController();
        const started = await runtime.execContainer(id, { command: ["yes", "7004"], user: "1234", signal: cancel.signal });
        await until(() => isRunning(runtime, id, "yes 7004"));
        cancel.abort();
        await assert.rejects(started.exit, { code: "run/interrupted" });
        assert.equal(await isRunning(runtime, id, "yes 7004"), false);
        await assert.rejects(runtime.execContainer(id, { command: ["sleep", "7005"], signal: cancel.signal }), { code: "run/interrupted" });
        assert.equal(await isRunning(runtime, id, "sleep 7005"), false);
      }),
  },
  {
    title: "exec: without a shell in the container it runs, and a signal is an unsupported option",
    run: (runtime, world) =>
      inContainer(
        runtime,
        world,
        async (id) => {
          assert.deepEqual(await run(runtime, id, { command: ["/cat"] }, "bare"), { stdout: "bare", stderr: "", code: 0 });
          const { signal } = new AbortController();
          await assert.rejects(run(runtime, id, { command: ["/cat"], signal }), {
            code: "runtime/unsupported-option",
            message: /\/bin\/sh/,
          });
        },
        { image: world.bareImage, command: ["/sleep", "100000"] },
      ),
  },
  {
    title: "exec: a command, folder or container that cannot be used is an error, not an exit code",
    run: (runtime, world) =>
      inContainer(runtime, world, async (id) => {
        const { signal } = new AbortController();
        for (const spec of [{}, { signal }, { tty: true }, { tty: true, signal }] as const) {
          await assert.rejects(run(runtime, id, { command: ["no-such-command"], ...spec }), {
            code: "runtime/exec-failed",
            message: /no-such-command/,
          });
          await assert.rejects(run(runtime, id, { command: ["ls"], workingDirectory: "/no/such/folder", ...spec }), {
            code: "runtime/exec-failed",
            message: /no\/such\/folder/,
          });
        }
        await runtime.stopContainer(id, { timeoutSeconds: 0 });
        await assert.rejects(run(runtime, id, { command: ["true"] }), { code: "runtime/exec-failed" });
      }),
  },
  {
    title: "exec: stopping the container ends it, cancelled afterwards or not",
    run: async (runtime, world) => {
      for (const cancel of [undefined, new AbortController()]) {
        await inContainer(runtime, world, async (id) => {
          const started = await runtime.execContainer(id, { command: ["sleep", "7006"], ...(cancel && { signal: cancel.signal }) });
          await until(() => isRunning(runtime, id, "sleep 7006"));
          await runtime.stopContainer(id, { timeoutSeconds: 0 });
          assert.deepEqual(await finish(started), { stdout: "", stderr: "", code: 137 });
          cancel?.abort();
          assert.equal(await started.exit, 137);
        });
      }
    },
  },
  {
    title: `exec: ${PARALLEL} at once with ${(PARALLEL * PARALLEL_BYTES) / 1e6} MB in all, every byte right`,
    run: (runtime, world) =>
      inContainer(runtime, world, async (id) => {
        await Promise.all(Array.from({ length: PARALLEL }, (_, number) => sendThrough(runtime, id, PARALLEL_BYTES + number)));
      }),
  },
];

async function inTerminalWithoutSize(runtime: ContainerRuntime, id: string): Promise<void> {
  const ran = await run(runtime, id, { command: ["sh", "-c", "test -t 0 && test -t 1 && test -t 2 && echo terminal"], tty: true });
  assert.deepEqual(ran, { stdout: "terminal\r\n", stderr: "", code: 0 });
}

/** Bytes through stdin and back from stdout, compared by digest. */
export async function sendThrough(runtime: ContainerRuntime, container: string, size: number): Promise<void> {
  const [sent, got] = [createHash("sha256"), createHash("sha256")];
  const started = await runtime.execContainer(container, { command: ["cat"] });
  const input = Readable.from(
    (function* () {
      for (const block of blocks(size)) {
        sent.update(block);
        yield block;
      }
    })(),
  );
  started.stderr.resume();
  const sending = pipeline(input, started.stdin);
  let gotBytes = 0;
  for await (const block of started.stdout as AsyncIterable<Buffer>) {
    got.update(block);
    gotBytes += block.length;
  }
  await sending;
  assert.deepEqual([await started.exit, gotBytes, got.digest("hex")], [0, size, sent.digest("hex")]);
}

const BLOCK = createHash("shake256", { outputLength: 65_536 }).update("conformance").digest();

/** As many bytes as asked for. */
function* blocks(size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= BLOCK.length) yield BLOCK.subarray(0, Math.min(left, BLOCK.length));
}
