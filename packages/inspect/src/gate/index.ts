export type * from "./check.ts";
export { SEVERITIES } from "./check.ts";
export { CHECKS } from "./checks/index.ts";
export * from "./run-gate.ts";
export { trustOf } from "./trust-of.ts";
