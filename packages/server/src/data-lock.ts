import { Database } from "bun:sqlite";
import { DistError } from "@distd/core";

/**
 * Makes this process the only one that serves a data folder. The lock is the operating system's, taken through SQLite, so it ends with the
 * process however that ends.
 */
export function lockData(path: string): () => void {
  const lock = new Database(path, { create: true });
  try {
    lock.run("pragma busy_timeout = 0");
    lock.run("begin exclusive");
  } catch (cause) {
    lock.close();
    throw new DistError("config/data-in-use", `another distd serves ${path.replace(/\/[^/]*$/, "")}`, { cause });
  }
  return () => lock.close();
}
