import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, link, mkdir, open, readFile, readdir, readlink, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DistError } from "@distd/core";
import { type Api, problemOf } from "../api/api.ts";
import { watchSilence } from "../api/watch-silence.ts";
import { withRetries } from "../api/with-retries.ts";
import type { WantedFile } from "./wanted-files.ts";

/** What is served: a link to the newest snapshot, so that everything changes at once. */
export const SITE = "site";
const SNAPSHOTS = "snapshots";
/** Beside each snapshot: path → where its bytes came from. */
const SOURCES = ".json";
const AT_ONCE = 8;

export interface Download {
  readonly api: Api;
  readonly signal: AbortSignal;
}

export interface Exported {
  readonly files: number;
  readonly downloaded: number;
  readonly bytes: number;
}

/**
 * Writes all files into a folder of their own, then makes it the one that is served. Bytes that are on this disk already are linked, not
 * fetched. The snapshot before stays for who is reading it; older ones end.
 */
export async function writeSnapshot(from: Download, folder: string, wanted: readonly WantedFile[]): Promise<Exported> {
  const { server } = from.api;
  const snapshots = join(folder, SNAPSHOTS);
  await mkdir(snapshots, { recursive: true });
  const before = await readlink(join(folder, SITE)).catch(() => undefined);
  const previous = before === undefined ? undefined : join(folder, before);
  const number = 1 + Math.max(0, ...(await readdir(snapshots)).map((name) => Number(/^(\d+)/.exec(name)?.[1] ?? 0)));
  const target = join(snapshots, `${number}.partial`);
  const { known, modified: last } = await readState(previous, server);
  // Two exports of one second would have the same Last-Modified, and readers would keep the older one.
  const modified = Math.max(Math.floor(Date.now() / 1000), last + 1);
  let downloaded = 0;
  let bytes = 0;

  await mkdir(target);
  const made = new Set<string>();
  const makeParent = async (path: string): Promise<void> => {
    const parent = dirname(path);
    if (made.has(parent)) return;
    await mkdir(parent, { recursive: true });
    made.add(parent);
  };
  // Of two under one path the later is meant. What has the same bytes is fetched once.
  const groups = [
    ...Map.groupBy(new Map(wanted.map((file) => [file.path, file])).values(), ({ sha256, source }) => sha256 ?? source).values(),
  ];
  await inTurns(groups, AT_ONCE, async (group) => {
    let first = group.map((file) => known.get(keyOf(file))).find((path) => path !== undefined);
    for (const file of group) {
      const path = join(target, file.path);
      await makeParent(path);
      if (first === undefined) {
        bytes += await withRetries(() => fetchInto(from, file, path));
        await utimes(path, modified, modified);
        downloaded += 1;
      } else await linkOrCopy(first, path);
      first ??= path;
    }
  });
  const sources = Object.fromEntries(wanted.map((file) => [file.path, keyOf(file)]));
  await writeFile(join(snapshots, `${number}${SOURCES}`), JSON.stringify({ server, modified, sources } satisfies State), { flush: true });
  await rename(target, join(snapshots, String(number)));
  await rm(join(folder, `${SITE}.new`), { force: true });
  await symlink(join(SNAPSHOTS, String(number)), join(folder, `${SITE}.new`));
  await rename(join(folder, `${SITE}.new`), join(folder, SITE));
  await removeOlder(snapshots, [String(number), ...(before === undefined ? [] : [before.slice(SNAPSHOTS.length + 1)])]);
  return { files: Object.keys(sources).length, downloaded, bytes };
}

/** Names bytes: by their digest where it is known. */
function keyOf({ sha256, source }: WantedFile): string {
  return sha256 ?? source;
}

interface State {
  readonly server: string;
  /** Seconds since 1970. */
  readonly modified: number;
  readonly sources: Readonly<Record<string, string>>;
}

/** What the snapshot before has: bytes → path. An id means the same bytes on the same server only. */
async function readState(
  previous: string | undefined,
  server: string,
): Promise<{ readonly known: ReadonlyMap<string, string>; readonly modified: number }> {
  if (previous === undefined || !existsSync(`${previous}${SOURCES}`)) return { known: new Map(), modified: 0 };
  const state = JSON.parse(await readFile(`${previous}${SOURCES}`, "utf8")) as State;
  const known = Object.entries(state.server === server ? state.sources : {}).map(([path, key]) => [key, join(previous, path)] as const);
  return { known: new Map(known), modified: state.modified };
}

/** Streams to disk; what has a digest is compared with it. Throws nothing but DistErrors. */
async function fetchInto({ api, signal }: Download, file: WantedFile, path: string): Promise<number> {
  const silence = watchSilence(signal);
  const hash = createHash("sha256");
  let size = 0;
  const handle = await open(path, "w", 0o644);
  try {
    const response = await api.send(file.source, { method: "GET", signal: silence.signal });
    if (!response.ok || !response.body) throw await problemOf(response);
    for await (const chunk of response.body) {
      silence.heard();
      hash.update(chunk);
      size += chunk.length;
      await handle.write(chunk);
    }
    await handle.sync();
    const stated = Number(response.headers.get("content-length") ?? size);
    if (stated !== size) throw new DistError("network/unreachable", `${file.path} ended after ${size} of ${stated} bytes`);
  } catch (thrown) {
    if (thrown instanceof DistError) throw thrown;
    throw new DistError("network/unreachable", `${file.path} did not come whole: ${(thrown as Error).message}`, { cause: thrown });
  } finally {
    silence.stop();
    await handle.close();
  }
  const found = hash.digest("hex");
  if (file.sha256 !== undefined && found !== file.sha256)
    throw new DistError("feed/mismatch", `${file.path} has the digest ${found}, not ${file.sha256}`, {
      details: { path: file.path, expected: file.sha256, found },
    });
  return size;
}

/** A file system may not know hard links, or have too many of one. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

async function removeOlder(snapshots: string, keep: readonly string[]): Promise<void> {
  for (const name of await readdir(snapshots)) {
    const snapshot = name.replace(/\.json$/, "");
    if (!keep.includes(snapshot)) await rm(join(snapshots, name), { recursive: true, force: true });
  }
}

async function inTurns<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
