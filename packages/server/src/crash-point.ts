/**
 * Places where a crash is worth trying. With `DISTD_CRASH_AT=NAME` or `NAME:K` the process ends itself like `kill -9` the K-th time it
 * passes NAME; otherwise this costs one comparison. The torture run goes through all of them.
 */
export const CRASH_POINTS = [
  "before-commit",
  "after-commit",
  "upload-synced",
  "blob-claimed",
  "blob-promoted",
  "blobs-marked",
  "blob-removed",
] as const;

const [wanted, count = "1"] = (process.env["DISTD_CRASH_AT"] ?? "").split(":");
let left = Number(count);

export function crashPoint(name: (typeof CRASH_POINTS)[number]): void {
  if (name === wanted && --left === 0) process.kill(process.pid, "SIGKILL");
}
