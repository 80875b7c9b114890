import { DistError, parseFileName, type Principal, type Sha256 } from "@distd/core";
import type { Selectable } from "kysely";
import type { Schema } from "../../db/schema.ts";
import { openApp } from "../apps.ts";
import { createId } from "../ids.ts";
import { type Caller, DAY_MS, type Instance, iso } from "../instance.ts";
import { heldByApp, takeLease } from "./leases.ts";
import { requireRoom } from "./quota.ts";

export type UploadRow = Selectable<Schema["uploads"]>;

/** An upload that nobody finishes within this time is dropped. */
const UPLOAD_LIFETIME_MS = DAY_MS;

export interface CreateUpload {
  readonly sha256: Sha256;
  readonly size: number;
  readonly fileName: string;
}

/**
 * A place for bytes that are announced by digest and size. The same announcement by the same principal gets the unfinished upload back, so
 * that a repeated CI job resumes without remembering anything; `isBusy` tells which ones another request is writing.
 */
export async function createUpload(
  instance: Instance,
  { principal }: Caller,
  slug: string,
  input: CreateUpload,
  isBusy: (upload: string) => boolean,
): Promise<UploadRow> {
  const fileName = parseFileName(input.fileName);
  return instance.db.write(async (tx) => {
    const app = await openApp(tx, principal, "publish", slug);
    const now = instance.now();
    const open = await tx
      .selectFrom("uploads")
      .selectAll()
      .where("app_id", "=", app.id)
      .where("sha256", "=", input.sha256)
      .where("size", "=", input.size)
      .where("principal", "=", principal.id)
      .where("file_name", "=", fileName)
      .where("expires_at", ">", iso(now))
      .execute();
    const resumed = open.find((row) => !isBusy(row.id));
    if (resumed) return resumed;
    await requireRoom(tx, instance, app, input.size);
    const row: UploadRow = {
      id: createId("upl", now),
      app_id: app.id,
      principal: principal.id,
      file_name: fileName,
      sha256: input.sha256,
      size: input.size,
      durable_offset: 0,
      created_at: iso(now),
      expires_at: iso(now + UPLOAD_LIFETIME_MS),
    };
    await tx.insertInto("uploads").values(row).execute();
    return row;
  });
}

/** The caller's own unfinished upload. Somebody else's is as good as none. */
export async function openUpload(instance: Instance, principal: Principal, slug: string, id: string): Promise<UploadRow> {
  const app = await openApp(instance.db.read, principal, "publish", slug);
  const row = await instance.db.read
    .selectFrom("uploads")
    .selectAll()
    .where("id", "=", id)
    .where("app_id", "=", app.id)
    .where("principal", "=", principal.id)
    .executeTakeFirst();
  if (!row || row.expires_at <= iso(instance.now())) throw new DistError("upload/not-found", `there is no upload '${id}'`);
  return row;
}

export async function recordOffset(instance: Instance, upload: string, durableOffset: number): Promise<void> {
  await instance.db.write(async (tx) =>
    tx.updateTable("uploads").set({ durable_offset: durableOffset }).where("id", "=", upload).execute(),
  );
}

export async function dropUpload(instance: Instance, upload: string): Promise<void> {
  await instance.db.write(async (tx) => tx.deleteFrom("uploads").where("id", "=", upload).execute());
  await instance.blobs.discard(upload);
}

/**
 * Which of these digests need no upload: answered only for bytes the app holds or was given already, because knowing a digest gives
 * nothing. What is answered stays for a while.
 */
export async function have(instance: Instance, { principal }: Caller, slug: string, digests: readonly Sha256[]): Promise<Sha256[]> {
  // A file that was lost is mended by whoever sends its bytes again.
  const missing = new Set<Sha256>();
  for (const digest of digests) if ((await instance.blobs.size(digest)) === undefined) missing.add(digest);
  return instance.db.write(async (tx) => {
    const app = await openApp(tx, principal, "publish", slug);
    const present = digests.filter((digest) => !missing.has(digest));
    const held = await heldByApp(tx, instance, app.id, present);
    for (const sha256 of held) await takeLease(tx, instance, { sha256, app: app.id, kind: "have" });
    return digests.filter((digest) => held.has(digest));
  });
}
