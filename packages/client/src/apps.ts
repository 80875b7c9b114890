// One lifecycle on a machine: install, update, roll back, uninstall.
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DistError, HOST_INSTALLED_FORMATS } from "@distd/core";
import { fetchFile } from "./fetch/fetch-file.ts";
import { sync } from "./files.ts";
import type { Folders, Host } from "./host.ts";
import { fetchChannel, type Hub } from "./hub/channel.ts";
import { type Choice, chooseArtifact, type Wanted } from "./hub/choose.ts";
import { openKnownHubs } from "./hub/known-hubs.ts";
import {
  activate,
  appFolder,
  currentVersion,
  executablesOf,
  linkExecutables,
  unlinkExecutables,
  versionFolder,
} from "./install/activate.ts";
import { type OpenFile, withVerified } from "./install/open-verified.ts";
import { type InstalledApp, type InstalledVersion, openRegistry } from "./install/registry.ts";
import { withLock } from "./lock.ts";

export interface Machine {
  readonly folders: Folders;
  readonly host: Host;
  now(): Date;
  /** How long another dist on this machine is waited for, milliseconds; two minutes when absent. */
  readonly patienceMs?: number;
}

export interface Progress {
  readonly progress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** What a command did. */
export interface Done {
  readonly app: string;
  readonly channel: string;
  readonly version: string;
  readonly build: string;
  /** The version that was used before, where there was one. */
  readonly before: string | undefined;
  readonly isChanged: boolean;
  /** Paths of the links to executables. */
  readonly executables: readonly string[];
  readonly reason?: string;
}

export async function resolve(machine: Machine, hub: Hub, app: string, channel: string, wanted: Wanted = {}): Promise<Choice> {
  const document = await fetchChannel(hub, openKnownHubs(machine.folders), app, channel, machine.now());
  return chooseArtifact(document, machine.host, wanted);
}

function alone<T>({ folders, patienceMs }: Machine, body: () => Promise<T>): Promise<T> {
  return withLock(join(folders.root, "lock"), body, patienceMs);
}

/** Installs what is live on a channel, or brings what is installed to it: also to an older version, when the channel went back. */
export async function install(machine: Machine, hub: Hub, app: string, channel: string, options: Wanted & Progress = {}): Promise<Done> {
  const { folders } = machine;
  return alone(machine, async () => {
    const choice = await resolve(machine, hub, app, channel, options);
    const registry = openRegistry(folders, machine.now);
    const before = registry.apps()[app];
    const folder = folderName(choice);
    const used = currentVersion(folders, app);
    const isKnown = before?.versions.some((one) => one.folder === folder) === true;
    if (used === folder && isKnown && before?.hub === hub.url && before.channel === channel)
      return doneOf(folders, app, before, folder, { isChanged: false, before: used, reason: choice.reason });
    if (!HOST_INSTALLED_FORMATS.has(choice.format)) throw byHand(choice);
    // A folder of that name is whole: it was renamed when it was.
    if (!existsSync(versionFolder(folders, app, folder))) await place(machine, hub, choice, folder, options);
    const links = linkBefore(folders, app, folder, before);
    activate(folders, app, folder);
    const versions = [...(before?.versions ?? []).filter((one) => one.folder !== folder), versionOf(choice, folder, machine.now())];
    const installed: InstalledApp = {
      hub: hub.url,
      channel,
      versions,
      previous: used === undefined || used === folder ? (before?.previous ?? null) : used,
      links: [...links],
    };
    registry.put(app, installed);
    registry.put(app, collect(folders, app, installed));
    return doneOf(folders, app, installed, folder, { isChanged: true, before: used, reason: choice.reason });
  });
}

/** Back to the version that was used before. */
export async function rollback(machine: Machine, app: string): Promise<Done> {
  const { folders } = machine;
  return alone(machine, async () => {
    const registry = openRegistry(folders, machine.now);
    const installed = requireInstalled(registry.apps(), app);
    const used = currentVersion(folders, app);
    const { previous } = installed;
    if (previous === null || previous === used || !existsSync(versionFolder(folders, app, previous)))
      throw new DistError("install/nothing-before", `there is no version of '${app}' before the one that is used`);
    const links = linkBefore(folders, app, previous, installed);
    activate(folders, app, previous);
    const after = { ...installed, previous: used ?? null, links: [...links] };
    registry.put(app, after);
    return doneOf(folders, app, after, previous, { isChanged: true, before: used });
  });
}

/** Takes away links, versions, and what is known of it. Downloads that nothing else needs go too. */
export async function uninstall(machine: Machine, app: string): Promise<void> {
  const { folders } = machine;
  await alone(machine, async () => {
    const registry = openRegistry(folders, machine.now);
    const { links } = requireInstalled(registry.apps(), app);
    unlinkExecutables(folders, app, links);
    const gone = `${appFolder(folders, app)}.${randomBytes(4).toString("hex")}.gone`;
    if (existsSync(appFolder(folders, app))) renameSync(appFolder(folders, app), gone);
    registry.remove(app);
    rmSync(gone, { recursive: true, force: true });
    dropDownloads(folders, Object.values(registry.apps()));
  });
}

export function list(machine: Machine): Readonly<Record<string, InstalledApp & { readonly current: string | undefined }>> {
  const apps = openRegistry(machine.folders, machine.now).apps();
  return Object.fromEntries(Object.entries(apps).map(([app, one]) => [app, { ...one, current: currentVersion(machine.folders, app) }]));
}

function requireInstalled(apps: Readonly<Record<string, InstalledApp>>, app: string): InstalledApp {
  const installed = apps[app];
  if (!installed) throw new DistError("install/not-found", `'${app}' is not installed`);
  return installed;
}

/** Puts a version in place: fetched, verified and unpacked beside, then renamed. */
async function place(machine: Machine, hub: Hub, choice: Choice, folder: string, options: Progress): Promise<void> {
  const { folders } = machine;
  const path = await fetchFile(hub, folders, choice, options);
  const final = versionFolder(folders, choice.app, folder);
  const next = `${final}.${randomBytes(4).toString("hex")}.new`;
  mkdirSync(next, { recursive: true });
  try {
    await withVerified(path, choice.digest, async (file) => {
      if (choice.format !== "tarball" && choice.format !== "zip") return copyProgram(file, join(next, choice.app));
      // The libraries for archives are loaded by those who unpack.
      const { unpack } = await import("./install/unpack.ts");
      return unpack(file, choice.format, next);
    });
    renameSync(next, final);
    sync(dirname(final));
  } catch (thrown) {
    rmSync(next, { recursive: true, force: true });
    if ((thrown as NodeJS.ErrnoException).code === "ENOSPC")
      throw new DistError("install/no-room", `there is no room to unpack ${choice.fileName}`, { cause: thrown });
    throw thrown;
  }
}

async function copyProgram(file: OpenFile, path: string): Promise<void> {
  const target = await open(path, "wx", 0o755);
  try {
    for await (const piece of file.pieces()) await target.write(piece);
    await target.sync();
  } finally {
    await target.close();
  }
  chmodSync(path, 0o755);
}

function linkBefore(folders: Folders, app: string, folder: string, before: InstalledApp | undefined): readonly string[] {
  return linkExecutables(folders, app, executablesOf(versionFolder(folders, app, folder), app), before?.links ?? []);
}

/** Keeps the version that is used and the one before it. */
function collect(folders: Folders, app: string, installed: InstalledApp): InstalledApp {
  const used = currentVersion(folders, app);
  const keep = new Set([used, installed.previous]);
  const root = join(appFolder(folders, app), "versions");
  for (const name of readdirSync(root)) if (!keep.has(name)) rmSync(join(root, name), { recursive: true, force: true });
  const after = { ...installed, versions: installed.versions.filter(({ folder }) => keep.has(folder)) };
  const others = Object.entries(openRegistry(folders).apps()).flatMap(([name, one]) => (name === app ? [] : [one]));
  dropDownloads(folders, [...others, after]);
  return after;
}

/** What no installed version is made of. */
function dropDownloads({ root }: Folders, apps: readonly InstalledApp[]): void {
  const needed = new Set(apps.flatMap(({ versions }) => versions.map(({ digest }) => digest)));
  const cache = join(root, "cache", "sha256");
  if (!existsSync(cache)) return;
  for (const prefix of readdirSync(cache))
    for (const name of readdirSync(join(cache, prefix)))
      if (/^[0-9a-f]{64}$/.test(name) && !needed.has(name)) rmSync(join(cache, prefix, name), { force: true });
}

function folderName({ version, build, digest }: Choice): string {
  return `${version}${build === "" ? "" : `-${build}`}-${digest.slice(0, 12)}`;
}

function versionOf(choice: Choice, folder: string, now: Date): InstalledVersion {
  const { version, build, release, sequence, format, digest, bytes, url } = choice;
  return { folder, version, build, release, sequence, format, digest, bytes, url, installedAt: now.toISOString() };
}

function doneOf(
  folders: Folders,
  app: string,
  { channel, versions, links }: InstalledApp,
  folder: string,
  said: { readonly isChanged: boolean; readonly before: string | undefined; readonly reason?: string },
): Done {
  const versionIn = (name: string | undefined): string | undefined => versions.find((one) => one.folder === name)?.version;
  const own = versions.find((one) => one.folder === folder);
  const { isChanged, before, reason } = said;
  return {
    app,
    channel,
    version: own?.version ?? "",
    build: own?.build ?? "",
    before: before === folder ? versionIn(folder) : (versionIn(before) ?? before),
    isChanged,
    executables: links.map((name) => join(folders.bin, name)),
    ...(reason !== undefined && { reason }),
  };
}

const STEPS: Readonly<Record<string, (file: string) => string>> = {
  deb: (file) => `sudo apt install ./${file}`,
  rpm: (file) => `sudo dnf install ./${file}`,
  pkg: (file) => `sudo installer -pkg ${file} -target /`,
  dmg: (file) => `open ${file}`,
  msi: (file) => `msiexec /i ${file}`,
  exe: (file) => file,
  msix: (file) => `Add-AppxPackage ${file}`,
};

function byHand({ format, url, fileName }: Choice): DistError {
  const step = STEPS[format]?.(fileName);
  return new DistError("install/by-hand", `dist does not install ${format} files yet`, {
    hint: `by hand: curl -fLO ${url}${step === undefined ? "" : ` && ${step}`}`,
  });
}
