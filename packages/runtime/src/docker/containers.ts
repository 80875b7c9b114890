import { DistError } from "@distd/core";
import type { ContainerSpec, ContainerState, HealthCheck, Mount, PortMapping, ProcessLimit } from "../container.ts";
import type { EngineClient } from "./engine-client.ts";
import { knownTime } from "./known-time.ts";
import { unlessGone } from "./unless-gone.ts";

/** `GET /containers/{id}/json`, as far as it is read. */
interface EngineContainer {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly Created: string;
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> | null };
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    readonly Health?: { readonly Status: string } | null;
  };
  readonly NetworkSettings: {
    readonly Ports?: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>> | null;
  };
}

const MISSING = { 404: "runtime/container-not-found" } as const;
const STATUSES = ["created", "running", "paused", "restarting", "exited", "removing", "dead"] as const;
const HEALTHS = ["starting", "healthy", "unhealthy"] as const;
const LIMITS: Readonly<Record<ProcessLimit, string>> = { openFiles: "nofile", processes: "nproc" };
const NANOSECONDS_PER_MS = 1_000_000;

const pathOf = (container: string): string => `/containers/${encodeURIComponent(container)}`;

export async function createContainer(client: EngineClient, spec: ContainerSpec): Promise<string> {
  if (spec.networkAliases !== undefined && spec.network === undefined)
    throw new DistError("usage/invalid", "names on a network need a network", { hint: "give the network too" });
  const { Id } = await client.json<{ Id: string }>({
    method: "POST",
    path: "/containers/create",
    query: { name: spec.name },
    body: renderSpec(spec),
    refusals: { 400: "usage/invalid", 404: "runtime/image-not-found", 409: "runtime/name-in-use" },
  });
  return Id;
}

export async function startContainer(client: EngineClient, container: string): Promise<void> {
  await client.json({ method: "POST", path: `${pathOf(container)}/start`, refusals: { ...MISSING, 400: "runtime/exec-failed" } });
}

export async function stopContainer(client: EngineClient, container: string, timeoutSeconds: number | undefined): Promise<void> {
  const query = { t: timeoutSeconds === undefined ? undefined : String(timeoutSeconds) };
  await client.json({ method: "POST", path: `${pathOf(container)}/stop`, query, refusals: MISSING });
}

export async function removeContainer(
  client: EngineClient,
  container: string,
  { force = false, volumes = false }: { readonly force?: boolean; readonly volumes?: boolean },
): Promise<void> {
  await client.json({ method: "DELETE", path: pathOf(container), query: { force: String(force), v: String(volumes) }, refusals: MISSING });
}

export async function inspectContainer(client: EngineClient, container: string): Promise<ContainerState> {
  return readState(await client.json<EngineContainer>({ method: "GET", path: `${pathOf(container)}/json`, refusals: MISSING }));
}

export async function findContainerByLabel(client: EngineClient, label: string, value: string): Promise<ContainerState | null> {
  const query = { all: "true", filters: JSON.stringify({ label: [`${label}=${value}`] }) };
  const listed = await client.json<readonly { readonly Id: string; readonly Labels: Readonly<Record<string, string>> | null }[]>({
    method: "GET",
    path: "/containers/json",
    query,
  });
  let newest: EngineContainer | undefined;
  // The list has whole seconds only, and Podman takes the value for a pattern.
  for (const { Id } of listed.filter(({ Labels }) => Labels?.[label] === value)) {
    const container = await unlessGone(client.json<EngineContainer>({ method: "GET", path: `${pathOf(Id)}/json`, refusals: MISSING }));
    if (container !== undefined && (newest === undefined || isLater(container.Created, newest.Created))) newest = container;
  }
  return newest === undefined ? null : readState(newest);
}

/** Times have up to nine digits after the point, and as few as are needed. */
function isLater(time: string, than: string): boolean {
  const fraction = (text: string): string => (/\.(\d+)/.exec(text)?.[1] ?? "").padEnd(9, "0");
  const [seconds, others] = [time, than].map((text) => Math.floor(Date.parse(text) / 1000)) as [number, number];
  return seconds === others ? fraction(time) > fraction(than) : seconds > others;
}

