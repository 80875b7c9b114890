import { type FileHandle, open } from "node:fs/promises";
import { type ByteSource, checkRange } from "@distd/core";

/** A file on disk as a source, for the length of one call. */
export async function withFile<T>(path: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  const handle = await open(path);
  try {
    return await use(fileSource(handle, (await handle.stat()).size));
  } finally {
    await handle.close();
  }
}

function fileSource(handle: FileHandle, size: number): ByteSource {
  return {
    size,
    async read(offset, length) {
      checkRange(size, offset, length);
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, offset);
      if (bytesRead !== length) throw new Error(`${bytesRead} of ${length} bytes read`);
      return bytes;
    },
  };
}
