import type { ArtifactFacts, Sha256 } from "@distd/core";
import type { Inspection } from "@distd/inspect";
import type { Read, Tx } from "../../db/database.ts";
import type { Instance } from "../instance.ts";

/** Facts depend on the bytes, and on the name: its ending claims a format, and some formats write tags into it. */
function factsKey(fileName: string): string {
  return fileName.toLowerCase();
}

export type DerivedKind = "metadata" | "icon";

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
    const inspection = await instance.inspect(source, fileName);
    await instance.db.write(async (tx) => rememberInspection(tx, sha256, fileName, inspection));
  } finally {
    await source.close();
  }
}

export async function rememberInspection(tx: Tx, sha256: Sha256, fileName: string, inspection: Inspection): Promise<void> {
  const { facts, metadata, icon } = inspection;
  const row = { sha256, file_name: factsKey(fileName), facts: JSON.stringify(facts) };
  await tx
    .insertInto("facts")
    .values(row)
    .onConflict((conflict) => conflict.columns(["sha256", "file_name"]).doUpdateSet({ facts: row.facts }))
    .execute();
  if (metadata) await rememberDerived(tx, sha256, "metadata", facts.factsVersion, metadata);
  if (icon) await rememberDerived(tx, sha256, "icon", facts.factsVersion, icon);
}

async function rememberDerived(tx: Tx, sha256: Sha256, kind: DerivedKind, generator: number, body: Uint8Array): Promise<void> {
  await tx
    .insertInto("derived")
    .values({ sha256, kind, generator, body })
    .onConflict((conflict) => conflict.columns(["sha256", "kind"]).doUpdateSet({ generator, body }))
    .execute();
}

/** Made from a blob's bytes, and can be made again. */
export async function derivedOf(db: Read | Tx, sha256: Sha256, kind: DerivedKind): Promise<Uint8Array | undefined> {
  const row = await db.selectFrom("derived").select("body").where("sha256", "=", sha256).where("kind", "=", kind).executeTakeFirst();
  return row?.body;
}
