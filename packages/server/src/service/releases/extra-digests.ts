import { createHash } from "node:crypto";
import type { Sha256 } from "@distd/core";
import { carries, FEEDS } from "@distd/feeds";
import type { Instance } from "../instance.ts";

const READ_BYTES = 1024 * 1024;

/** Digests beside SHA-256 that the feeds of these artifacts name. Reads the bytes once more: never inside a transaction. */
export async function computeExtraDigests(
  instance: Instance,
  artifacts: readonly { readonly format: string; readonly sha256: Sha256 | null }[],
): Promise<void> {
  for (const { format, sha256 } of artifacts) {
    const wanted = new Set(FEEDS.filter((feed) => carries(feed, format)).flatMap(({ traits }) => traits.digests));
    if (sha256 === null || wanted.size === 0) continue;
    const known = await instance.db.read.selectFrom("blob_aliases").select("algorithm").where("sha256", "=", sha256).execute();
    const missing = [...wanted].filter((algorithm) => !known.some((row) => row.algorithm === algorithm));
    if (missing.length > 0) await computeDigests(instance, sha256, missing);
  }
}

async function computeDigests(instance: Instance, sha256: Sha256, algorithms: readonly string[]): Promise<void> {
  const hashes = algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  const source = await instance.blobs.source(sha256);
  try {
    for (let at = 0; at < source.size; at += READ_BYTES) {
      const bytes = await source.read(at, Math.min(READ_BYTES, source.size - at));
      for (const { hash } of hashes) hash.update(bytes);
    }
  } finally {
    await source.close();
  }
  const rows = hashes.map(({ algorithm, hash }) => ({ algorithm, digest: hash.digest("hex"), sha256 }));
  await instance.db.write(async (tx) =>
    tx
      .insertInto("blob_aliases")
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
}
