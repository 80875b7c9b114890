import { DistError } from "@distd/core";
import type { RuntimeCapabilities } from "./container-runtime.ts";

/** Refuses what is wanted and not there with `runtime/unsupported-option`. */
export function requireCapabilities(
  { name, capabilities }: { readonly name: string; readonly capabilities: RuntimeCapabilities },
  wanted: Readonly<Partial<RuntimeCapabilities>>,
): void {
  for (const capability of Object.keys(wanted) as (keyof RuntimeCapabilities)[]) {
    if (wanted[capability] === true && !capabilities[capability])
      throw new DistError("runtime/unsupported-option", `${name} has not: ${TITLES[capability]}`, { details: { capability } });
  }
}

const TITLES: Readonly<Record<keyof RuntimeCapabilities, string>> = {
  exitCodes: "exit codes",
  healthChecks: "health checks",
  serviceDns: "names of containers on a network",
  ttyResize: "terminals with a size",
  privileged: "privileged containers",
  imageBuild: "building images",
  needsUidReconciliation: "owners of bind mounts as they are outside",
};
