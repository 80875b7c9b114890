/** What every backend of `ContainerRuntime` owes. Each case runs in containers of its own and leaves none. */
import { containerCases } from "./container-cases.ts";
import { execCases } from "./exec-cases.ts";
import { failureCases } from "./failure-cases.ts";
import { imageCases } from "./image-cases.ts";
import { logCases } from "./log-cases.ts";
import type { ConformanceCase } from "./conformance-case.ts";

export const CONFORMANCE_CASES: readonly ConformanceCase[] = [...containerCases, ...execCases, ...logCases, ...imageCases, ...failureCases];

export * from "./backend.ts";
export type { ConformanceCase } from "./conformance-case.ts";
export { sendThrough } from "./exec-cases.ts";
export { inContainer, LABEL } from "./in-container.ts";
