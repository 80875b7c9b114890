// Which version of an app is used: one link, changed in one step. Whatever happens, it leads to a whole version.
import { lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { DistError } from "@distd/core";
import { sync } from "../files.ts";
import type { Folders } from "../host.ts";

const EXECUTABLE = 0o111;

export function appFolder({ root }: Folders, app: string): string {
  return join(root, "apps", app);
}

export function versionFolder(folders: Folders, app: string, folder: string): string {
  return join(appFolder(folders, app), "versions", folder);
}

/** Folder of the version that is used; undefined: none is. */
export function currentVersion(folders: Folders, app: string): string | undefined {
  try {
    return readlinkSync(join(appFolder(folders, app), "current")).slice("versions/".length);
  } catch {
    return undefined;
  }
}

export function activate(folders: Folders, app: string, folder: string): void {
  const path = join(appFolder(folders, app), "current");
  replaceLink(path, join("versions", folder));
  sync(dirname(path));
}

/** Executables of `bin/`, or the only one there is: name → path within the version. */
export function executablesOf(folder: string, app: string): ReadonlyMap<string, string> {
  const root = onlyFolderIn(folder);
  const bin = join(root, "bin");
  const inBin = executablesIn(join(folder, bin));
  if (inBin.length > 0) return new Map(inBin.map((name) => [name, join(bin, name)]));
  const here = executablesIn(join(folder, root));
  const [only] = here;
  return here.length === 1 && only !== undefined ? new Map([[app, join(root, only)]]) : new Map();
}

/** Archives often hold one folder that holds everything. */
function onlyFolderIn(folder: string): string {
  const [only, ...others] = readdirSync(folder, { withFileTypes: true });
  return others.length === 0 && only?.isDirectory() === true && only.name !== "bin" ? only.name : "";
}

function executablesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => {
        const found = statSync(join(folder, name), { throwIfNoEntry: false });
        return found?.isFile() === true && (found.mode & EXECUTABLE) !== 0;
      })
      .toSorted();
  } catch {
    return [];
  }
}

/** Links names in the bin folder to what `current` holds, and takes away those that are no more. What is somebody else's is left alone. */
export function linkExecutables(
  folders: Folders,
  app: string,
  executables: ReadonlyMap<string, string>,
  before: readonly string[],
): readonly string[] {
  mkdirSync(folders.bin, { recursive: true });
  const own = join(appFolder(folders, app), "current");
  for (const name of executables.keys()) {
    const path = join(folders.bin, name);
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !(there.isSymbolicLink() && readlinkSync(path).startsWith(`${own}/`)))
      throw new DistError("install/name-taken", `there is a '${name}' in ${folders.bin} already, and it is not this app's`);
  }
  for (const [name, path] of executables) replaceLink(join(folders.bin, name), join(own, path));
  unlinkExecutables(
    folders,
    app,
    before.filter((name) => !executables.has(name)),
  );
  return [...executables.keys()];
}

export function unlinkExecutables(folders: Folders, app: string, names: readonly string[]): void {
  const own = join(appFolder(folders, app), "current");
  for (const name of names) {
    const path = join(folders.bin, name);
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && readlinkSync(path).startsWith(`${own}/`)) rmSync(path);
  }
}

function replaceLink(path: string, target: string): void {
  const next = `${path}.${process.pid}.new`;
  rmSync(next, { force: true });
  symlinkSync(target, next);
  renameSync(next, path);
}
