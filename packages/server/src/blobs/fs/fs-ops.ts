import { constants } from "node:fs";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import { DistError } from "@distd/core";

/** The dozen calls the store makes to the file system: one place to record their order, or to let the n-th fail, in tests. */
export interface FsOps {
  open(path: string, mode: "read" | "append"): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  /** True when it was made, false when it was there. */
  makeFolder(path: string): Promise<boolean>;
  /** Makes the folder's entries durable. */
  syncFolder(path: string): Promise<void>;
  /** Also when there is nothing to remove. */
  remove(path: string): Promise<void>;
  size(path: string): Promise<number | undefined>;
  listFolder(path: string): Promise<{ readonly name: string; readonly size: number }[]>;
  free(path: string): Promise<{ readonly bytes: number; readonly totalBytes: number }>;
}

export interface OpenFile {
  size(): Promise<number>;
  read(offset: number, length: number): Promise<Uint8Array>;
  write(offset: number, bytes: Uint8Array): Promise<void>;
  truncate(length: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

const APPEND = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

export const nodeFsOps: FsOps = {
  open: async (path, mode) => openFile(await fs.open(path, mode === "read" ? constants.O_RDONLY : APPEND, 0o640)),
  rename: (from, to) => fs.rename(from, to),
  async makeFolder(path) {
    return (await fs.mkdir(path, { recursive: true, mode: 0o750 })) !== undefined;
  },
  async syncFolder(path) {
    const folder = await fs.open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  remove: (path) => fs.rm(path, { force: true }),
  async size(path) {
    try {
      return (await fs.stat(path)).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  async listFolder(path) {
    const names = await fs.readdir(path);
    const entries = await Promise.all(
      names.map(async (name) => {
        const stat = await fs.stat(join(path, name)).catch((error: unknown) => (isMissing(error) ? undefined : Promise.reject(error)));
        return stat && { name, size: stat.size };
      }),
    );
    return entries.filter((entry) => entry !== undefined);
  },
  async free(path) {
    const { bavail, bsize, blocks } = await fs.statfs(path);
    return { bytes: bavail * bsize, totalBytes: blocks * bsize };
  },
};

function openFile(handle: fs.FileHandle): OpenFile {
  return {
    size: async () => (await handle.stat()).size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw new DistError("store/damaged", `a file ends ${length - done} bytes too early`);
        done += bytesRead;
      }
      return bytes;
    },
    async write(offset, bytes) {
      for (let done = 0; done < bytes.length; ) {
        done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
      }
    },
    truncate: (length) => handle.truncate(length),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}
