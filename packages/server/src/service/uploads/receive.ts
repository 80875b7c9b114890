import { createHash, type Hash } from "node:crypto";
import { asDistError, DistError, type Sha256 } from "@distd/core";
import type { Inspection } from "@distd/inspect";
import type { Staged } from "../../blobs/blob-store.ts";
import { crashPoint } from "../../crash-point.ts";
import { act } from "../act.ts";
import { claimBlob, settleBlob } from "./arrival.ts";
import { rememberInspection } from "./inspection.ts";
import type { Caller, Instance } from "../instance.ts";
import { dropUpload, recordOffset, type UploadRow } from "./uploads.ts";

/** Bytes between two syncs: what an interrupted upload may have to send again. */
const SYNC_BYTES = 16 * 1024 * 1024;
/** Prefix read at a time when a digest has to be computed again after a restart. */
const REHASH_BYTES = 1024 * 1024;
/** Unfinished digests kept in memory; the others are computed again. */
const MAX_OPEN_DIGESTS = 256;

export interface Receiver {
  isBusy(upload: string): boolean;
  /** Bytes the client need not send again. */
  offset(upload: UploadRow): Promise<number>;
  /**
   * Appends a body at `offset`. When the last byte is there, checks the digest, reads the facts, and promotes the bytes to a blob.
   * What arrived before an interruption is kept. Returns the new offset.
   */
  receive(caller: Caller, upload: UploadRow, offset: number, body: AsyncIterable<Uint8Array>): Promise<number>;
}

/** A digest under way: `length` bytes have gone into it. */
interface Digesting {
  readonly hash: Hash;
  length: number;
}

export function createReceiver(instance: Instance): Receiver {
  const busy = new Set<string>();
  // A digest under way cannot be written down, so it lives here; after a restart the prefix is read again.
  const digests = new Map<string, Digesting>();

  const digestOf = async (upload: string, staged: Staged): Promise<Digesting> => {
    const known = digests.get(upload);
    if (known?.length === staged.length) return known;
    const hash = createHash("sha256");
    const source = staged.source();
    for (let at = 0; at < source.size; at += REHASH_BYTES) hash.update(await source.read(at, Math.min(REHASH_BYTES, source.size - at)));
    return { hash, length: source.size };
  };

  const store = async (caller: Caller, upload: UploadRow, offset: number, body: AsyncIterable<Uint8Array>): Promise<number> => {
    const staged = await instance.blobs.stage(upload.id);
    try {
      const durable = knownOffset(upload, staged.length);
      if (offset !== durable) throw offsetMismatch(offset, durable);
      if (staged.length > durable) await staged.truncate(durable);
      const digesting = await digestOf(upload.id, staged);
      digests.delete(upload.id);
      try {
        await append(instance, upload, staged, digesting, body);
      } finally {
        if (digests.size >= MAX_OPEN_DIGESTS) digests.delete(digests.keys().next().value as string);
        if (staged.length < upload.size) digests.set(upload.id, digesting);
        await keep(instance, upload, staged, digests);
      }
      crashPoint("upload-synced");
      const reached = staged.length;
      if (reached === upload.size) await finish(instance, caller, upload, staged, digesting.hash.digest("hex") as Sha256);
      return reached;
    } finally {
      await staged.close();
    }
  };

  /** In memory the digest tells how far we got; after a restart only what was recorded as durable counts. */
  const knownOffset = (upload: UploadRow, stagedBytes: number): number => {
    const known = digests.get(upload.id);
    // An upload that did not finish lacks at least its last byte: the request that brings it is the one that finishes.
    return known?.length === stagedBytes ? known.length : Math.min(upload.durable_offset, stagedBytes, Math.max(0, upload.size - 1));
  };

  return {
    isBusy: (upload) => busy.has(upload),
    async offset(upload) {
      return busy.has(upload.id) ? upload.durable_offset : knownOffset(upload, (await instance.blobs.stagedBytes(upload.id)) ?? 0);
    },
    async receive(caller, upload, offset, body) {
      if (busy.has(upload.id)) throw new DistError("upload/busy", `upload '${upload.id}' is being written by another request`);
      busy.add(upload.id);
      try {
        return await store(caller, upload, offset, body);
      } finally {
        busy.delete(upload.id);
      }
    },
  };
}

function offsetMismatch(offset: number, durable: number): DistError {
  return new DistError("upload/offset-mismatch", `the upload stands at ${durable}, not at ${offset}`, { details: { offset: durable } });
}

/** Writes and hashes side by side; syncs in the background, so that the disk works while bytes arrive. */
async function append(
  instance: Instance,
  upload: UploadRow,
  staged: Staged,
  digesting: Digesting,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  let sinceSync = 0;
  let syncing: Promise<unknown> = Promise.resolve();
  for await (const chunk of body) {
    if (staged.length + chunk.length > upload.size)
      throw new DistError("upload/too-large", `more bytes came than the ${upload.size} announced`);
    const written = staged.append(chunk);
    digesting.hash.update(chunk);
    digesting.length += chunk.length;
    await written;
    sinceSync += chunk.length;
    if (sinceSync < SYNC_BYTES) continue;
    sinceSync = 0;
    await syncing;
    const length = staged.length;
    syncing = staged.sync().then(() => recordOffset(instance, upload.id, length));
    // Looked at with the next await; until then a failure must not count as unhandled.
    syncing.catch(() => {});
  }
  await syncing;
}

/** Whatever ended the body, the bytes that came are kept. Bytes that cannot be synced are lost, and syncing again would not say so. */
async function keep(instance: Instance, upload: UploadRow, staged: Staged, digests: Map<string, Digesting>): Promise<void> {
  try {
    await staged.sync();
  } catch (error) {
    digests.delete(upload.id);
    await dropUpload(instance, upload.id);
    throw error;
  }
  if (staged.length < upload.size) await recordOffset(instance, upload.id, staged.length);
}

async function finish(instance: Instance, caller: Caller, upload: UploadRow, staged: Staged, got: Sha256): Promise<void> {
  if (got !== upload.sha256) {
    await dropUpload(instance, upload.id);
    throw new DistError("blob/digest-mismatch", `'${upload.file_name}' was announced as ${upload.sha256}, but its bytes are ${got}`, {
      details: { want: upload.sha256, got },
    });
  }
  const inspection = await inspectOrDrop(instance, upload, staged);
  await claimBlob(instance, { sha256: upload.sha256, size: upload.size, app: upload.app_id });
  crashPoint("blob-claimed");
  await instance.blobs.promote(upload.id, upload.sha256);
  crashPoint("blob-promoted");
  await act(instance, { principal: caller.principal }, async (tx) => {
    await settleBlob(tx, upload.sha256);
    await rememberInspection(tx, upload.sha256, upload.file_name, inspection);
    await tx.deleteFrom("uploads").where("id", "=", upload.id).execute();
    const app = await tx.selectFrom("apps").select("slug").where("id", "=", upload.app_id).executeTakeFirstOrThrow();
    return {
      result: null,
      event: { action: "upload.complete", app: app.slug, subject: upload.sha256, details: { name: upload.file_name, size: upload.size } },
    };
  });
}

async function inspectOrDrop(instance: Instance, upload: UploadRow, staged: Staged): Promise<Inspection> {
  try {
    return await instance.inspect(staged.source(), upload.file_name);
  } catch (thrown) {
    const error = asDistError(thrown);
    // Only the artifact's own fault ends the upload; when we could not look, the client comes back and its bytes are there.
    if (error.code === "artifact/broken") await dropUpload(instance, upload.id);
    throw error;
  }
}
