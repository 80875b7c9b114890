import { existsSync } from "node:fs";
import { DistError } from "@distd/core";
import { openFsBlobStore } from "../blobs/fs/index.ts";
import { openDataFolder } from "../config.ts";
import { openDatabase } from "../db/index.ts";
import { tryLock } from "../file-lock.ts";
import { openInstanceKey } from "../keys.ts";
import { createLog } from "../log.ts";
import { DAY_MS, type Instance } from "../service/instance.ts";

/** An instance for a command at the shell, beside a running server or without one. Close its database. */
export async function openOffline(flags: Readonly<Record<string, string | boolean | undefined>>): Promise<Instance> {
  const path = typeof flags["data"] === "string" ? flags["data"] : process.env["DISTD_DATA"];
  if (path === undefined || !existsSync(path))
    throw new DistError("config/invalid", path === undefined ? "there is no data folder" : `there is no folder ${path}`, {
      hint: "name one with --data DIR",
    });
  const data = openDataFolder(path);
  const database = typeof flags["database"] === "string" ? flags["database"] : (process.env["DISTD_DATABASE"] ?? data.database);
  if (database === data.database && !existsSync(database))
    throw new DistError("config/invalid", `${data.path} holds no database`, { hint: "start 'distd serve' with it once" });
  return {
    db: await openDatabase(database),
    blobs: await openFsBlobStore(data.path),
    key: openInstanceKey(data.key),
    origin: "distd",
    baseUrl: "",
    inspect: () => Promise.reject(new DistError("internal/bug", "commands at the shell inspect nothing")),
    lockCollection: () => tryLock(data.collectionLock),
    leaseMs: DAY_MS,
    log: createLog("warn"),
    now: Date.now,
    changed: () => {},
  };
}
