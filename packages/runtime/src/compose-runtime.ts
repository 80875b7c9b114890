import { DistError } from "@distd/core";
import type { ContainerSpec } from "./container.ts";
import type { ContainerRuntime } from "./container-runtime.ts";

/** Containers that belong together and find each other by the names of their services. */
export interface ComposeProject {
  readonly name: string;
  /** Started in this order. */
  readonly services: Readonly<Record<string, Omit<ContainerSpec, "name" | "network" | "networkAliases">>>;
}

/** A backend that also starts several containers as one. Orchestration is no part of `ContainerRuntime`. */
export interface ComposeRuntime extends ContainerRuntime {
  /**
   * Makes the project's network and its containers, and starts them. Resolves with the containers' ids by service. `runtime/name-in-use` when there is
   * such a project; one that fails leaves nothing.
   */
  startProject(project: ComposeProject): Promise<Readonly<Record<string, string>>>;
  /** Removes the containers and the network of the project, also one that is there in part only. */
  removeProject(name: string): Promise<void>;
}

export function isComposeRuntime(runtime: ContainerRuntime): runtime is ComposeRuntime {
  return "startProject" in runtime && "removeProject" in runtime;
}

/** The runtime with its orchestration; `runtime/not-implemented` when it has none. */
export function asComposeRuntime(runtime: ContainerRuntime): ComposeRuntime {
  if (isComposeRuntime(runtime)) return runtime;
  throw new DistError("runtime/not-implemented", `${runtime.name} does not start several containers as one`);
}
