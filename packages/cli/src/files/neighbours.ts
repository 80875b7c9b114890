import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ByteSource } from "@distd/core";
import { isBeside } from "@distd/inspect/verify";
import { openFileSource } from "./file-source.ts";

const MAX_NEIGHBOURS = 32;

/** A file, and those beside it that say something about it: `app.apk.idsig`, `notes.tar.gz.asc`, `SHA256SUMS`. Closes them whatever happens. */
export async function withFileAndNeighbours<T>(
  path: string,
  use: (source: ByteSource, beside: ReadonlyMap<string, ByteSource>) => Promise<T>,
): Promise<T> {
  const source = await openFileSource(path);
  const opened: { close(): Promise<void> }[] = [source];
  try {
    const beside = new Map<string, ByteSource>();
    for (const name of neighboursOf(path)) {
      const neighbour = await openFileSource(join(dirname(path), name));
      opened.push(neighbour);
      beside.set(name, neighbour);
    }
    return await use(source, beside);
  } finally {
    for (const one of opened) await one.close();
  }
}

function neighboursOf(path: string): readonly string[] {
  const own = basename(path);
  return readdirSync(dirname(path), { withFileTypes: true })
    .filter((entry) => entry.isFile() && isBeside(own, entry.name))
    .map(({ name }) => name)
    .slice(0, MAX_NEIGHBOURS);
}
