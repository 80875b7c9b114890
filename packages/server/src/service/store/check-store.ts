import { createHash } from "node:crypto";
import { DistError, type Sha256 } from "@distd/core";
import { auditProblems } from "../audit.ts";
import type { Instance } from "../instance.ts";
import { channelProblems } from "./check-channels.ts";

const PAGE = 1000;
const READ_BYTES = 1024 * 1024;

export interface CheckResult {
  readonly problems: readonly string[];
  readonly blobs: number;
  readonly bytes: number;
  /** Files in the store that no row names. They waste room and harm nothing. */
  readonly strays: readonly string[];
}

/** Compares rows with files, references with releases, channels with their history, the log with its signatures. `readData` reads every byte. */
export async function checkStore(instance: Instance, options: { readonly readData: boolean }): Promise<CheckResult> {
  const problems: string[] = [];
  let blobs = 0;
  let bytes = 0;
  let after = "" as Sha256;
  for (;;) {
    const rows = await instance.db.read.selectFrom("blobs").selectAll().where("sha256", ">", after).orderBy("sha256").limit(PAGE).execute();
    for (const row of rows.filter((blob) => blob.state === "live")) {
      const size = await instance.blobs.size(row.sha256);
      if (size === undefined) problems.push(`blob ${row.sha256} is missing`);
      else if (size !== row.size) problems.push(`blob ${row.sha256} has ${size} bytes, not ${row.size}`);
      else if (options.readData && !(await matches(instance, row.sha256))) problems.push(`blob ${row.sha256} holds other bytes`);
      blobs += 1;
      bytes += row.size;
    }
    after = rows.at(-1)?.sha256 ?? after;
    if (rows.length < PAGE) break;
  }
  problems.push(...(await referenceProblems(instance)), ...(await channelProblems(instance)), ...(await auditProblems(instance)));
  return { problems, blobs, bytes, strays: await strays(instance) };
}

async function matches(instance: Instance, digest: Sha256): Promise<boolean> {
  const source = await instance.blobs.source(digest);
  try {
    const hash = createHash("sha256");
    for (let at = 0; at < source.size; at += READ_BYTES) hash.update(await source.read(at, Math.min(READ_BYTES, source.size - at)));
    return hash.digest("hex") === digest;
  } finally {
    await source.close();
  }
}

/** Every entry of a release has a live blob and a reference that keeps it; every reference has its release. */
async function referenceProblems(instance: Instance): Promise<string[]> {
  const db = instance.db.read;
  const unkept = await db
    .selectFrom("release_artifacts")
    .innerJoin("artifacts", "artifacts.id", "release_artifacts.artifact_id")
    .leftJoin("blobs", (join) => join.onRef("blobs.sha256", "=", "artifacts.sha256").on("blobs.state", "=", "live"))
    .leftJoin("blob_references", (join) =>
      join.onRef("blob_references.sha256", "=", "artifacts.sha256").onRef("blob_references.owner_id", "=", "release_artifacts.release_id"),
    )
    .select(["release_artifacts.release_id", "artifacts.name"])
    .where("artifacts.sha256", "is not", null)
    .where((where) => where.or([where("blobs.sha256", "is", null), where("blob_references.sha256", "is", null)]))
    .execute();
  const dangling = await db
    .selectFrom("blob_references")
    .leftJoin("releases", "releases.id", "blob_references.owner_id")
    .select("owner_id")
    .where("releases.id", "is", null)
    .execute();
  return [
    ...unkept.map((row) => `release ${row.release_id}: '${row.name}' has no live blob, or nothing keeps it`),
    ...dangling.map((row) => `a reference belongs to ${row.owner_id}, which is no release`),
  ];
}

async function strays(instance: Instance): Promise<string[]> {
  const found: string[] = [];
  for await (const { digest } of instance.blobs.list()) {
    const row = await instance.db.read.selectFrom("blobs").select("sha256").where("sha256", "=", digest).executeTakeFirst();
    if (!row) found.push(digest);
  }
  return found;
}

/** Throws `store/damaged` when anything was found. */
export function requireSound(result: CheckResult): void {
  if (result.problems.length === 0) return;
  throw new DistError("store/damaged", `${result.problems.length} problem(s): ${result.problems[0]}`, {
    details: { problems: result.problems },
  });
}
