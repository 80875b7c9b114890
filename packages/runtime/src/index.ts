export * from "./compose-runtime.ts";
export type * from "./container.ts";
export type * from "./container-runtime.ts";
export type * from "./exec.ts";
export type * from "./image.ts";
export type * from "./logs.ts";
export { type DockerOptions, openDockerRuntime } from "./docker/index.ts";
