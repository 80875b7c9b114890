import { type FileHandle, open } from "node:fs/promises";
import { type ByteSource, checkRange, DistError } from "@distd/core";

/** A local file as a byte source. Close it. */
export async function openFileSource(path: string): Promise<ByteSource & { close(): Promise<void> }> {
  const handle = await open(path, "r").catch((cause: Error) => {
    throw new DistError("usage/invalid", `cannot read ${path}: ${cause.message}`, { cause, hint: "check the path" });
  });
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    throw new DistError("usage/invalid", `${path} is not a file`, { hint: "name a file" });
  }
  return { size: stat.size, read: (offset, length) => readExactly(handle, stat.size, offset, length), close: () => handle.close() };
}

async function readExactly(handle: FileHandle, size: number, offset: number, length: number): Promise<Uint8Array> {
  checkRange(size, offset, length);
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0)
      throw new DistError("usage/invalid", "the file became shorter while it was read", { hint: "publish when the build has finished" });
    done += bytesRead;
  }
  return bytes;
}
