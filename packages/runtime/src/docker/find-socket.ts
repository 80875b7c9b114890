// Where the daemon listens: what the docker command does (DOCKER_HOST, DOCKER_CONTEXT, the current context), then the places where daemons put their socket.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { DistError } from "@distd/core";

export interface EngineSocket {
  /** Of a Unix socket, or of a named pipe on Windows. */
  readonly path: string;
  /** What to run when nobody answers there. */
  readonly startCommand: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `host` is as in DOCKER_HOST. An address that is no socket of this machine is `runtime/unsupported-option`. */
export function findSocket(host: string | undefined, environment: Environment): EngineSocket {
  const home = environment["HOME"] ?? homedir();
  const address = host ?? (environment["DOCKER_HOST"] || contextAddress(home, environment));
  const path = address === undefined ? usualSocket(home, environment) : socketPath(address);
  return { path, startCommand: startCommand(path) };
}

function socketPath(address: string): string {
  if (address.startsWith("unix://")) return address.slice("unix://".length);
  if (address.startsWith("npipe://")) return address.slice("npipe://".length).replaceAll("/", "\\");
  if (address.startsWith("/")) return address;
  throw new DistError("runtime/unsupported-option", `${address}: expected unix://PATH or npipe://PATH`, {
    hint: "use the daemon of this machine: unset DOCKER_HOST, or choose another docker context",
  });
}

function contextAddress(home: string, environment: Environment): string | undefined {
  const folder = environment["DOCKER_CONFIG"] ?? join(home, ".docker");
  const name = environment["DOCKER_CONTEXT"] ?? readText(join(folder, "config.json"), "currentContext");
  if (name === undefined || name === "" || name === "default") return undefined;
  // The docker command keeps each context in a folder named for the digest of its name.
  const digest = createHash("sha256").update(name).digest("hex");
  const address = readText(join(folder, "contexts", "meta", digest, "meta.json"), "Endpoints", "docker", "Host");
  if (address !== undefined) return address;
  throw new DistError("runtime/daemon-unavailable", `there is no docker context '${name}'`, {
    hint: "run 'docker context ls', then 'docker context use NAME'",
  });
}

/** The text at a place in a JSON file; undefined when there is no file or no such text. */
function readText(path: string, ...keys: readonly string[]): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    let value: unknown = JSON.parse(readFileSync(path, "utf8"));
    for (const key of keys) value = (value as Record<string, unknown> | null | undefined)?.[key];
    return typeof value === "string" ? value : undefined;
  } catch (cause) {
    throw new DistError("runtime/daemon-unavailable", `${path} does not say where the daemon is`, {
      hint: "mend or remove the file",
      cause,
    });
  }
}

function usualSocket(home: string, environment: Environment): string {
  if (process.platform === "win32") return "\\\\.\\pipe\\docker_engine";
  const runtime = environment["XDG_RUNTIME_DIR"];
  const inRuntime = (...names: readonly string[]): string[] => (runtime === undefined ? [] : [join(runtime, ...names)]);
  const paths = [
    "/var/run/docker.sock",
    ...inRuntime("docker.sock"),
    join(home, ".docker", "run", "docker.sock"),
    join(home, ".colima", "default", "docker.sock"),
    join(environment["XDG_CONFIG_HOME"] ?? join(home, ".config"), "colima", "default", "docker.sock"),
    ...inRuntime("podman", "podman.sock"),
    "/run/podman/podman.sock",
    join(home, ".local", "share", "containers", "podman", "machine", "podman.sock"),
  ];
  return paths.find((path) => existsSync(path)) ?? "/var/run/docker.sock";
}

function startCommand(path: string): string {
  if (path.includes("colima")) return "colima start";
  if (path.includes("podman")) return process.platform === "linux" ? "systemctl --user start podman.socket" : "podman machine start";
  if (process.platform === "darwin") return "open -a Docker";
  return process.platform === "win32" ? "docker desktop start" : "sudo systemctl start docker";
}
