import type { ContainerRuntime, RuntimeCapabilities } from "../container-runtime.ts";
import type { ConformanceBackend, World } from "./backend.ts";

export interface ConformanceCase {
  /** A row of the table. */
  readonly title: string;
  /** What the backend must be able to do for it. */
  readonly needs?: keyof RuntimeCapabilities;
  run(runtime: ContainerRuntime, world: World, backend: ConformanceBackend): Promise<void>;
}
