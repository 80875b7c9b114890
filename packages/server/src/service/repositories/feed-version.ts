import type { ArtifactFacts } from "@distd/core";
import type { FeedArtifact, FeedVersion } from "@distd/feeds";
import type { Tx } from "../../db/database.ts";
import type { AppRow } from "../apps.ts";
import { artifactsOf, isArtifactOnly } from "../releases/releases.ts";
import { derivedOf } from "../uploads/inspection.ts";

/** A published release as feeds see it. */
export async function loadFeedVersion(tx: Tx, app: Pick<AppRow, "slug" | "name">, release: string): Promise<FeedVersion> {
  const row = await tx.selectFrom("releases").selectAll().where("id", "=", release).executeTakeFirstOrThrow();
  const artifacts: FeedArtifact[] = [];
  for (const artifact of await artifactsOf(tx, release)) {
    const { id, name, platform, arch, format, variant, role, sha256, size, facts } = artifact;
    // Feeds tell everybody alike.
    if (sha256 === null || size === null || facts === null || isArtifactOnly(artifact)) continue;
    const aliases = await tx.selectFrom("blob_aliases").select(["algorithm", "digest"]).where("sha256", "=", sha256).execute();
    const digests = Object.fromEntries(aliases.map((alias) => [alias.algorithm, alias.digest]));
    const metadata = await derivedOf(tx, sha256, "metadata");
    const coordinate = { platform, arch, format, variant, role };
    const read = JSON.parse(facts) as ArtifactFacts;
    artifacts.push({
      id,
      name,
      size,
      sha256,
      digests,
      facts: read,
      ...coordinate,
      ...(metadata && { metadata: new Uint8Array(metadata) }),
    });
  }
  return {
    app: { slug: app.slug, name: app.name },
    version: row.version,
    build: row.build,
    sortKey: row.sort_key,
    publishedAt: row.published_at ?? row.created_at,
    notes: row.notes,
    ...(row.status === "yanked" && { yanked: row.withdrawal_reason ?? "" }),
    artifacts,
  };
}
