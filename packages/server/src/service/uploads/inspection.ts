import { extname } from "node:path";
import type { ArtifactFacts, ByteSource, Sha256 } from "@distd/core";
import type { Read, Tx } from "../../db/database.ts";
import type { Instance } from "../instance.ts";

/** Facts of bytes under a file name. The inspectors are loaded with the first artifact, not at the start. */
export async function inspectSource(source: ByteSource, fileName: string): Promise<ArtifactFacts> {
  const { inspectArtifact } = await import("@distd/inspect");
  return inspectArtifact(source, fileName);
}

/** Facts depend on the bytes, and on the name as far as its ending claims a format. */
export function factsKey(fileName: string): string {
  return extname(fileName).toLowerCase();
}

/** Stored facts of a blob; read from its bytes when there are none under this file name ending yet. */
export async function factsOfBlob(db: Read | Tx, instance: Instance, sha256: Sha256, fileName: string): Promise<ArtifactFacts> {
  const row = await db
    .selectFrom("facts")
    .select("facts")
    .where("sha256", "=", sha256)
    .where("extension", "=", factsKey(fileName))
    .executeTakeFirst();
  if (row) return JSON.parse(row.facts) as ArtifactFacts;
  const source = await instance.blobs.source(sha256);
  try {
    return await inspectSource(source, fileName);
  } finally {
    await source.close();
  }
}

export async function rememberFacts(tx: Tx, sha256: Sha256, fileName: string, facts: ArtifactFacts): Promise<void> {
  const row = { sha256, extension: factsKey(fileName), facts: JSON.stringify(facts) };
  await tx
    .insertInto("facts")
    .values(row)
    .onConflict((conflict) => conflict.columns(["sha256", "extension"]).doUpdateSet({ facts: row.facts }))
    .execute();
}
