import { join } from "node:path";
import { checkRange, isSha256, type Sha256 } from "@distd/core";
import type { BlobStore, Staged } from "../blob-store.ts";
import { failStop } from "./fail-stop.ts";
import { type FsOps, nodeFsOps } from "./fs-ops.ts";
import { asStoreError } from "./store-error.ts";

/**
 * A folder:
 *
 *     blobs/sha256/AB/ABCD…   one file per blob, named by its digest, 256 folders
 *     uploads/ID              bytes on their way in
 *
 * Both MUST be on one file system: promotion is a rename. A name under `blobs` never holds anything but its bytes: they are written and
 * synced elsewhere, renamed, and then the folders are synced.
 */
export async function openFsBlobStore(folder: string, rawOps: FsOps = nodeFsOps): Promise<BlobStore> {
  const ops = failStop(rawOps);
  const blobs = join(folder, "blobs", "sha256");
  const uploads = join(folder, "uploads");
  const key = (digest: Sha256): string => `blobs/sha256/${digest.slice(0, 2)}/${digest}`;
  const path = (digest: Sha256): string => join(folder, key(digest));
  const upload = (id: string): string => join(uploads, id);

  // The first to need a folder makes it durable; whoever comes at the same time waits for that.
  const shards = new Map<string, Promise<string>>();
  const openShard = (name: string): Promise<string> => {
    const known = shards.get(name);
    if (known) return known;
    const shard = join(blobs, name);
    const opened = ops.makeFolder(shard).then(async () => {
      await ops.syncFolder(blobs);
      return shard;
    });
    shards.set(name, opened);
    opened.catch(() => shards.delete(name));
    return opened;
  };

  for (const place of [join(folder, "blobs"), blobs, uploads]) await ops.makeFolder(place);
  await ops.syncFolder(join(folder, "blobs"));
  await ops.syncFolder(folder);

  return {
    traits: { kind: "fs", key },
    stage: (id) => asStoreError(() => openStaged(upload(id), ops)),
    stagedBytes: (id) => ops.size(upload(id)),
    discard: (id) => ops.remove(upload(id)),
    staged: async () => (await ops.listFolder(uploads)).map((entry) => entry.name),
    promote: (id, digest) =>
      asStoreError(async () => {
        const shard = await openShard(digest.slice(0, 2));
        // Also over a file that is there: its bytes are the same, or were damaged and are now mended.
        await ops.rename(upload(id), path(digest));
        await ops.syncFolder(shard);
        await ops.syncFolder(uploads);
      }),
    size: (digest) => ops.size(path(digest)),
    async source(digest) {
      const file = await ops.open(path(digest), "read");
      const size = await file.size();
      return {
        size,
        async read(offset, length) {
          checkRange(size, offset, length);
          return file.read(offset, length);
        },
        close: () => file.close(),
      };
    },
    body: (digest, start, end) => Bun.file(path(digest)).slice(start, end),
    remove: (digest) => ops.remove(path(digest)),
    async *list() {
      for (const shard of await ops.listFolder(blobs)) {
        for (const { name, size } of await ops.listFolder(join(blobs, shard.name))) {
          if (isSha256(name)) yield { digest: name, size };
        }
      }
    },
    free: () => ops.free(folder),
  };
}

async function openStaged(path: string, ops: FsOps): Promise<Staged> {
  const file = await ops.open(path, "append");
  let length = await file.size();
  return {
    get length() {
      return length;
    },
    append: (bytes) =>
      asStoreError(async () => {
        await file.write(length, bytes);
        length += bytes.length;
      }),
    sync: () => asStoreError(() => file.sync()),
    async truncate(to) {
      await file.truncate(to);
      length = to;
    },
    source: () => ({
      size: length,
      async read(offset, wanted) {
        checkRange(length, offset, wanted);
        return file.read(offset, wanted);
      },
    }),
    close: () => file.close(),
  };
}
