import { createHash } from "node:crypto";
import { DistError } from "@distd/core";

/** Bytes held back until their checksum is known; a client that sends one sends parts of at most this size. */
const MAX_CHECKED_BYTES = 64 * 1024 * 1024;
const algorithms = new Set(["sha256", "sha1", "md5"]);

/** The body of a request, once it has the digest that `Upload-Checksum: sha256 BASE64` announces; as it is without that header. */
export function withChecksum(body: AsyncIterable<Uint8Array>, header: string | null): AsyncIterable<Uint8Array> {
  if (header === null) return body;
  const [algorithm = "", want = ""] = header.split(" ");
  if (!algorithms.has(algorithm))
    throw new DistError("usage/invalid", `'${algorithm.slice(0, 20)}' is no checksum this server knows: sha256, sha1, md5`);
  return checked(body, algorithm, want);
}

async function* checked(body: AsyncIterable<Uint8Array>, algorithm: string, want: string): AsyncGenerator<Uint8Array> {
  const hash = createHash(algorithm);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_CHECKED_BYTES)
      throw new DistError("upload/too-large", `a part with a checksum has at most ${MAX_CHECKED_BYTES} bytes`);
    hash.update(chunk);
    chunks.push(chunk);
  }
  const got = hash.digest("base64");
  if (got !== want) throw new DistError("upload/checksum-mismatch", `the part has the ${algorithm} ${got}, not ${want}`);
  yield* chunks;
}
