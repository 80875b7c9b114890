import { createHash } from "node:crypto";
import { DistError, decodeUtf8, type ImageContent, type Sha256 } from "@distd/core";
import type { Instance } from "../instance.ts";
import { derivedOf } from "../uploads/inspection.ts";

const READ_BYTES = 1024 * 1024;

/**
 * A registry hands out parts of an image archive under digests the archive claims: each part is read and hashed before the release is
 * published. Never inside a transaction.
 */
export async function verifyImages(
  instance: Instance,
  artifacts: readonly { readonly name: string; readonly format: string; readonly sha256: Sha256 | null }[],
): Promise<void> {
  for (const { name, format, sha256 } of artifacts) {
    const metadata = format === "oci" && sha256 !== null ? await derivedOf(instance.db.read, sha256, "metadata") : undefined;
    if (sha256 === null || !metadata) continue;
    const content = JSON.parse(decodeUtf8(new Uint8Array(metadata))) as ImageContent;
    const source = await instance.blobs.source(sha256);
    try {
      for (const { digest, size, offset } of content.blobs) {
        if (offset === undefined) continue;
        const hash = createHash("sha256");
        for (let at = 0; at < size; at += READ_BYTES) hash.update(await source.read(offset + at, Math.min(READ_BYTES, size - at)));
        if (`sha256:${hash.digest("hex")}` !== digest)
          throw new DistError("artifact/broken", `'${name}': the layer ${digest} in it has another digest`);
      }
    } finally {
      await source.close();
    }
  }
}
