import { createHash, type Hash } from "node:crypto";
import { DistError, type Sha256 } from "@distd/core";
import type { Staged } from "../../blobs/blob-store.ts";
import type { Tx } from "../../db/database.ts";
import { act } from "../act.ts";
import { createId } from "../ids.ts";
import { type Caller, DAY_MS, type Instance, iso } from "../instance.ts";
import { claimBlob, settleBlob } from "../uploads/arrival.ts";
import { requireRoom } from "../uploads/quota.ts";
import { findImageBlob, type Image } from "./images.ts";

const UPLOAD_LIFETIME_MS = DAY_MS;
const READ_BYTES = 1024 * 1024;

/** Uploads of blobs as registries take them: of unknown length, in pieces that follow each other, named at the end. */
export interface ImageUploads {
  begin(caller: Caller, image: Image): Promise<string>;
  /** Bytes there are; throws for an upload that is not there, or somebody else's. */
  length(caller: Caller, image: Image, upload: string): Promise<number>;
  /** Appends; `offset` is where the client believes it is. Returns the new length. */
  append(caller: Caller, image: Image, upload: string, offset: number | undefined, body: AsyncIterable<Uint8Array>): Promise<number>;
  /** The bytes are what the digest says, and stay. */
  finish(caller: Caller, image: Image, upload: string, digest: string): Promise<void>;
  cancel(caller: Caller, image: Image, upload: string): Promise<void>;
}

interface Hashing {
  readonly hash: Hash;
  length: number;
}

export function createImageUploads(instance: Instance): ImageUploads {
  const busy = new Set<string>();
  // A digest under way cannot be written down; after a restart the bytes are read again.
  const hashings = new Map<string, Hashing>();

  const find = async ({ principal }: Caller, image: Image, upload: string): Promise<void> => {
    const row = await instance.db.read
      .selectFrom("spools")
      .select("expires_at")
      .where("id", "=", upload)
      .where("image_id", "=", image.id)
      .where("principal", "=", principal.id)
      .executeTakeFirst();
    if (!row || row.expires_at <= iso(instance.now())) throw new DistError("upload/not-found", `there is no upload '${upload}'`);
  };
  const drop = async (upload: string): Promise<void> => {
    hashings.delete(upload);
    await instance.db.write(async (tx) => tx.deleteFrom("spools").where("id", "=", upload).execute());
    await instance.blobs.discard(upload);
  };
  const hashingOf = async (upload: string, staged: Staged): Promise<Hashing> => {
    const known = hashings.get(upload);
    if (known?.length === staged.length) return known;
    const hash = createHash("sha256");
    await readAll(staged, (bytes) => hash.update(bytes));
    return { hash, length: staged.length };
  };
  const withStaged = async <T>(upload: string, body: (staged: Staged) => Promise<T>): Promise<T> => {
    if (busy.has(upload)) throw new DistError("upload/busy", `upload '${upload}' is being written by another request`);
    busy.add(upload);
    try {
      const staged = await instance.blobs.stage(upload);
      try {
        return await body(staged);
      } finally {
        await staged.close();
      }
    } finally {
      busy.delete(upload);
    }
  };

  return {
    async begin({ principal }, image) {
      await requireRoom(instance.db.read, instance, image.app, 0);
      const id = createId("upl", instance.now());
      const row = { id, image_id: image.id, principal: principal.id, expires_at: iso(instance.now() + UPLOAD_LIFETIME_MS) };
      await instance.db.write(async (tx) => tx.insertInto("spools").values(row).execute());
      return id;
    },
    async length(caller, image, upload) {
      await find(caller, image, upload);
      return (await instance.blobs.stagedBytes(upload)) ?? 0;
    },
    async append(caller, image, upload, offset, body) {
      await find(caller, image, upload);
      return withStaged(upload, async (staged) => {
        if (offset !== undefined && offset !== staged.length)
          throw new DistError("upload/offset-mismatch", `the upload stands at ${staged.length}, not at ${offset}`, {
            details: { offset: staged.length },
          });
        const hashing = await hashingOf(upload, staged);
        hashings.delete(upload);
        for await (const chunk of body) {
          const written = staged.append(chunk);
          hashing.hash.update(chunk);
          hashing.length += chunk.length;
          await written;
        }
        hashings.set(upload, hashing);
        return staged.length;
      });
    },
    async finish(caller, image, upload, digest) {
      await find(caller, image, upload);
      const { sha256, size } = await withStaged(upload, async (staged) => {
        const hashing = await hashingOf(upload, staged);
        hashings.delete(upload);
        const got = hashing.hash.digest("hex") as Sha256;
        if (digest.startsWith("sha256:") ? `sha256:${got}` !== digest : (await digestOf(staged, "sha512")) !== digest)
          throw new DistError("blob/digest-mismatch", `the bytes were announced as ${digest}, but are sha256:${got}`);
        await requireRoom(instance.db.read, instance, image.app, 0);
        await staged.sync();
        return { sha256: got, size: staged.length };
      });
      await claimBlob(instance, { sha256, size, app: image.app.id });
      await instance.blobs.promote(upload, sha256);
      await act(instance, { principal: caller.principal }, async (tx) => {
        await settleBlob(tx, sha256);
        await tx.deleteFrom("spools").where("id", "=", upload).execute();
        await holdBlob(tx, image, digest, sha256, size);
        return {
          result: null,
          event: { action: "upload.complete", app: image.app.slug, subject: sha256, details: { name: image.name.text, size } },
        };
      });
    },
    async cancel(caller, image, upload) {
      await find(caller, image, upload);
      await drop(upload);
    },
  };
}

/** A blob another image of an app the caller may read has already: no bytes are sent. False when it has not. */
export async function mountBlob(instance: Instance, caller: Caller, from: Image, to: Image, digest: string): Promise<boolean> {
  const blob = await findImageBlob(instance.db.read, from, digest);
  if (!blob) return false;
  return act(instance, { principal: caller.principal }, async (tx) => {
    const there = await findImageBlob(tx, from, digest);
    if (!there) return { result: false };
    await holdBlob(tx, to, digest, there.sha256, there.size);
    return {
      result: true,
      event: { action: "upload.complete", app: to.app.slug, subject: there.sha256, details: { name: to.name.text, from: from.name.text } },
    };
  });
}

async function holdBlob(tx: Tx, image: Image, digest: string, sha256: Sha256, size: number): Promise<void> {
  await tx
    .insertInto("image_blobs")
    .values({ image_id: image.id, digest, sha256, size })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await tx
    .insertInto("blob_references")
    .values({ sha256, kind: "image", owner_id: image.id, app_id: image.app.id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function digestOf(staged: Staged, algorithm: "sha512"): Promise<string> {
  const hash = createHash(algorithm);
  await readAll(staged, (bytes) => hash.update(bytes));
  return `${algorithm}:${hash.digest("hex")}`;
}

async function readAll(staged: Staged, use: (bytes: Uint8Array) => unknown): Promise<void> {
  const source = staged.source();
  for (let at = 0; at < source.size; at += READ_BYTES) use(await source.read(at, Math.min(READ_BYTES, source.size - at)));
}
