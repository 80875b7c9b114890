import { createHash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import type { InspectLimits } from "../../limits.ts";
import { scanTar } from "../../tar/scan-tar.ts";

/** Manifests and configurations; what is larger is a layer. */
const MAX_FILE_BYTES = 512 * 1024;
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
const NAMES = /^(?:oci-layout|index\.json|manifest\.json|repositories|[0-9a-f]{64}\.json|[0-9a-f]{64}\/(?:json|VERSION))$/;
const BLOB = /^blobs\/sha256\/([0-9a-f]{64})$/;

export interface SmallFiles {
  has(path: string): boolean;
  /** The content of a file that may be JSON; undefined for layers and what is not there. */
  find(path: string): Uint8Array | undefined;
  /** Where a file lies in the archive. */
  placeOf(path: string): { readonly offset: number; readonly bytes: number } | undefined;
  readonly isComplete: boolean;
  /** Places are then those in the archive that was compressed. */
  readonly isCompressed: boolean;
}

/** Every file of an image archive by name, and the content of those that can be manifests. A blob is what its name says, or it is refused. */
export async function readSmallFiles(source: ByteSource, limits: InspectLimits): Promise<SmallFiles> {
  const names = new Map<string, { readonly offset: number; readonly bytes: number }>();
  const contents = new Map<string, Uint8Array>();
  let kept = 0;
  const scan = await scanTar(source, limits, {
    want({ path, type, bytes }) {
      if (type !== "file" || bytes > MAX_FILE_BYTES || kept + bytes > MAX_KEPT_BYTES) return 0;
      return NAMES.test(path) || BLOB.test(path) ? bytes : 0;
    },
    visit({ path, bytes, offset }, content) {
      if (names.has(path) && NAMES.test(path)) throw broken(`oci: ${path} is there twice`);
      names.set(path, { offset, bytes });
      if (content.length === 0 || content.length !== bytes) return;
      const digest = BLOB.exec(path)?.[1];
      if (digest !== undefined && createHash("sha256").update(content).digest("hex") !== digest)
        throw broken(`oci: ${path} does not have the digest it is named by`);
      // Layers are no JSON; compressed ones begin with other bytes.
      if (content[0] !== 0x7b && content[0] !== 0x5b) return;
      kept += content.length;
      contents.set(path, content.slice());
    },
  });
  return {
    has: (path) => names.has(path),
    find: (path) => contents.get(path),
    placeOf: (path) => names.get(path),
    isComplete: scan.complete,
    isCompressed: scan.codec !== undefined,
  };
}
