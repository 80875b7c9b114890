import type { Sha256 } from "@distd/core";
import type { Read } from "../../db/database.ts";
import { artifactsOf, type ReleaseRow } from "../releases/releases.ts";
import { findRepository, homeName } from "../repositories/repositories.ts";
import type { Image } from "./images.ts";

export interface ReleaseOfImage {
  readonly release: ReleaseRow;
  /** Of the artifacts that hold its images. */
  readonly artifacts: readonly Sha256[];
}

/** The release that channels offer and that has this very image; undefined when none has. */
export async function findReleaseOfImage(db: Read, { app, name }: Image, digest: string): Promise<ReleaseOfImage | undefined> {
  const repository = await findRepository(db, homeName(app));
  if (!repository) return undefined;
  const release = await db
    .selectFrom("generated_files")
    .innerJoin("releases", "releases.id", "generated_files.release_id")
    .selectAll("releases")
    .where("repository_id", "=", repository.id)
    .where("feed", "=", "oci")
    .where("path", "=", `${name.text}/manifests/${digest}`)
    .where("to_generation", "is", null)
    .where("releases.app_id", "=", app.id)
    .where("releases.status", "=", "published")
    .orderBy("releases.published_at", "desc")
    .limit(1)
    .executeTakeFirst();
  if (!release) return undefined;
  const artifacts = await artifactsOf(db, release.id);
  return { release, artifacts: artifacts.flatMap(({ format, sha256 }) => (format === "oci" && sha256 !== null ? [sha256] : [])) };
}
