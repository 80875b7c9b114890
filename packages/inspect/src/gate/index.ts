export type * from "./check.ts";
export { SEVERITIES } from "./check.ts";
export { CHECKS } from "./checks/index.ts";
export * from "./run-gate.ts";
export { isReadableKey } from "../verify/key-ids.ts";
export { trustOf } from "./trust-of.ts";
