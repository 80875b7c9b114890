// Where a bundle keeps its parts: below `Contents` (apps, plug-ins and services of macOS), in a version (frameworks of macOS), or in itself (iOS).
import { stringAt } from "../../../plist/plist-value.ts";
import { parsePlist } from "../../../plist/parse-plist.ts";
import type { Survey } from "./survey.ts";

const MAX_DEPTH = 64;

export interface BundleLayout {
  /** The bundle's folder, with the slash at its end. */
  readonly folder: string;
  readonly shape: "deep" | "versioned" | "shallow";
  /** What its seal is relative to, with the slash at its end. */
  readonly base: string;
  readonly info?: string;
  /** Path of its main program or library. */
  readonly executable?: string;
}

export async function layOut(survey: Survey, folder: string): Promise<BundleLayout> {
  const { files } = survey;
  const has = (path: string): boolean => files.get(path)?.kind === "file";
  const version = files.get(`${folder}Versions/Current`);
  const isDeep = survey.paths.some((path) => path.startsWith(`${folder}Contents/`));
  const isVersioned =
    !isDeep && version?.kind === "symlink" && version.target !== undefined && /^(?:\.\/)?[^./][^/]*\/?$/.test(version.target);
  const shape = isDeep ? "deep" : isVersioned ? "versioned" : "shallow";
  const inside = { deep: "Contents/", versioned: `Versions/${(version?.target ?? "").replace(/^\.\/|\/$/g, "")}/`, shallow: "" }[shape];
  const base = `${folder}${inside}`;
  const info = [`${base}Info.plist`, ...(isDeep ? [] : [`${base}Resources/Info.plist`])].find(has);
  const name = info === undefined ? undefined : await executableName(survey, info);
  const executable = name === undefined ? undefined : `${base}${isDeep ? "MacOS/" : ""}${name}`;
  return {
    folder,
    shape,
    base,
    ...(info !== undefined && { info }),
    ...(executable !== undefined && has(executable) && { executable }),
  };
}

/** Undefined: its list names none. A list that cannot be read is `artifact/broken`. */
async function executableName({ contents }: Survey, info: string): Promise<string | undefined> {
  const bytes = contents.get(info);
  if (bytes === undefined) return undefined;
  const name = stringAt(await parsePlist(bytes, MAX_DEPTH, info), "CFBundleExecutable");
  return name?.includes("/") === true ? undefined : name;
}
