import { Database } from "bun:sqlite";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What is on the disk or in the tables although nobody needs it: a killed push may leave it for a while, a collection has to take it away. */
export function findLeftovers(data: string): string[] {
  const database = new Database(join(data, "distd.sqlite"), { readonly: true });
  try {
    const uploads = new Set(
      database
        .query<{ id: string }, []>("select id from uploads")
        .all()
        .map(({ id }) => id),
    );
    const staged = existsSync(join(data, "uploads")) ? readdirSync(join(data, "uploads")) : [];
    const unowned = staged.filter((id) => !uploads.has(id));
    const stuck = database.query<{ sha256: string; state: string }, []>("select sha256, state from blobs where state <> 'live'").all();
    const unkept = database
      .query<{ sha256: string }, []>(
        "select sha256 from blobs where sha256 not in (select sha256 from blob_references) and sha256 not in (select sha256 from leases)",
      )
      .all();
    return [
      ...unowned.map((id) => `the staging area ${id} belongs to no upload`),
      ...stuck.map(({ sha256, state }) => `blob ${sha256} is still ${state}`),
      ...unkept.map(({ sha256 }) => `nothing keeps blob ${sha256}, and it was not collected`),
    ];
  } finally {
    database.close();
  }
}

/** Blobs that garbage collections took away, by the audit log. */
export function countCollected(data: string): number {
  const database = new Database(join(data, "distd.sqlite"), { readonly: true });
  try {
    const sum =
      "select coalesce(sum(json_array_length(body, '$.details.digests')), 0) as blobs from audit_events where action = 'blob.collect'";
    return database.query<{ blobs: number }, []>(sum).get()?.blobs ?? 0;
  } finally {
    database.close();
  }
}
