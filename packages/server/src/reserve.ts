import { closeSync, existsSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { isNoRoom } from "./blobs/fs/store-error.ts";
import type { Database } from "./db/database.ts";
import type { Log } from "./log.ts";

/** Room kept back for the database, so that deleting and signing in work on a full disk: 5 % of the disk, at most 32 MiB. */
const MAX_RESERVE_BYTES = 32 * 1024 * 1024;
const RESERVE_SHARE = 0.05;
/** The reserve is put back when this many times its size is free. */
const PLENTY = 4;

export interface Reserve {
  /** Gives the room back to the disk; false when it was given back already. */
  release(): boolean;
  /** Takes the room again, when there is plenty. */
  restore(): void;
}

export function openReserve(path: string): Reserve {
  const restore = (): void => {
    const { bavail, bsize, blocks } = statfsSync(dirname(path));
    const size = Math.floor(Math.min(MAX_RESERVE_BYTES, blocks * bsize * RESERVE_SHARE));
    if (!existsSync(path) && bavail * bsize >= size * PLENTY) fill(path, size);
  };
  restore();
  return {
    release() {
      const isThere = existsSync(path);
      rmSync(path, { force: true });
      return isThere;
    },
    restore,
  };
}

/** Real bytes: a hole would keep no room. */
function fill(path: string, size: number): void {
  const zeros = Buffer.alloc(256 * 1024);
  const file = openSync(path, "w", 0o600);
  try {
    for (let at = 0; at < size; at += zeros.length) writeSync(file, zeros, 0, Math.min(zeros.length, size - at));
  } finally {
    closeSync(file);
  }
}

/** The database, trying a write again with the reserve given back when the disk is full. A failed write left no trace, so it may be repeated. */
export function withReserve(db: Database, reserve: Reserve, log: Log): Database {
  return {
    ...db,
    async write(body) {
      try {
        return await db.write(body);
      } catch (error) {
        if (!isNoRoom(error) || !reserve.release()) throw error;
        log("warn", "the disk is full: the reserve was given back; free some space and run 'distd gc'");
        return db.write(body);
      }
    },
  };
}
