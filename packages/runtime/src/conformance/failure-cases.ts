import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import type { ConformanceCase } from "./conformance-case.ts";
import { inContainer, readAll, run } from "./in-container.ts";

export const failureCases: readonly ConformanceCase[] = [
  {
    title: "every call about a container that is not there says so",
    run: async (runtime) => {
      const { signal } = new AbortController();
      for (const id of ["no-such-container", "../images", "0".repeat(64)]) {
        const calls: readonly (() => Promise<unknown>)[] = [
          () => runtime.startContainer(id),
          () => runtime.stopContainer(id),
          () => runtime.removeContainer(id),
          () => runtime.inspectContainer(id),
          () => runtime.execContainer(id, { command: ["true"] }),
          () => runtime.execContainer(id, { command: ["true"], signal }),
          () => readAll(runtime.containerLogs(id)),
          () => readAll(runtime.containerLogs(id, { follow: true })),
        ];
        for (const call of calls) await assert.rejects(call(), { code: "runtime/container-not-found" }, `${id}: ${call.toString()}`);
      }
    },
  },
  {
    title: "a command that cannot be started is an error; its container can be removed",
    run: (runtime, world) =>
      inContainer(
        runtime,
        world,
        async (id) => {
          await assert.rejects(runtime.startContainer(id), { code: "runtime/exec-failed", message: /no-such-command/ });
        },
        { command: ["no-such-command"], isStarted: false },
      ),
  },
  {
    title: "closing ends every call under way, and every later one; containers go on",
    run: async (runtime, world) => {
      await inContainer(runtime, world, async (id) => {
        const own = await world.open();
        const started = await own.execContainer(id, { command: ["sleep", "7200"] });
        const unread = await own.execContainer(id, { command: ["yes"] });
        const logs = readAll(own.containerLogs(id, { follow: true }));
        const ends = [started.exit, unread.exit, logs].map((call) => assert.rejects(call, { code: "runtime/daemon-unavailable" }));
        await own.close();
        await Promise.all(ends);
        await assert.rejects(own.inspectContainer(id), { code: "runtime/daemon-unavailable" });
        assert.equal((await run(runtime, id, { command: ["echo", "on"] })).stdout, "on\n");
      });
    },
  },
  {
    title: "a daemon that dies ends every call under way with an error that says how to start it",
    run: async (_, __, backend) => {
      const apart = await backend.startApart();
      let isKilled = false;
      const runtime = await apart.open();
      try {
        const spec = { ...apart.spec, image: apart.image, command: ["sh", "-c", "while :; do echo line; sleep 0.05; done"] };
        const id = await runtime.runContainer(spec);
        await runtime.startContainer(id);
        const { signal } = new AbortController();
        const plain = await runtime.execContainer(id, { command: ["sh", "-c", "echo first; exec sleep 7201"] });
        const signalled = await runtime.execContainer(id, { command: ["sleep", "7201"], signal });
        const logs = runtime.containerLogs(id, { follow: true })[Symbol.asyncIterator]();
        await logs.next();
        const rest = (async () => {
          while ((await logs.next()).done !== true);
        })();
        const unavailable = { code: "runtime/daemon-unavailable", hint: /^run '.+'$/ };
        const ends = [plain.exit, text(plain.stdout), signalled.exit, rest].map((call) => assert.rejects(call, unavailable));
        await apart.kill();
        isKilled = true;
        await Promise.all(ends);
        await assert.rejects(runtime.inspectContainer(id), unavailable);
        await assert.rejects(apart.open(), unavailable);
      } finally {
        await runtime.close();
        if (!isKilled) await apart.kill();
      }
    },
  },
];