function readState(container: EngineContainer): ContainerState {
  const { Config, State } = container;
  const status = STATUSES.find((one) => one === State.Status) ?? "exited";
  const hasEnded = status === "exited" || status === "dead";
  return {
    id: container.Id,
    name: container.Name.replace(/^\//, ""),
    image: Config.Image,
    imageId: container.Image || null,
    labels: Config.Labels ?? {},
    status,
    createdAt: knownTime(container.Created),
    startedAt: knownTime(State.StartedAt),
    finishedAt: knownTime(State.FinishedAt),
    exitCode: hasEnded ? State.ExitCode : null,
    health: HEALTHS.find((one) => one === State.Health?.Status) ?? null,
    ports: readPorts(container.NetworkSettings.Ports ?? {}),
  };
}

function readPorts(ports: NonNullable<EngineContainer["NetworkSettings"]["Ports"]>): Required<PortMapping>[] {
  return Object.entries(ports).flatMap(([name, bindings]) => {
    const [port, protocol] = name.split("/");
    return (bindings ?? []).map(({ HostIp, HostPort }) => ({
      containerPort: Number(port),
      hostPort: Number(HostPort),
      hostAddress: HostIp,
      protocol: protocol === "udp" ? ("udp" as const) : ("tcp" as const),
    }));
  });
}

function renderSpec(spec: ContainerSpec): unknown {
  const { network, networkAliases, ports = [] } = spec;
  const nameOf = ({ containerPort, protocol = "tcp" }: PortMapping): string => `${containerPort}/${protocol}`;
  return {
    Image: spec.image,
    Entrypoint: spec.entrypoint,
    Cmd: spec.command,
    Env: Object.entries(spec.environment ?? {}).map(([name, value]) => `${name}=${value}`),
    Labels: spec.labels,
    WorkingDir: spec.workingDirectory,
    User: spec.user,
    Tty: spec.tty,
    ExposedPorts: Object.fromEntries(ports.map((port) => [nameOf(port), {}])),
    NetworkingConfig: network && networkAliases && { EndpointsConfig: { [network]: { Aliases: networkAliases } } },
    Healthcheck: spec.healthCheck === undefined ? undefined : renderHealthCheck(spec.healthCheck),
    HostConfig: {
      Mounts: spec.mounts?.map(renderMount),
      PortBindings: Object.fromEntries(
        [...Map.groupBy(ports, nameOf)].map(([name, mappings]) => [
          name,
          mappings.map(({ hostPort, hostAddress = "127.0.0.1" }) => ({
            HostIp: hostAddress,
            HostPort: hostPort === undefined ? "" : String(hostPort),
          })),
        ]),
      ),
      NetworkMode: network,
      Privileged: spec.privileged,
      Memory: spec.memoryBytes,
      Ulimits: Object.entries(spec.limits ?? {}).map(([limit, most]) => ({ Name: LIMITS[limit as ProcessLimit], Soft: most, Hard: most })),
    },
  };
}

function renderMount(mount: Mount): unknown {
  return mount.kind === "tmpfs"
    ? { Type: "tmpfs", Target: mount.target }
    : { Type: mount.kind, Source: mount.source, Target: mount.target, ReadOnly: mount.readOnly ?? false };
}

function renderHealthCheck({ command, intervalMs, timeoutMs, startPeriodMs, retries }: HealthCheck): unknown {
  const nanoseconds = (time: number | undefined): number | undefined => (time === undefined ? undefined : time * NANOSECONDS_PER_MS);
  return {
    Test: ["CMD", ...command],
    Interval: nanoseconds(intervalMs),
    Timeout: nanoseconds(timeoutMs),
    StartPeriod: nanoseconds(startPeriodMs),
    Retries: retries,
  };
}
