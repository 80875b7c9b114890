export { type Done, install, list, type Machine, type Progress, resolve, rollback, uninstall } from "./apps.ts";
export { cachePath, fetchFile, type FetchOptions, type WantedFile } from "./fetch/fetch-file.ts";
export { type Folders, foldersOf, type Host, thisHost } from "./host.ts";
export { fetchChannel, type Hub } from "./hub/channel.ts";
export { type Choice, chooseArtifact, type Wanted } from "./hub/choose.ts";
export { type KnownHub, type KnownHubs, openKnownHubs } from "./hub/known-hubs.ts";
export type { InstalledApp, InstalledVersion } from "./install/registry.ts";
