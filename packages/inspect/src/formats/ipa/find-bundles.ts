import { broken } from "../../broken.ts";
import type { Zip } from "../../zip/open-zip.ts";

const MAX_NESTED = 500;
/** An extension of a watch app lies five folders below the app. */
const MAX_NESTED_DEPTH = 8;

export interface AppBundle {
  /** Path of the app's folder, with the slash at its end. */
  readonly path: string;
  /** The folder around `Payload` that should not be there. */
  readonly wrapper?: string;
}

export type NestedKind = "watchApp" | "extension" | "appClip";

export interface NestedBundle {
  readonly kind: NestedKind;
  readonly path: string;
}

/** True for a path below `Payload/X.app/`. */
export function isInApp(name: string): boolean {
  return appPath(name.split("/", 3), 0) !== undefined;
}

/**
 * The one app. Archives made by hand on a Mac often have a folder around `Payload`, beside `__MACOSX`: the app is found there too, but no
 * device finds it.
 */
export function findApp(zip: Zip): AppBundle {
  for (const depth of [0, 1]) {
    const found = new Set<string>();
    for (const { name } of zip.entries) {
      const parts = name.split("/", 4);
      const path = parts[0] === "__MACOSX" ? undefined : appPath(parts, depth);
      if (path !== undefined) found.add(path);
    }
    const [path, ...others] = found;
    if (others.length > 0) throw broken(`Payload holds ${found.size} apps; a device installs one`);
    if (path !== undefined) return depth === 0 ? { path } : { path, wrapper: path.slice(0, path.indexOf("/")) };
  }
  throw broken("there is no app in Payload: this is not an iOS app archive");
}

/** Apps and extensions inside the app, in the order of the archive. */
export function findNested(zip: Zip, app: AppBundle): readonly NestedBundle[] {
  const found = new Map<string, NestedBundle>();
  for (const { name } of zip.entries) {
    if (!name.startsWith(app.path)) continue;
    const parts = name.slice(app.path.length).split("/", MAX_NESTED_DEPTH);
    for (const [index, part] of parts.slice(0, -1).entries()) {
      const kind = nestedKind(parts[index - 1], part);
      if (kind === undefined || found.size >= MAX_NESTED) continue;
      const path = `${app.path}${parts.slice(0, index + 1).join("/")}/`;
      found.set(path, { kind, path });
    }
  }
  return [...found.values()];
}

function appPath(parts: readonly string[], depth: number): string | undefined {
  const isApp = parts[depth] === "Payload" && parts.length > depth + 2 && parts[depth + 1]?.endsWith(".app") === true;
  return isApp ? `${parts.slice(0, depth + 2).join("/")}/` : undefined;
}

function nestedKind(folder: string | undefined, name: string): NestedKind | undefined {
  if (name.endsWith(".appex") && (folder === "PlugIns" || folder === "Extensions")) return "extension";
  if (!name.endsWith(".app")) return undefined;
  if (folder === "Watch") return "watchApp";
  return folder === "AppClips" ? "appClip" : undefined;
}
