import { parseTarget, type Target } from "@distd/core";
import type { Tx } from "../../db/database.ts";

/** Declared parts of a draft that several jobs build: a part is a name; it is complete when a job says so, or when its target is there. */

export function missingParts(parts: readonly { readonly name: string; readonly completed_at: string | null }[]): string[] {
  return parts.filter((part) => part.completed_at === null).map((part) => part.name);
}

/** Marks the named part, or without a name every part that reads as a target (`android`, `linux/x64`) the artifacts have. */
export async function completeParts(
  tx: Tx,
  release: string,
  part: string | undefined,
  artifacts: readonly Target[],
  at: string,
): Promise<void> {
  const open = await tx
    .selectFrom("release_parts")
    .select("name")
    .where("release_id", "=", release)
    .where("completed_at", "is", null)
    .execute();
  const done = open
    .map((row) => row.name)
    .filter((name) => (part === undefined ? artifacts.some((artifact) => isForTarget(artifact, name)) : name === part));
  if (done.length === 0) return;
  await tx.updateTable("release_parts").set({ completed_at: at }).where("release_id", "=", release).where("name", "in", done).execute();
}

/** `linux` takes any Linux build, `linux/x64` one for that architecture, `linux/x64/musl` only that variant. */
function isForTarget(artifact: Target, name: string): boolean {
  const [platform, arch, variant] = name.split("/");
  if (platform !== artifact.platform) return false;
  if (arch === undefined) return true;
  try {
    const target = parseTarget(name);
    return target.arch === artifact.arch && (variant === undefined || variant === artifact.variant);
  } catch {
    return false;
  }
}
