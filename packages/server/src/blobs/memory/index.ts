import { DistError, memorySource, type Sha256 } from "@distd/core";
import type { BlobStore } from "../blob-store.ts";

/** Everything in memory, for tests of what stands on a store. */
export function openMemoryBlobStore(): BlobStore {
  const blobs = new Map<Sha256, Uint8Array>();
  const uploads = new Map<string, Uint8Array>();
  const blob = (digest: Sha256): Uint8Array => {
    const bytes = blobs.get(digest);
    if (!bytes) throw new DistError("store/damaged", `there is no blob ${digest}`);
    return bytes;
  };
  return {
    traits: { kind: "memory", key: (digest) => `memory/${digest}` },
    async stage(id) {
      if (!uploads.has(id)) uploads.set(id, new Uint8Array());
      const bytes = (): Uint8Array => uploads.get(id) ?? new Uint8Array();
      return {
        get length() {
          return bytes().length;
        },
        async append(more) {
          const joined = new Uint8Array(bytes().length + more.length);
          joined.set(bytes());
          joined.set(more, bytes().length);
          uploads.set(id, joined);
        },
        async sync() {},
        async truncate(length) {
          uploads.set(id, bytes().slice(0, length));
        },
        source: () => memorySource(bytes()),
        async close() {},
      };
    },
    stagedBytes: async (id) => uploads.get(id)?.length,
    async discard(id) {
      uploads.delete(id);
    },
    staged: async () => [...uploads.keys()],
    async promote(id, digest) {
      const bytes = uploads.get(id);
      if (!bytes) throw new DistError("store/damaged", `there is no upload ${id}`);
      blobs.set(digest, bytes);
      uploads.delete(id);
    },
    size: async (digest) => blobs.get(digest)?.length,
    source: async (digest) => ({ ...memorySource(blob(digest)), async close() {} }),
    body: (digest, start, end) => new Blob([blob(digest).slice(start, end)]),
    async remove(digest) {
      blobs.delete(digest);
    },
    async *list() {
      for (const [digest, bytes] of blobs) yield { digest, size: bytes.length };
    },
    free: async () => ({ bytes: Number.MAX_SAFE_INTEGER, totalBytes: Number.MAX_SAFE_INTEGER }),
  };
}
