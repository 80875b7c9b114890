import type { ArtifactFacts, Sha256 } from "@distd/core";
import type { Read, Tx } from "../../db/database.ts";
import type { Instance } from "../instance.ts";

/** Facts depend on the bytes, and on the name: its ending claims a format, and some formats write tags into it. */
function factsKey(fileName: string): string {
  return fileName.toLowerCase();
}

/** What was read from these bytes under this name; undefined when nobody has looked yet. */
export async function storedFacts(db: Read | Tx, sha256: Sha256, fileName: string): Promise<ArtifactFacts | undefined> {
  const row = await db
    .selectFrom("facts")
    .select("facts")
    .where("sha256", "=", sha256)
    .where("file_name", "=", factsKey(fileName))
    .executeTakeFirst();
  return row && (JSON.parse(row.facts) as ArtifactFacts);
}

/** Looks at a blob under a name it was not looked at yet. May take seconds: never inside a transaction. */
export async function inspectBlob(instance: Instance, sha256: Sha256, fileName: string): Promise<void> {
  if (await storedFacts(instance.db.read, sha256, fileName)) return;
  const source = await instance.blobs.source(sha256);
  try {
    const facts = await instance.inspect(source, fileName);
    await instance.db.write(async (tx) => rememberFacts(tx, sha256, fileName, facts));
  } finally {
    await source.close();
  }
}

export async function rememberFacts(tx: Tx, sha256: Sha256, fileName: string, facts: ArtifactFacts): Promise<void> {
  const row = { sha256, file_name: factsKey(fileName), facts: JSON.stringify(facts) };
  await tx
    .insertInto("facts")
    .values(row)
    .onConflict((conflict) => conflict.columns(["sha256", "file_name"]).doUpdateSet({ facts: row.facts }))
    .execute();
}
