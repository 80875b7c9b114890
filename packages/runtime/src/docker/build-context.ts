import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { DistError } from "@distd/core";
import { packTar, type TarSource } from "modern-tar/fs";
import { type IgnorePatterns, parseIgnorePatterns } from "./ignore-patterns.ts";

const IGNORE_FILE = ".dockerignore";
const NO_TIME = new Date(0);

/**
 * A folder as the tar that a build is sent, read as it is taken. Times and owners are zero, so that the same files are the same to the builder's
 * cache. Sockets, pipes and devices are left out. A folder that cannot be read is `system/failed`, before the first byte.
 */
export async function openBuildContext(folder: string, dockerfile: string): Promise<Readable> {
  try {
    const ignored = parseIgnorePatterns(await readIgnoreFile(folder), [IGNORE_FILE, dockerfile]);
    const sources = await Array.fromAsync(listSources(folder, "", ignored));
    return packTar(sources, { map: (header) => ({ ...header, mtime: NO_TIME, uid: 0, gid: 0 }), concurrency: 1 });
  } catch (cause) {
    if (cause instanceof DistError) throw cause;
    throw new DistError("system/failed", (cause as Error).message, { cause });
  }
}

async function readIgnoreFile(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, IGNORE_FILE), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

async function* listSources(folder: string, below: string, ignored: IgnorePatterns): AsyncGenerator<TarSource> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const target = below === "" ? entry.name : `${below}/${entry.name}`;
    const source = join(folder, target);
    const isIgnored = ignored.ignores(target);
    if (entry.isDirectory()) {
      // A folder of its own: packTar would take all that is in it.
      if (!isIgnored) yield { type: "content", content: "", target: `${target}/`, mode: (await lstat(source)).mode & 0o7777 };
      if (!isIgnored || ignored.hasExceptions) yield* listSources(folder, target, ignored);
    } else if (!isIgnored && (entry.isFile() || entry.isSymbolicLink())) yield { type: "file", source, target };
  }
}
