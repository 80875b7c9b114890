import { DistError } from "@distd/core";

const MAX_PATH_BYTES = 1024;

export function unsafe(message: string): DistError {
  return new DistError("artifact/broken", message);
}

/** Parts of a path in an archive, or why it would leave the folder, or be two names on some system. Empty for the folder itself. */
export function safeParts(path: string): readonly string[] {
  const shown = JSON.stringify(path.slice(0, 120));
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\0-\x1f\\]/.test(path)) throw unsafe(`the archive names a file ${shown}`);
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) throw unsafe(`the archive has an absolute path: ${shown}`);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw unsafe(`the archive has a path of ${Buffer.byteLength(path)} bytes`);
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw unsafe(`the archive has a path that leaves its folder: ${shown}`);
  return parts;
}

/** Whether a link in this folder leads to something within the archive. */
export function staysInside(folder: readonly string[], target: string): boolean {
  if (target === "" || target.startsWith("/") || /[\0\\]/.test(target) || /^[A-Za-z]:/.test(target)) return false;
  let depth = folder.length;
  for (const part of target.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return false;
  }
  return true;
}
