import { createHash } from "node:crypto";
import { DistError, parseFileName, type Sha256 } from "@distd/core";
import type { Inspection } from "@distd/inspect";
import { act } from "../act.ts";
import type { AppRow } from "../apps.ts";
import { createId } from "../ids.ts";
import { type Caller, DAY_MS, type Instance, iso } from "../instance.ts";
import { claimBlob, settleBlob } from "./arrival.ts";
import { rememberInspection } from "./inspection.ts";
import { requireRoom } from "./quota.ts";

/** A file that came without announcement, on the disk and looked at, and nobody's yet. */
export interface Spooled {
  readonly fileName: string;
  readonly sha256: Sha256;
  readonly size: number;
  readonly inspection: Inspection;
  /** Makes it a blob of an app. */
  keep(caller: Caller, app: AppRow): Promise<void>;
  /** To be called in the end, kept or not. */
  drop(): Promise<void>;
}

/** Takes a file of unknown length and digest: what package managers' own tools send. Memory does not follow its size. */
export async function spool(instance: Instance, { principal }: Caller, name: string, body: AsyncIterable<Uint8Array>): Promise<Spooled> {
  const fileName = parseFileName(name);
  const id = createId("upl", instance.now());
  const row = { id, image_id: null, principal: principal.id, expires_at: iso(instance.now() + DAY_MS) };
  await instance.db.write(async (tx) => tx.insertInto("spools").values(row).execute());
  let isPromoted = false;
  const drop = async (): Promise<void> => {
    await instance.db.write(async (tx) => tx.deleteFrom("spools").where("id", "=", id).execute());
    if (!isPromoted) await instance.blobs.discard(id);
  };
  try {
    const { sha256, size, inspection } = await receive(instance, id, fileName, body);
    return {
      fileName,
      sha256,
      size,
      inspection,
      async keep(caller, app) {
        await requireRoom(instance.db.read, instance, app, 0);
        await claimBlob(instance, { sha256, size, app: app.id });
        await instance.blobs.promote(id, sha256);
        isPromoted = true;
        await act(instance, { principal: caller.principal }, async (tx) => {
          await settleBlob(tx, sha256);
          await rememberInspection(tx, sha256, fileName, inspection);
          return { result: null, event: { action: "upload.complete", app: app.slug, subject: sha256, details: { name: fileName, size } } };
        });
      },
      drop,
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function receive(
  instance: Instance,
  id: string,
  fileName: string,
  body: AsyncIterable<Uint8Array>,
): Promise<Pick<Spooled, "sha256" | "size" | "inspection">> {
  const staged = await instance.blobs.stage(id);
  try {
    const hash = createHash("sha256");
    for await (const chunk of body) {
      const written = staged.append(chunk);
      hash.update(chunk);
      await written;
    }
    if (staged.length === 0) throw new DistError("usage/invalid", `'${fileName}' came without a byte`);
    await staged.sync();
    const inspection = await instance.inspect(staged.source(), fileName);
    return { sha256: hash.digest("hex") as Sha256, size: staged.length, inspection };
  } finally {
    await staged.close();
  }
}
