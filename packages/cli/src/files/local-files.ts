import { basename } from "node:path";
import type { ArtifactFacts, ByteSource } from "@distd/core";
import { inspectArtifact } from "@distd/inspect";
import type { LocalFile } from "../api/upload.ts";
import { openFileSource } from "./file-source.ts";
import { hashSource } from "./hash-source.ts";

/** A file on this machine: open, hashed, and understood. */
export interface ReadyFile {
  readonly file: LocalFile;
  readonly facts: ArtifactFacts;
  readonly source: ByteSource;
}

/**
 * Opens the files, reads their facts and digests, and hands them on; closes them whatever happens. A broken artifact ends it here, before
 * anything is sent.
 */
export async function withLocalFiles<T>(
  paths: readonly string[],
  signal: AbortSignal,
  use: (files: readonly ReadyFile[]) => Promise<T>,
): Promise<T> {
  const open: { path: string; source: Awaited<ReturnType<typeof openFileSource>> }[] = [];
  try {
    for (const path of paths) open.push({ path, source: await openFileSource(path) });
    const facts = new Map<string, ArtifactFacts>();
    for (const { path, source } of open) facts.set(path, await inspectArtifact(source, basename(path)));
    const ready: ReadyFile[] = [];
    for (const { path, source } of open) {
      const file = { path, name: basename(path), size: source.size, sha256: await hashSource(source, signal) };
      ready.push({ file, facts: facts.get(path) as ArtifactFacts, source });
    }
    return await use(ready);
  } finally {
    for (const { source } of open) await source.close();
  }
}
