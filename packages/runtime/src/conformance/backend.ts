import type { ContainerSpec } from "../container.ts";
import type { ContainerRuntime } from "../container-runtime.ts";
import type { RegistryCredentials } from "../image.ts";

/** A backend as the cases meet it: the real thing, started for them, empty but for what `World` names. */
export interface ConformanceBackend {
  /** Heads its column of the table. */
  readonly name: string;
  /** Why it cannot run here; undefined when it can. */
  readonly missing: string | undefined;
  /** Titles of cases that do not hold, and why; each MUST fail. */
  readonly shortfalls: Readonly<Record<string, string>>;
  start(): Promise<World>;
  /** One beside, with a network of its own, to be killed. */
  startApart(): Promise<Apart>;
}

export interface World {
  open(): Promise<ContainerRuntime>;
  /** Has `/bin/sh` and the usual tools of busybox, and no command of its own. */
  readonly image: string;
  /** Has `/sleep` and `/cat`, and no shell. */
  readonly bareImage: string;
  /** What every container needs on this machine. */
  readonly spec: Partial<ContainerSpec>;
  /** Where `image:1` is, a program that says `PULLED`. `open` gives it to anybody, `closed` for the credentials; at `down` nobody answers. */
  readonly registries: {
    readonly open: string;
    readonly closed: string;
    readonly down: string;
    readonly credentials: RegistryCredentials;
  };
  stop(): Promise<void>;
}

export interface Apart extends Pick<World, "open" | "image" | "spec"> {
  /** As a power cut does: the daemon, and all that runs in it. */
  kill(): Promise<void>;
}

export const PULLED = "1.0.0\n";
