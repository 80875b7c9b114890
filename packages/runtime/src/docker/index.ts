import { DistError } from "@distd/core";
import type { ContainerRuntime } from "../container-runtime.ts";
import { requireCapabilities } from "../require-capabilities.ts";
import { createContainer, findContainerByLabel, inspectContainer, removeContainer, startContainer, stopContainer } from "./containers.ts";
import { type EngineClient, openEngineClient } from "./engine-client.ts";
import { execContainer } from "./exec.ts";
import { findSocket } from "./find-socket.ts";
import { buildImage, inspectImage, pullImage } from "./images.ts";
import { readLogs } from "./logs.ts";
import { projectCalls } from "./projects.ts";

export interface DockerOptions {
  /** As in DOCKER_HOST; found as the docker command finds it when absent. */
  readonly host?: string;
  /** `process.env` when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** How long the daemon has for its first answer: 3,000 when absent. */
  readonly timeoutMs?: number;
}

/** Versions of the API that are spoken: Docker 20.10 and Podman 4 have the first, Docker 28.3 the last. */
const OLDEST_API = [1, 41] as const;
const NEWEST_API = [1, 51] as const;
const TIMEOUT_MS = 3_000;

/** `GET /version`, as far as it is read. */
interface EngineVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion?: string;
  readonly Os: string;
  readonly Platform?: { readonly Name?: string };
  readonly Components?: readonly { readonly Name: string }[];
}

/**
 * Docker Engine, or what speaks its API. Nothing is started: a daemon that does not answer in time is `runtime/daemon-unavailable`, one of another time
 * `runtime/version-skew`, one for Windows containers `runtime/unsupported-platform`.
 */
export async function openDockerRuntime({
  host,
  environment = process.env,
  timeoutMs = TIMEOUT_MS,
}: DockerOptions = {}): Promise<ContainerRuntime> {
  const socket = findSocket(host, environment);
  const client = openEngineClient(socket);
  const version = await firstAnswer(client, socket.path, socket.startCommand, timeoutMs);
  client.setVersion(`/v${negotiate(version)}`);
  const isPodman = version.Components?.some(({ Name }) => Name.startsWith("Podman")) === true;
  const isDesktop = version.Platform?.Name?.startsWith("Docker Desktop") === true;
  const self = {
    name: `${isPodman ? "Podman" : "Docker Engine"} ${version.Version}`,
    capabilities: {
      exitCodes: true,
      // Podman leaves them to systemd, which may not be there.
      healthChecks: !isPodman,
      // Podman's depends on how it was installed.
      serviceDns: !isPodman,
      ttyResize: true,
      privileged: true,
      imageBuild: true,
      // Docker Desktop gives shared files to whoever asks.
      needsUidReconciliation: !isDesktop,
    },
  };
  return {
    ...self,
    buildImage: (build) => buildImage(client, build),
    pullImage: (pull) => pullImage(client, pull),
    async runContainer(spec) {
      requireCapabilities(self, { healthChecks: spec.healthCheck !== undefined, serviceDns: spec.networkAliases !== undefined });
      return createContainer(client, spec);
    },
    startContainer: (container) => startContainer(client, container),
    stopContainer: (container, options) => stopContainer(client, container, options?.timeoutSeconds),
    removeContainer: (container, options = {}) => removeContainer(client, container, options),
    execContainer: (container, spec) => execContainer(client, container, spec),
    inspectContainer: (container) => inspectContainer(client, container),
    inspectImage: (image) => inspectImage(client, image),
    containerLogs: (container, options = {}) => readLogs(client, container, options),
    findContainerByLabel: (label, value) => findContainerByLabel(client, label, value),
    close: async () => client.close(),
    ...(self.capabilities.serviceDns ? projectCalls(client) : {}),
  };
}

async function firstAnswer(client: EngineClient, path: string, startCommand: string, timeoutMs: number): Promise<EngineVersion> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), timeoutMs);
  try {
    const version = await client.json<Partial<EngineVersion> | undefined>({ method: "GET", path: "/version", signal: patience.signal });
    if (version?.ApiVersion !== undefined) return version as EngineVersion;
    throw new DistError("runtime/failed", `what answers at ${path} is no Docker Engine`);
  } catch (cause) {
    if (!patience.signal.aborted) throw cause;
    throw new DistError("runtime/daemon-unavailable", `no answer at ${path} within ${timeoutMs} ms`, {
      hint: `run '${startCommand}'`,
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** The newest version both speak. */
function negotiate({ ApiVersion, MinAPIVersion = ApiVersion, Os, Version }: EngineVersion): string {
  const [newest, oldest] = [ApiVersion, MinAPIVersion].map((text) => text.split(".").map(Number)) as [number[], number[]];
  if (isBefore(newest, OLDEST_API) || isBefore(NEWEST_API, oldest)) {
    const ours = `${OLDEST_API.join(".")} to ${NEWEST_API.join(".")}`;
    throw new DistError(
      "runtime/version-skew",
      `the daemon, version ${Version}, speaks API ${MinAPIVersion} to ${ApiVersion}: expected one of ${ours}`,
      {
        hint: isBefore(newest, OLDEST_API) ? "update Docker to 20.10 or newer" : "update distd",
        details: { daemon: [MinAPIVersion, ApiVersion], expected: [OLDEST_API.join("."), NEWEST_API.join(".")] },
      },
    );
  }
  if (Os !== "linux") throw new DistError("runtime/unsupported-platform", `the daemon runs containers of ${Os}: expected linux`);
  return isBefore(newest, NEWEST_API) ? ApiVersion : NEWEST_API.join(".");
}

function isBefore(version: readonly number[], other: readonly number[]): boolean {
  const [major = 0, minor = 0] = version;
  const [otherMajor = 0, otherMinor = 0] = other;
  return major === otherMajor ? minor < otherMinor : major < otherMajor;
}
