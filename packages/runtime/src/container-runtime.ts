import type { ContainerSpec, ContainerState } from "./container.ts";
import type { ExecProcess, ExecSpec } from "./exec.ts";
import type { ImageBuild, ImagePull, ImageState } from "./image.ts";
import type { LogOptions, OutputChunk } from "./logs.ts";

/**
 * What runs containers on this machine. Nothing of a backend's own crosses it, and a backend knows nothing of releases.
 *
 * A container is named by its id or name, an image by its id or reference. What a backend does not know MUST be `null`, never a value made up. An
 * option it cannot honour MUST be `runtime/unsupported-option`, thrown before anything changed. Every failure MUST be a `DistError`: a daemon that is
 * not there, or goes away midway, is `runtime/daemon-unavailable`; what is named and not there `runtime/container-not-found` or
 * `runtime/image-not-found`; a call whose signal is aborted `run/interrupted`. A call that fails MUST leave no container, process or descriptor.
 */
export interface ContainerRuntime {
  /** For people, with its version: `Docker Engine 28.2.2`. */
  readonly name: string;
  readonly capabilities: RuntimeCapabilities;

  /** Builds from a folder. Resolves with the image's id; `runtime/build-failed` when the Dockerfile does not make one. */
  buildImage(build: ImageBuild): Promise<string>;
  /** Resolves when the image is here; `runtime/registry-refused` when its registry wants other credentials. */
  pullImage(pull: ImagePull): Promise<void>;

  /** Creates a container and does not start it. Resolves with its id; pulls nothing. `runtime/name-in-use` when the name is taken. */
  runContainer(spec: ContainerSpec): Promise<string>;
  /** Starting one that runs already succeeds. A command that is not there is `runtime/exec-failed`. */
  startContainer(container: string): Promise<void>;
  /** Asks the process to end and kills it after the timeout. Stopping one that has ended succeeds. */
  stopContainer(container: string, options?: { readonly timeoutSeconds?: number }): Promise<void>;
  /** `force` kills what still runs; `volumes` removes the anonymous volumes with it. */
  removeContainer(container: string, options?: { readonly force?: boolean; readonly volumes?: boolean }): Promise<void>;

  /** Starts a process in a running container. */
  execContainer(container: string, spec: ExecSpec): Promise<ExecProcess>;

  inspectContainer(container: string): Promise<ContainerState>;
  inspectImage(image: string): Promise<ImageState>;
  /** What the container wrote, in order. Errors come from the loop; leaving it ends the call. */
  containerLogs(container: string, options?: LogOptions): AsyncIterable<OutputChunk>;
  /** The newest container, in any state, whose label has exactly this value; null when there is none. */
  findContainerByLabel(label: string, value: string): Promise<ContainerState | null>;

  /** Ends every call under way with `runtime/daemon-unavailable`. Containers go on. */
  close(): Promise<void>;
}

/** What a backend can do. Ask these, not which backend it is. */
export interface RuntimeCapabilities {
  /** Whether `exitCode` of a container that has ended is known. */
  readonly exitCodes: boolean;
  readonly healthChecks: boolean;
  /** Whether containers on a network find each other by name. */
  readonly serviceDns: boolean;
  readonly ttyResize: boolean;
  readonly privileged: boolean;
  readonly imageBuild: boolean;
  /** Whether files of a bind mount keep the owner's number they have outside, so that a user in the container must be given that number. */
  readonly needsUidReconciliation: boolean;
}
