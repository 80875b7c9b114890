import { createHash } from "node:crypto";
import { type ByteSource, DistError, type Sha256 } from "@distd/core";

const READ_BYTES = 1024 * 1024;

/** SHA-256 of a source; the next piece is read while one is hashed. */
export async function hashSource(source: ByteSource, signal: AbortSignal): Promise<Sha256> {
  const hash = createHash("sha256");
  let next = source.read(0, Math.min(READ_BYTES, source.size));
  for (let at = 0; at < source.size; ) {
    const bytes = await next;
    at += bytes.length;
    if (signal.aborted) throw new DistError("run/interrupted", "interrupted");
    if (at < source.size) next = source.read(at, Math.min(READ_BYTES, source.size - at));
    hash.update(bytes);
  }
  return hash.digest("hex") as Sha256;
}
