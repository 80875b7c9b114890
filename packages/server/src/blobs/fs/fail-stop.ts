import { DistError } from "@distd/core";
import type { FsOps, OpenFile } from "./fs-ops.ts";
import { isNoRoom } from "./store-error.ts";

/**
 * After a failed sync the kernel may have dropped the bytes and will answer the next sync of the same file with success. So nothing is tried
 * again: once a sync has failed for any reason but a full disk, this process writes no more.
 */
export function failStop(ops: FsOps): FsOps {
  let failure: unknown;
  const guard = async <T>(act: () => Promise<T>): Promise<T> => {
    if (failure !== undefined) {
      throw new DistError("server/unavailable", "the disk failed to keep bytes, so nothing is written any more; reading works", {
        cause: failure,
        hint: "check the disk, then restart distd",
      });
    }
    return act();
  };
  const syncing = async (sync: () => Promise<void>): Promise<void> => {
    try {
      await sync();
    } catch (error) {
      if (!isNoRoom(error)) failure = error;
      throw error;
    }
  };
  const watch = (file: OpenFile): OpenFile => ({
    ...file,
    write: (offset, bytes) => guard(() => file.write(offset, bytes)),
    sync: () => guard(() => syncing(file.sync)),
  });
  return {
    ...ops,
    open: async (path, mode) => watch(await ops.open(path, mode)),
    rename: (from, to) => guard(() => ops.rename(from, to)),
    syncFolder: (path) => guard(() => syncing(() => ops.syncFolder(path))),
  };
}
