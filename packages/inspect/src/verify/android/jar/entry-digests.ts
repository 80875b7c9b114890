import { createHash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import { type Budget, createBudget } from "../../../budget.ts";
import type { ZipEntry } from "../../../zip/directory.ts";
import type { HashName } from "../../public-key.ts";
import { VERIFY_LIMITS } from "../apk-file.ts";
import { digestsToCheck } from "./digests.ts";
import { entryContent } from "./entry-content.ts";
import { readAttributes } from "./manifest.ts";
import type { JarManifest } from "./signature-file.ts";

const DIGEST_BYTES: Readonly<Record<HashName, number>> = { md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };

/** Digests of entries, each entry inflated and hashed once for all API levels that ask. */
export interface EntryDigests {
  /** Ask in the order of the file: that is how it is read. */
  of(entry: ZipEntry, hash: HashName, manifest: JarManifest): Promise<Uint8Array>;
}

/** `minSdks`: all lowest API levels that will be asked for. */
export function createEntryDigests(source: ByteSource, minSdks: readonly number[]): EntryDigests {
  // As text, one byte a character: there may be very many.
  const known = new Map<ZipEntry, string>();
  const budget = createBudget(VERIFY_LIMITS.maxInflatedBytes);
  return {
    async of(entry, hash, manifest) {
      const names = hashesFor(entry, manifest, minSdks);
      const digests = known.get(entry) ?? (await digestEntry(source, entry, names, budget));
      known.set(entry, digests);
      return cutOut(digests, names, hash);
    },
  };
}

/** In the order in which their digests are kept. */
function hashesFor(entry: ZipEntry, manifest: JarManifest, minSdks: readonly number[]): readonly HashName[] {
  const section = manifest.sections.get(entry.name);
  if (section === undefined) return [];
  const attributes = readAttributes(manifest.bytes, section);
  return [...new Set(minSdks.flatMap((minSdk) => digestsToCheck(attributes, "-digest", minSdk).map(({ hash }) => hash)))];
}

async function digestEntry(source: ByteSource, entry: ZipEntry, names: readonly HashName[], budget: Budget): Promise<string> {
  budget.spend(entry.bytes, JSON.stringify(entry.name));
  const hashes = names.map((name) => createHash(name));
  for await (const piece of entryContent(source, entry)) for (const hash of hashes) hash.update(piece);
  return hashes.map((hash) => hash.digest("binary")).join("");
}

function cutOut(digests: string, names: readonly HashName[], wanted: HashName): Uint8Array {
  let start = 0;
  for (const name of names) {
    const end = start + DIGEST_BYTES[name];
    if (name === wanted) return Buffer.from(digests.slice(start, end), "latin1");
    start = end;
  }
  return new Uint8Array();
}
