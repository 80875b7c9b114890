import { existsSync } from "node:fs";
import { DistError } from "@distd/core";
import { openFsBlobStore } from "../blobs/fs/index.ts";
import { type DataFolder, openDataFolder } from "../config.ts";
import { openDatabase } from "../db/index.ts";
import { tryLock } from "../file-lock.ts";
import { openInstanceKey } from "../keys.ts";
import { createLog } from "../log.ts";
import { DAY_MS, type Instance } from "../service/instance.ts";

/** An instance for a command at the shell, beside a running server or without one. Close its database. */
export async function openOffline(flags: Readonly<Record<string, string | boolean | undefined>>): Promise<Instance> {
  const data = findDataFolder(flags);
  const database = typeof flags["database"] === "string" ? flags["database"] : (process.env["DISTD_DATABASE"] ?? data.database);
  if (database === data.database && !existsSync(database))
    throw new DistError("config/invalid", `${data.path} holds no database`, { hint: "start 'distd serve' with it once" });
  const db = await openDatabase(database);
  // What is issued anew goes on naming the address the server had.
  const last = await db.read.selectFrom("generations").select("base_url").orderBy("issued_at", "desc").limit(1).executeTakeFirst();
  return {
    db,
    blobs: await openFsBlobStore(data.path),
    key: openInstanceKey(data.key),
    origin: "distd",
    baseUrl: last?.base_url ?? "",
    inspect: () => Promise.reject(new DistError("internal/bug", "commands at the shell inspect nothing")),
    mail: undefined,
    verify: () => Promise.reject(new DistError("internal/bug", "commands at the shell verify nothing")),
    lockCollection: () => tryLock(data.collectionLock),
    leaseMs: DAY_MS,
    log: createLog("warn"),
    now: Date.now,
    changed: () => {},
  };
}

export function findDataFolder(flags: Readonly<Record<string, string | boolean | undefined>>): DataFolder {
  const path = typeof flags["data"] === "string" ? flags["data"] : process.env["DISTD_DATA"];
  if (path === undefined || !existsSync(path))
    throw new DistError("config/invalid", path === undefined ? "there is no data folder" : `there is no folder ${path}`, {
      hint: "name one with --data DIR",
    });
  return openDataFolder(path);
}
