import { Database } from "bun:sqlite";
import { DistError } from "@distd/core";

/**
 * A lock that one process at a time holds; undefined when another does. It is the operating system's, taken through SQLite, so it ends with
 * the process however that ends.
 */
export function tryLock(path: string): (() => void) | undefined {
  const lock = new Database(path, { create: true });
  try {
    lock.run("pragma busy_timeout = 0");
    lock.run("begin exclusive");
  } catch {
    lock.close();
    return undefined;
  }
  return () => lock.close();
}

/** Makes this process the only one that serves a data folder. */
export function lockData(path: string): () => void {
  const unlock = tryLock(path);
  if (!unlock) throw new DistError("config/data-in-use", `another distd serves ${path.replace(/\/[^/]*$/, "")}`);
  return unlock;
}
