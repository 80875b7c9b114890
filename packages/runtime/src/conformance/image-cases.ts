import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import type { ImageProgress } from "../image.ts";
import { PULLED } from "./backend.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { inContainer, LABEL, readEnded, run, until } from "./in-container.ts";

const WRONG = "not the password";
const QUOTED = `a "quoted" = value\twith $signs, {braces} and äöü`;

export const imageCases: readonly ConformanceCase[] = [
  {
    title: "pull: from a registry, with progress; the image runs",
    run: async (runtime, world) => {
      const progress: ImageProgress[] = [];
      const reference = `${world.registries.open}/image:1`;
      await runtime.pullImage({ reference, platform: "linux/amd64", onProgress: (step) => void progress.push(step) });
      assert.ok(progress.length > 1 && progress.every(({ text }) => text !== ""), JSON.stringify(progress));
      const image = await runtime.inspectImage(reference);
      assert.deepEqual([image.references, image.platform], [[reference], "linux/amd64"]);
      assert.match(image.digests[0] ?? "", /^[\w.:]+\/image@sha256:[0-9a-f]{64}$/);
      await runtime.pullImage({ reference: image.digests[0] ?? "" });
      await inContainer(runtime, world, async (id) => assert.equal((await readEnded(runtime, id)).stdout.toString(), PULLED), {
        image: reference,
        command: [],
      });
    },
  },
  {
    title: "pull: credentials go to the registry and are not kept; none and wrong ones are refused",
    run: async (runtime, { registries: { closed, credentials } }) => {
      const reference = `${closed}/image:1`;
      const refused = { code: "runtime/registry-refused" };
      await assert.rejects(runtime.pullImage({ reference }), refused);
      await assert.rejects(runtime.pullImage({ reference, credentials: { ...credentials, password: WRONG } }), (error: Error) => {
        assert.equal((error as Error & { code?: string }).code, refused.code);
        assert.ok(!inspect(error, { depth: 10 }).includes(WRONG));
        return true;
      });
      await runtime.pullImage({ reference, credentials });
      await assert.rejects(runtime.pullImage({ reference }), refused);
    },
  },
  {
    title: "pull: what is not there, a registry that is down, a name that is none, another platform",
    run: async (runtime, { registries: { open, down } }) => {
      await assert.rejects(runtime.pullImage({ reference: `${open}/image:none` }), { code: "runtime/image-not-found" });
      await assert.rejects(runtime.pullImage({ reference: `${open}/none:1` }), { code: "runtime/image-not-found" });
      await assert.rejects(runtime.pullImage({ reference: `${down}/image:1` }), { code: "network/unreachable" });
      await assert.rejects(runtime.pullImage({ reference: `${open}/NONE:1` }), { code: "usage/invalid" });
      await assert.rejects(runtime.pullImage({ reference: `${open}/image:1`, platform: "linux/s390x" }), {
        code: "runtime/unsupported-platform",
      });
    },
  },
  {
    title: "pull: cancelling leaves a registry that does not answer",
    run: async (runtime) => {
      let hasConnected = false;
      const silent = createServer(() => {
        hasConnected = true;
      });
      await new Promise<void>((resolve) => {
        silent.listen(0, "127.0.0.1", resolve);
      });
      const cancel = new AbortController();
      const { port } = silent.address() as { port: number };
      try {
        const pull = runtime.pullImage({ reference: `127.0.0.1:${port}/image:1`, signal: cancel.signal });
        pull.catch(() => {});
        await until(() => hasConnected);
        cancel.abort();
        await assert.rejects(pull, { code: "run/interrupted" });
        await assert.rejects(runtime.pullImage({ reference: `127.0.0.1:${port}/image:1`, signal: cancel.signal }), {
          code: "run/interrupted",
        });
      } finally {
        silent.close();
      }
    },
  },
  {
    title: "images: what is known of one; one that is not there is an error",
    run: async (runtime, world) => {
      const image = await runtime.inspectImage(world.image);
      assert.deepEqual([image.entrypoint, image.user, image.platform], [null, null, "linux/amd64"]);
      assert.ok((image.sizeBytes ?? 0) > 500_000 && Math.abs(Date.parse(image.createdAt ?? "") - Date.now()) < 86_400_000);
      await assert.rejects(runtime.inspectImage("no-such-image:1"), { code: "runtime/image-not-found" });
      await assert.rejects(runtime.runContainer({ ...world.spec, image: "no-such-image:1" }), { code: "runtime/image-not-found" });
    },
  },
  {
    title: "build: arguments, labels, copies, commands and stages, with progress; the image runs",
    needs: "imageBuild",
    run: (runtime, world) =>
      inFolder({ "made/Dockerfile": dockerfile(world.image), file: "copied\n" }, async (context) => {
        const lines: string[] = [];
        const reference = "distd-conformance/built:1";
        const id = await runtime.buildImage({
          context,
          dockerfile: "made/Dockerfile",
          reference,
          arguments: { SAID: "by argument" },
          labels: { quoted: QUOTED },
          target: "wanted",
          onProgress: ({ text }) => void lines.push(text),
        });
        assert.match(lines.join(""), /step 1/i);
        const image = await runtime.inspectImage(reference);
        assert.deepEqual([image.id, image.labels["quoted"], image.command, image.user], [id, QUOTED, ["cat", "/said", "/file"], "1234"]);
        assert.deepEqual([image.environment["A"], image.workingDirectory], ["b=c", "/tmp"]);
        const { command: _, ...spec } = { ...world.spec, command: [] };
        const container = await runtime.runContainer({ ...spec, image: id, labels: { [LABEL]: "1" } });
        try {
          await runtime.startContainer(container);
          assert.equal((await readEnded(runtime, container)).stdout.toString(), "by argument\ncopied\n");
        } finally {
          await runtime.removeContainer(container, { force: true });
        }
      }),
  },
  {
    title: "build: the cache holds when times change, and not when bytes do",
    needs: "imageBuild",
    run: (runtime, world) =>
      inFolder({ Dockerfile: `FROM ${world.image}\nCOPY . /context\n`, "folder/file": "one", other: "" }, async (context) => {
        const build = (): Promise<string> => runtime.buildImage({ context, reference: "distd-conformance/cached:1" });
        const first = await build();
        for (const path of ["folder/file", "folder", "other", "Dockerfile"]) utimesSync(join(context, path), 1, 1);
        assert.equal(await build(), first);
        writeFileSync(join(context, "folder/file"), "two");
        assert.notEqual(await build(), first);
      }),
  },
  {
    title: "build: what .dockerignore leaves out stays here; modes, links and empty folders arrive",
    needs: "imageBuild",
    run: (runtime, world) =>
      inFolder(
        {
          ".dockerignore": "# no\nsecret*\n**/*.log\nkept\n!kept/this\n/Dockerfile\n",
          Dockerfile: `FROM ${world.image}\nCOPY . /context\n`,
          "secret.txt": "x",
          "deep/er/a.log": "x",
          "deep/er/a.txt": "x",
          "kept/this": "x",
          "kept/that": "x",
          program: "#!/bin/sh\necho runs\n",
        },
        async (context) => {
          chmodSync(join(context, "program"), 0o750);
          mkdirSync(join(context, "empty"));
          symlinkSync("deep/er/a.txt", join(context, "link"));
          const image = await runtime.buildImage({ context, reference: "distd-conformance/ignored:1" });
          await inContainer(
            runtime,
            world,
            async (id) => {
              const listed = await run(runtime, id, {
                command: ["sh", "-c", "cd /context; find . | sort; readlink link; stat -c %a program; ./program"],
              });
              const files = [
                "./.dockerignore",
                "./deep",
                "./deep/er",
                "./deep/er/a.txt",
                "./empty",
                "./kept",
                "./kept/this",
                "./link",
                "./program",
              ];
              // The Engine takes out what it was sent for itself alone; Podman leaves it.
              assert.deepEqual(
                listed.stdout.split("\n").filter((line) => line !== "./Dockerfile"),
                [".", ...files, "deep/er/a.txt", "750", "runs", ""],
              );
            },
            { image },
          );
        },
      ),
  },
  {
    title: "build: what cannot be built is an error that says why, and leaves no container",
    needs: "imageBuild",
    run: async (runtime, world) => {
      const fails = (files: Readonly<Record<string, string>>, code: string, message: RegExp): Promise<void> =>
        inFolder(files, (context) =>
          assert.rejects(runtime.buildImage({ context, reference: "distd-conformance/failed:1" }), { code, message }),
        );
      await fails({ Dockerfile: "FORM scratch\n" }, "runtime/build-failed", /FORM|FROM/i);
      await fails({ Dockerfile: `FROM ${world.image}\nLABEL ${LABEL}=1\nRUN exit 7\n` }, "runtime/build-failed", /7/);
      await fails({ Dockerfile: `FROM ${world.image}\nCOPY nothing /\n` }, "runtime/build-failed", /nothing/);
      await fails({ file: "" }, "runtime/build-failed", /dockerfile/i);
      await fails({ Dockerfile: `FROM ${world.registries.open}/none:1\n` }, "runtime/image-not-found", /none/);
      await fails({ Dockerfile: `FROM ${world.registries.closed}/image:3\n` }, "runtime/registry-refused", /./);
      await assert.rejects(runtime.buildImage({ context: "/no/such/folder", reference: "x" }), { code: "system/failed" });
      await assert.rejects(runtime.inspectImage("distd-conformance/failed:1"), { code: "runtime/image-not-found" });
      assert.equal(await runtime.findContainerByLabel(LABEL, "1"), null);
    },
  },
  {
    title: "build: credentials go to the registry it builds upon",
    needs: "imageBuild",
    run: (runtime, { registries: { closed, credentials } }) =>
      inFolder({ Dockerfile: `FROM ${closed}/image:2\nLABEL a=b\n` }, async (context) => {
        await runtime.buildImage({ context, reference: "distd-conformance/upon:1", credentials: { [closed]: credentials } });
        assert.equal((await runtime.inspectImage("distd-conformance/upon:1")).labels["a"], "b");
      }),
  },
  {
    title: "build: cancelling ends what it runs",
    needs: "imageBuild",
    run: (runtime, world) =>
      inFolder({ Dockerfile: `FROM ${world.image}\nLABEL ${LABEL}=1\nRUN sleep 7100\n` }, async (context) => {
        const cancel = new AbortController();
        const spec = { context, reference: "distd-conformance/cancelled:1", signal: cancel.signal };
        const build = runtime.buildImage(spec);
        build.catch(() => {});
        await until(() => isOnMachine("sleep\x007100"));
        cancel.abort();
        await assert.rejects(build, { code: "run/interrupted" });
        await assert.rejects(runtime.buildImage(spec), { code: "run/interrupted" });
        await until(() => !isOnMachine("sleep\x007100"));
        await until(async () => (await runtime.findContainerByLabel(LABEL, "1")) === null);
      }),
  },
];

const dockerfile = (image: string): string => `FROM ${image} AS wanted
ARG SAID
COPY file /file
RUN echo "$SAID" > /said
ENV A=b=c
WORKDIR /tmp
USER 1234
CMD ["cat", "/said", "/file"]
FROM ${image} AS unwanted
RUN exit 1
`;

async function inFolder<T>(files: Readonly<Record<string, string>>, body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "distd-context-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whether a process of this machine, in a container or not, is this. */
function isOnMachine(commandLine: string): boolean {
  return readdirSync("/proc").some((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "latin1").startsWith(commandLine);
    } catch {
      return false;
    }
  });
}
