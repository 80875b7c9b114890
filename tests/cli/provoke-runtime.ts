// How to meet each failure of a container runtime, through the library: no command stands on it yet. Engines that answer so are in tests/runtimes.
import { DistError, type ErrorCode } from "@distd/core";
import { asComposeRuntime, type ContainerRuntime, openDockerRuntime } from "@distd/runtime";
import { ENGINE_VERSION, withStubEngine } from "../support/stub-engine.ts";
import { inFolder } from "../support/dist.ts";

const REFERENCE = "localhost:1/image:1";

export const RUNTIME_PROVOCATIONS = {
  "runtime/daemon-unavailable": () => thrown(openDockerRuntime({ host: "unix:///nonexistent/docker.sock" })),
  "runtime/unsupported-option": () => thrown(openDockerRuntime({ host: "ssh://far" })),
  "runtime/version-skew": () => opened({ ApiVersion: "1.24" }),
  "runtime/unsupported-platform": () => opened({ Os: "windows" }),
  "runtime/not-implemented": () =>
    withVersion({ Components: [{ Name: "Podman Engine" }] }, async (host) => thrown(openDockerRuntime({ host }).then(asComposeRuntime))),
  "runtime/container-not-found": () => called({}, (runtime) => runtime.startContainer("none")),
  "runtime/image-not-found": () => called({}, (runtime) => runtime.inspectImage("none")),
  "runtime/name-in-use": () =>
    called({ "POST /containers/create": [409, "Conflict."] }, (runtime) => runtime.runContainer({ image: "image", name: "taken" })),
  "runtime/registry-refused": () =>
    called({ "POST /images/create": [500, "unauthorized: authentication required"] }, (runtime) =>
      runtime.pullImage({ reference: REFERENCE }),
    ),
  "runtime/exec-failed": () =>
    called({ "POST /containers/stopped/exec": [409, "Container stopped is not running"] }, (runtime) =>
      runtime.execContainer("stopped", { command: ["true"] }),
    ),
  "runtime/build-failed": () => called({ "POST /build": [400, "dockerfile parse error line 1: unknown instruction: FORM"] }, build),
  "runtime/builder-unavailable": () => called({}, build),
  "runtime/failed": () =>
    called({ "GET /containers/json": [500, "no space left on device"] }, (runtime) => runtime.findContainerByLabel("a", "b")),
} as const satisfies Readonly<Partial<Record<ErrorCode, () => Promise<DistError>>>>;

const build = (runtime: ContainerRuntime): Promise<string> =>
  inFolder({ Dockerfile: "FORM scratch" }, (context) => runtime.buildImage({ context, reference: REFERENCE }));

const opened = (version: object): Promise<DistError> => withVersion(version, (host) => thrown(openDockerRuntime({ host })));

const withVersion = (version: object, body: (host: string) => Promise<DistError>): Promise<DistError> =>
  withStubEngine((_, path) => (path === "/version" ? Response.json({ ...ENGINE_VERSION, ...version }) : undefined), body);

function called(
  refusals: Readonly<Record<string, readonly [status: number, message: string]>>,
  call: (runtime: ContainerRuntime) => Promise<unknown>,
): Promise<DistError> {
  return withStubEngine(
    (method, path) => {
      const [status, message] = refusals[`${method} ${path}`] ?? [];
      return status === undefined ? undefined : Response.json({ message }, { status });
    },
    async (host) => {
      const runtime = await openDockerRuntime({ host });
      try {
        return await thrown(call(runtime));
      } finally {
        await runtime.close();
      }
    },
  );
}

async function thrown(call: Promise<unknown>): Promise<DistError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof DistError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
