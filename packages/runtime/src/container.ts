/** A container to be. Absent options are the image's or the backend's own. */
export interface ContainerSpec {
  /** Reference or id of an image that is here. */
  readonly image: string;
  readonly name?: string;
  /** Replaces the image's entrypoint. */
  readonly entrypoint?: readonly string[];
  /** Arguments to the entrypoint, or the command where there is none. */
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** Name or number, with `:group` if wanted. */
  readonly user?: string;
  readonly tty?: boolean;
  readonly mounts?: readonly Mount[];
  readonly ports?: readonly PortMapping[];
  /** `none`, `host`, or the name of a network; the backend's own when absent. */
  readonly network?: string;
  /** Names by which others on the network find it. Needs service DNS, and a network of one's own. */
  readonly networkAliases?: readonly string[];
  readonly privileged?: boolean;
  readonly memoryBytes?: number;
  readonly limits?: Readonly<Partial<Record<ProcessLimit, number>>>;
  readonly healthCheck?: HealthCheck;
}

/** Most of a kind that each process in the container may have: the soft and the hard limit. */
export type ProcessLimit = "openFiles" | "processes";

export type Mount =
  | { readonly kind: "bind"; readonly source: string; readonly target: string; readonly readOnly?: boolean }
  | { readonly kind: "volume"; readonly source: string; readonly target: string; readonly readOnly?: boolean }
  | { readonly kind: "tmpfs"; readonly target: string };

export interface PortMapping {
  readonly containerPort: number;
  /** One that is free when absent. */
  readonly hostPort?: number;
  /** `127.0.0.1` when absent: nothing is shown to the network unasked. */
  readonly hostAddress?: string;
  readonly protocol?: "tcp" | "udp";
}

export interface HealthCheck {
  readonly command: readonly string[];
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
  readonly startPeriodMs?: number;
  readonly retries?: number;
}

/** A container as it is now. */
export interface ContainerState {
  readonly id: string;
  readonly name: string;
  /** The reference it was made from. */
  readonly image: string;
  readonly imageId: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: "created" | "running" | "paused" | "restarting" | "exited" | "removing" | "dead";
  /** Times are ISO 8601, as exact as the backend has them. */
  readonly createdAt: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** Of a container that has ended. */
  readonly exitCode: number | null;
  readonly health: "starting" | "healthy" | "unhealthy" | null;
  readonly ports: readonly Required<PortMapping>[];
}
