import type { ByteSource, Sha256 } from "@distd/core";

/**
 * Where bytes live, by digest.
 *
 * Bytes arrive in a staging area and are promoted. `promote` MUST be called only with verified bytes; when it resolves they MUST survive a
 * power cut, and MUST never have been visible under their digest before they were whole. `append` MUST write in order; what `sync` returned
 * for MUST survive a power cut. `remove` and `discard` of what is not there MUST succeed. No room is `store/no-room`.
 */
export interface BlobStore {
  readonly traits: BlobStoreTraits;
  /** Opens the staging area of an upload, making it when it is not there. Whoever opens it closes it. */
  stage(upload: string): Promise<Staged>;
  /** Bytes in the staging area; undefined when there is none. */
  stagedBytes(upload: string): Promise<number | undefined>;
  discard(upload: string): Promise<void>;
  /** Uploads that have a staging area. */
  staged(): Promise<string[]>;
  promote(upload: string, digest: Sha256): Promise<void>;
  /** Bytes of the blob; undefined when there is none. */
  size(digest: Sha256): Promise<number | undefined>;
  source(digest: Sha256): Promise<ByteSource & { close(): Promise<void> }>;
  /** The body of an answer: bytes `start` to `end` (exclusive). */
  body(digest: Sha256, start: number, end: number): Blob;
  remove(digest: Sha256): Promise<void>;
  list(): AsyncIterable<{ readonly digest: Sha256; readonly size: number }>;
  /** Bytes free for new blobs. */
  free(): Promise<{ readonly bytes: number; readonly totalBytes: number }>;
}

export interface BlobStoreTraits {
  /** Names the place in `blobs.store_key`. */
  readonly kind: "fs" | "memory";
  /** The key under which a digest is stored, as `blobs.store_key` shows it. */
  key(digest: Sha256): string;
}

/** Bytes on their way in. */
export interface Staged {
  /** Bytes written so far, durable or not. */
  readonly length: number;
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when all that was appended before is durable. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  source(): ByteSource;
  close(): Promise<void>;
}
