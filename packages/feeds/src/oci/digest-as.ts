import { createHash } from "node:crypto";

/** Of some bytes, by the algorithm another digest has. */
export function digestAs(digest: string, bytes: Uint8Array): string {
  const algorithm = digest.startsWith("sha512:") ? "sha512" : "sha256";
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}
