import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DistError } from "@distd/core";

const PATIENCE_MS = 120_000;
const LOOK_MS = 100;

/** One at a time among all processes of this user: the others wait for a while. What a dead process held is taken over. */
export async function withLock<T>(path: string, body: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const end = Date.now() + patienceMs;
  while (!take(path)) {
    if (Date.now() >= end) throw new DistError("install/busy", `another dist is at work, and holds ${path}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  try {
    return await body();
  } finally {
    rmSync(path, { force: true });
  }
}

/** The lock is there with its holder's number, or not at all: one without could never be taken over. */
function take(path: string): boolean {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const holder = holderOf(path);
    if (holder !== undefined && !isAlive(holder)) rmSync(path, { force: true });
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function holderOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    // Released just now.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
