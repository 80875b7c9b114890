import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asComposeRuntime, isComposeRuntime } from "../compose-runtime.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { finish, inContainer, LABEL, readAll, run, until } from "./in-container.ts";

const CYCLES = 20;

export const containerCases: readonly ConformanceCase[] = [
  {
    title: "create, start, end by itself; unknown is null, the exit code is known",
    needs: "exitCodes",
    run: (runtime, world) =>
      inContainer(
        runtime,
        world,
        async (id) => {
          const created = await runtime.inspectContainer(id);
          assert.deepEqual(
            [created.id, created.status, created.startedAt, created.finishedAt, created.exitCode, created.health],
            [id, "created", null, null, null, null],
          );
          assert.ok(Math.abs(Date.parse(created.createdAt ?? "") - Date.now()) < 60_000, `created at ${created.createdAt}`);
          await runtime.startContainer(id);
          await runtime.startContainer(id);
          const running = await runtime.inspectContainer(id);
          assert.deepEqual([running.status, running.finishedAt, running.exitCode], ["running", null, null]);
          assert.ok(Date.parse(running.startedAt ?? "") >= Date.parse(created.createdAt ?? ""));
          await finish(await runtime.execContainer(id, { command: ["touch", "/end"] }));
          await until(async () => (await runtime.inspectContainer(id)).status === "exited");
          const ended = await runtime.inspectContainer(id);
          assert.equal(ended.exitCode, 42);
          assert.ok(Date.parse(ended.finishedAt ?? "") >= Date.parse(running.startedAt ?? ""));
        },
        { isStarted: false, command: ["sh", "-c", "until [ -e /end ]; do sleep 0.02; done; exit 42"] },
      ),
  },
  {
    title: "stop asks, then kills after the timeout; stopping twice succeeds",
    run: async (runtime, world) => {
      const stopped = async (script: string, timeoutSeconds: number): Promise<{ code: number | null; ms: number }> =>
        inContainer(
          runtime,
          world,
          async (id) => {
            await until(async () => (await readAll(runtime.containerLogs(id))).stdout.toString() === "ready\n");
            const started = performance.now();
            await runtime.stopContainer(id, { timeoutSeconds });
            const ms = performance.now() - started;
            await runtime.stopContainer(id);
            return { code: (await runtime.inspectContainer(id)).exitCode, ms };
          },
          { command: ["sh", "-c", `${script}; echo ready; while :; do sleep 0.02; done`] },
        );
      const asked = await stopped("trap 'exit 7' TERM", 20);
      assert.ok(asked.code === 7 && asked.ms < 10_000, JSON.stringify(asked));
      const killed = await stopped("trap '' TERM", 1);
      assert.ok(killed.code === 137 && killed.ms >= 900 && killed.ms < 10_000, JSON.stringify(killed));
    },
  },
  {
    title: "command, environment, folder, user, limits and mounts are as asked",
    run: async (runtime, world) => {
      const folder = mkdtempSync(join(tmpdir(), "distd-bind-"));
      try {
        chmodSync(folder, 0o755);
        writeFileSync(join(folder, "file"), "from outside\n");
        await inContainer(
          runtime,
          world,
          async (id) => {
            const script = 'echo "$A"; pwd; id -u; id -g; cat file; echo no > file; touch /scratch/yes && echo scratch; ulimit -n';
            const ran = await run(runtime, id, { command: ["sh", "-c", script] });
            assert.equal(ran.stdout, "x=y  $z\n/bound\n1234\n4321\nfrom outside\nscratch\n512\n");
            assert.match(ran.stderr, /read-only/i);
          },
          {
            environment: { A: "x=y  $z" },
            workingDirectory: "/bound",
            user: "1234:4321",
            limits: { openFiles: 512, processes: 512 },
            mounts: [
              { kind: "bind", source: folder, target: "/bound", readOnly: true },
              { kind: "tmpfs", target: "/scratch" },
            ],
          },
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  },
  {
    title: "a health check is run, and its outcome told",
    needs: "healthChecks",
    run: (runtime, world) =>
      inContainer(
        runtime,
        world,
        async (id) => {
          assert.equal((await runtime.inspectContainer(id)).health, "starting");
          await run(runtime, id, { command: ["touch", "/well"] });
          await until(async () => (await runtime.inspectContainer(id)).health === "healthy");
        },
        { healthCheck: { command: ["test", "-e", "/well"], intervalMs: 300, timeoutMs: 5_000, retries: 100, startPeriodMs: 60_000 } },
      ),
  },
  {
    title: "an option that the backend has not is refused before anything is made",
    run: async (runtime, world) => {
      const { capabilities } = runtime;
      const spec = { ...world.spec, image: world.image, command: ["true"], labels: { [LABEL]: "1" } };
      const refused = { code: "runtime/unsupported-option" };
      if (!capabilities.healthChecks) await assert.rejects(runtime.runContainer({ ...spec, healthCheck: { command: ["true"] } }), refused);
      if (!capabilities.privileged) await assert.rejects(runtime.runContainer({ ...spec, privileged: true }), refused);
      if (!capabilities.imageBuild) await assert.rejects(runtime.buildImage({ context: "/", reference: "none:1" }), refused);
    },
  },
  {
    title: "a container is found by a label's exact value, the newest of several",
    run: async (runtime, world) => {
      const value = "a.c*[x](y)|^$ =1";
      const found = async (wanted: string): Promise<string | undefined> => (await runtime.findContainerByLabel("who", wanted))?.id;
      assert.equal(await runtime.findContainerByLabel("who", value), null);
      const labels = { labels: { who: value }, isStarted: false };
      await inContainer(
        runtime,
        world,
        async (first) => {
          assert.equal(await found(value), first);
          await inContainer(runtime, world, async (second) => assert.equal(await found(value), second), labels);
          assert.equal(await found(value), first);
          for (const other of ["abc", "a.c", ".*", "a.c*[x](y)|^$ =", ""]) assert.equal(await found(other), undefined, other);
          assert.deepEqual((await runtime.inspectContainer(first)).labels["who"], value);
        },
        labels,
      );
    },
  },
  {
    title: "a name is taken once, and free after removal; what still runs is removed by force alone",
    run: async (runtime, world) => {
      const name = "distd-conformance-name";
      await inContainer(
        runtime,
        world,
        async (id) => {
          assert.equal((await runtime.inspectContainer(name)).id, id);
          await assert.rejects(runtime.runContainer({ ...world.spec, image: world.image, name, command: ["true"] }), {
            code: "runtime/name-in-use",
          });
          await assert.rejects(runtime.removeContainer(name), { code: "runtime/failed" });
          assert.equal((await runtime.inspectContainer(id)).status, "running");
        },
        { name },
      );
      await inContainer(runtime, world, async () => {}, { name });
    },
  },
  {
    title: "orchestration is there, or refused as not implemented",
    run: async (runtime) => {
      if (isComposeRuntime(runtime)) assert.equal(asComposeRuntime(runtime), runtime);
      else assert.throws(() => asComposeRuntime(runtime), { code: "runtime/not-implemented" });
    },
  },
  {
    title: "a project: services find each other by name, ports are shown to this machine alone, one that fails leaves nothing",
    needs: "serviceDns",
    run: async (_, __, backend) => {
      const apart = await backend.startApart();
      try {
        const runtime = asComposeRuntime(await apart.open());
        const { network: _none, ...spec } = { ...apart.spec, image: apart.image, command: ["sleep", "100000"] };
        const services = { database: { ...spec, ports: [{ containerPort: 5432 }] }, web: spec };
        const ids = await runtime.startProject({ name: "first", services });
        const seen = await run(runtime, ids["web"] ?? "", { command: ["ping", "-c", "1", "-W", "5", "database"] });
        assert.equal(seen.code, 0, seen.stderr);
        const [port] = (await runtime.inspectContainer(ids["database"] ?? "")).ports;
        assert.deepEqual([port?.containerPort, port?.hostAddress, port?.protocol], [5432, "127.0.0.1", "tcp"]);
        assert.ok((port?.hostPort ?? 0) > 0);

        const broken = { web: spec, broken: { ...spec, command: ["no-such-command"] } };
        await assert.rejects(runtime.startProject({ name: "first", services: broken }), { code: "runtime/name-in-use" });
        assert.equal((await runtime.inspectContainer(ids["web"] ?? "")).status, "running");
        await assert.rejects(runtime.startProject({ name: "second", services: broken }), { code: "runtime/exec-failed" });
        await assert.rejects(runtime.inspectContainer("second-web"), { code: "runtime/container-not-found" });
        await runtime.startProject({ name: "second", services: { web: spec } });

        await runtime.removeProject("first");
        await runtime.removeProject("first");
        await assert.rejects(runtime.inspectContainer(ids["web"] ?? ""), { code: "runtime/container-not-found" });
        assert.equal((await runtime.inspectContainer("second-web")).status, "running");
        await runtime.removeProject("second");
        await runtime.close();
      } finally {
        await apart.kill();
      }
    },
  },
  {
    title: `${CYCLES} times create, start, exec, remove: no container, process or descriptor is left`,
    run: async (runtime, world) => {
      const cycle = (): Promise<void> =>
        inContainer(runtime, world, async (id) => {
          assert.equal((await run(runtime, id, { command: ["cat"] }, "through")).stdout, "through");
          const ended = await runtime.execContainer(id, { command: ["sleep", "60"], signal: AbortSignal.timeout(20) });
          await assert.rejects(ended.exit, { code: "run/interrupted" });
        });
      await cycle();
      const before = [openDescriptors(), processes()];
      for (let done = 0; done < CYCLES; done++) await cycle();
      await until(() => openDescriptors() <= before[0]! && processes() <= before[1]!);
      assert.equal(await runtime.findContainerByLabel(LABEL, "1"), null);
    },
  },
];

/** Of this process; where the system does not tell, none. */
function openDescriptors(): number {
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
}

/** That run `sleep` as the cases' containers do, wherever. */
function processes(): number {
  if (process.platform !== "linux") return 0;
  const commandOf = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1");
    } catch {
      return "";
    }
  };
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && /^sleep\0(?:100000|60)\0$/.test(commandOf(name))).length;
}
