import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { DistError } from "@distd/core";

/** A file that was opened once: what is read is what was verified, whatever happens to its name meanwhile. */
export interface OpenFile {
  readonly bytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  /** All of it, from the front. */
  pieces(): AsyncGenerator<Uint8Array, void, undefined>;
}

const PIECE_BYTES = 1024 * 1024;

/** Opens a file, hashes it through the descriptor that `body` then reads from, and closes it. `digest`: SHA-256, hexadecimal. */
export async function withVerified<T>(path: string, digest: string, body: (file: OpenFile) => Promise<T>): Promise<T> {
  const handle = await open(path, "r");
  try {
    const file = readFrom(handle, (await handle.stat()).size);
    const hash = createHash("sha256");
    for await (const piece of file.pieces()) hash.update(piece);
    const found = hash.digest("hex");
    if (found !== digest) throw new DistError("blob/digest-mismatch", `${path} was changed: its SHA-256 is ${found}, not ${digest}`);
    return await body(file);
  } finally {
    await handle.close();
  }
}

function readFrom(handle: FileHandle, bytes: number): OpenFile {
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const buffer = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
      if (bytesRead === 0) throw new DistError("blob/digest-mismatch", "a file became shorter while it was read");
      filled += bytesRead;
    }
    return buffer;
  };
  return {
    bytes,
    read,
    async *pieces() {
      for (let at = 0; at < bytes; at += PIECE_BYTES) yield await read(at, Math.min(PIECE_BYTES, bytes - at));
    },
  };
}
