import type { ByteSource } from "@distd/core";
import { broken } from "../broken.ts";
import { STORED } from "../zip/directory.ts";
import type { Zip } from "../zip/open-zip.ts";

/** The files an app comes in, whatever holds them: a zip, a tar, a disk image. */
export interface AppFiles {
  /** Files and folders, in the order of the container; folders may be missing. */
  readonly paths: readonly string[];
  has(path: string): boolean;
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /** For one pass from front to back. Undefined when there is no such file. */
  open(path: string): Promise<OpenFile | undefined>;
}

export interface OpenFile {
  readonly source: ByteSource;
  /** What lies beyond costs too much to read. */
  readonly readableBytes: number;
  close(): Promise<void>;
}

export function zipAppFiles(zip: Zip): AppFiles {
  return {
    paths: zip.entries.map(({ name }) => name),
    has: (path) => zip.find(path) !== undefined,
    async read(path, maxBytes) {
      const entry = zip.find(path);
      if (entry === undefined) throw broken(`there is no ${path}`);
      if (entry.bytes > maxBytes) throw broken(`${path} claims ${entry.bytes} bytes, at most ${maxBytes} are read`);
      return zip.read(entry);
    },
    async open(path) {
      const entry = zip.find(path);
      if (entry === undefined) return undefined;
      const source = zip.forward(entry);
      const readableBytes = entry.method === STORED ? entry.bytes : Math.min(entry.bytes, zip.inflatableBytes);
      return { source, readableBytes, close: () => source.close() };
    },
  };
}
