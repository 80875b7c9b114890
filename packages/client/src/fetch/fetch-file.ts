// A file by its digest: from the cache, or fetched, resumed where it broke off. Nothing has its name in the cache before its digest is right.
import { createHash, type Hash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
  closeSync,
  fsyncSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DistError } from "@distd/core";
import type { Folders } from "../host.ts";
import type { Hub } from "../hub/channel.ts";
import { withLock } from "../lock.ts";

export interface WantedFile {
  readonly url: string;
  /** SHA-256, hexadecimal. */
  readonly digest: string;
  readonly bytes: number;
}

export interface FetchOptions {
  /** Bytes so far; called now and then. */
  readonly progress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
  /** Between attempts, milliseconds; for tests. */
  readonly firstPauseMs?: number;
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** Without a byte for so long, a connection is given up. */
const SILENCE_MS = 30_000;
const SPARE_BYTES = 16 * 1024 * 1024;
const NOT_AGAIN: ReadonlySet<number> = new Set([400, 401, 403, 404, 410, 451]);

export function cachePath({ root }: Folders, digest: string): string {
  return join(root, "cache", "sha256", digest.slice(0, 2), digest);
}

/** The path of the file in the cache. Processes that want the same one wait for whoever fetches it. */
export async function fetchFile(hub: Hub, folders: Folders, file: WantedFile, options: FetchOptions = {}): Promise<string> {
  const path = cachePath(folders, file.digest);
  if (isWhole(path, file)) return path;
  return withLock(`${path}.lock`, async () => {
    if (!isWhole(path, file)) await fetchInto(path, hub, file, options);
    return path;
  });
}

function isWhole(path: string, { bytes }: WantedFile): boolean {
  return existsSync(path) && statSync(path).size === bytes;
}

async function fetchInto(path: string, hub: Hub, file: WantedFile, options: FetchOptions): Promise<void> {
  const part = `${path}.part`;
  requireRoom(path, file.bytes);
  for (let attempt = 1; ; attempt++) {
    try {
      const hadPart = existsSync(part);
      const digest = await fetchPart(part, hub, file, options);
      if (digest !== file.digest) {
        rmSync(part);
        // What was left behind may have been wrong, and what came now right.
        if (hadPart) continue;
        throw new DistError("blob/digest-mismatch", `${file.url} is not what was released: its SHA-256 is ${digest}`);
      }
      renameSync(part, path);
      return;
    } catch (thrown) {
      if (options.signal?.aborted) throw new DistError("run/interrupted", "interrupted", { cause: thrown });
      const { error, waitMs } = asFailure(thrown, file);
      if (error.code !== "network/unreachable" || attempt >= ATTEMPTS) throw error;
      await pause(waitMs ?? Math.min(MAX_PAUSE_MS, (options.firstPauseMs ?? FIRST_PAUSE_MS) * 2 ** (attempt - 1) * (0.5 + Math.random())));
    }
  }
}

class Refused extends Error {
  readonly status: number;
  readonly waitMs: number | undefined;

  constructor(status: number, retryAfter: string | null) {
    super(`answered ${status}`);
    this.status = status;
    const seconds = Number(retryAfter ?? Number.NaN);
    this.waitMs = Number.isFinite(seconds) ? Math.min(MAX_PAUSE_MS, seconds * 1000) : undefined;
  }
}

function asFailure(thrown: unknown, { url }: WantedFile): { readonly error: DistError; readonly waitMs?: number | undefined } {
  if (thrown instanceof DistError) return { error: thrown };
  if (thrown instanceof Refused && NOT_AGAIN.has(thrown.status)) {
    const code =
      thrown.status === 451
        ? "release/quarantined"
        : thrown.status === 401 || thrown.status === 403
          ? "auth/required"
          : "artifact/not-found";
    return { error: new DistError(code, `${url} ${thrown.message}`, { cause: thrown }) };
  }
  if ((thrown as NodeJS.ErrnoException).code === "ENOSPC") return { error: noRoom(url, thrown) };
  const error = new DistError("network/unreachable", `${url}: ${(thrown as Error).message}`, {
    cause: thrown,
    hint: `by hand: curl -fLO ${url}`,
  });
  return { error, waitMs: thrown instanceof Refused ? thrown.waitMs : undefined };
}

/** Goes on behind what is there, as far as the server lets it; the digest of all of it. */
async function fetchPart(part: string, hub: Hub, { url, bytes }: WantedFile, { progress, signal }: FetchOptions): Promise<string> {
  mkdirSync(dirname(part), { recursive: true });
  const hash = createHash("sha256");
  let at = existsSync(part) ? await hashFile(part, hash) : 0;
  if (at >= bytes) return hash.digest("hex");
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(new Error("nothing came for half a minute")), SILENCE_MS);
  const headers: Record<string, string> = { ...(at > 0 && { range: `bytes=${at}-` }) };
  // A token goes to its own server and nowhere else.
  if (hub.token !== undefined && new URL(url).origin === new URL(hub.url).origin) headers["authorization"] = `Bearer ${hub.token}`;
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.any([silence.signal, ...(signal ? [signal] : [])]) });
    if (response.status !== 200 && response.status !== 206) throw new Refused(response.status, response.headers.get("retry-after"));
    const isResumed = response.status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${at}-`) === true;
    if (at > 0 && !isResumed) {
      await response.body?.cancel();
      rmSync(part);
      throw new Error("the server does not go on where it broke off");
    }
    const file = openSync(part, "a");
    try {
      for await (const piece of response.body ?? []) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(new Error("nothing came for half a minute")), SILENCE_MS);
        at += piece.length;
        if (at > bytes) throw new DistError("blob/digest-mismatch", `${url} is longer than the ${bytes} bytes that were released`);
        writeSync(file, piece);
        hash.update(piece);
        progress?.(at);
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } finally {
    clearTimeout(timer);
  }
  if (at < bytes) throw new Error(`it ended after ${at} of ${bytes} bytes`);
  return hash.digest("hex");
}

async function hashFile(path: string, hash: Hash): Promise<number> {
  let bytes = 0;
  for await (const piece of createReadStream(path)) {
    hash.update(piece as Uint8Array);
    bytes += (piece as Uint8Array).length;
  }
  return bytes;
}

function requireRoom(path: string, bytes: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const { bavail, bsize } = statfsSync(dirname(path));
  if (bavail * bsize < bytes + SPARE_BYTES) throw noRoom(path, undefined);
}

function noRoom(what: string, cause: unknown): DistError {
  return new DistError("install/no-room", `there is no room for ${what}`, { cause });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
