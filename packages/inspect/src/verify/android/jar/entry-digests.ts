// Digests of a jar's entries: each is inflated and hashed once, whatever API levels ask, in the order in which they lie in the file.
import { createHash } from "node:crypto";
import { type ByteSource, DistError } from "@distd/core";
import { attempt, broken } from "../../../broken.ts";
import { createBudget } from "../../../budget.ts";
import { byOffset, type ZipEntry } from "../../../zip/directory.ts";
import type { HashName } from "../../public-key.ts";
import { VERIFY_LIMITS } from "../apk-file.ts";
import { digestsToCheck } from "./digests.ts";
import { entryContent } from "./entry-content.ts";
import type { JarFile } from "./jar-file.ts";
import { readAttributes } from "./manifest.ts";
import type { JarManifest } from "./signature-file.ts";
import { isSigned } from "./signed-entries.ts";

const DIGEST_BYTES: Readonly<Record<HashName, number>> = { md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };

export interface EntryDigests {
  /** `artifact/broken` where the entry cannot be inflated. */
  of(entry: ZipEntry, hash: HashName): Uint8Array;
}

/** Where nobody will ask. */
export const NO_ENTRY_DIGESTS: EntryDigests = {
  of() {
    throw broken("zip: the digests of entries were not computed");
  },
};

/** All digests that phones of these API levels compare, and the manifest states. */
export async function digestEntries(
  source: ByteSource,
  jar: Pick<JarFile, "zip" | "manifest">,
  minSdks: readonly number[],
): Promise<EntryDigests> {
  const read = await attempt(jar.manifest);
  if ("error" in read || "errors" in read.value) return NO_ENTRY_DIGESTS;
  const { manifest } = read.value;
  const namesOf = (entry: ZipEntry): readonly HashName[] => hashesOf(entry, manifest, minSdks);
  // As text, one byte a character: there may be very many.
  const known = new Map<ZipEntry, string | DistError>();
  const budget = createBudget(VERIFY_LIMITS.maxInflatedBytes);
  for (const entry of byOffset(jar.zip.entries)) {
    const names = isSigned(entry) ? namesOf(entry) : [];
    if (names.length === 0) continue;
    const digested = await attempt(() => {
      budget.spend(entry.bytes, JSON.stringify(entry.name));
      return digestEntry(source, entry, names);
    });
    known.set(entry, "value" in digested ? digested.value : digested.error);
  }
  return {
    of(entry, hash) {
      const digests = known.get(entry) ?? "";
      if (digests instanceof DistError) throw digests;
      return cutOut(digests, namesOf(entry), hash);
    },
  };
}

/** In the order in which their digests are kept. */
function hashesOf(entry: ZipEntry, manifest: JarManifest, minSdks: readonly number[]): readonly HashName[] {
  const section = manifest.sections.get(entry.name);
  if (section === undefined) return [];
  const attributes = readAttributes(manifest.bytes, section);
  return [...new Set(minSdks.flatMap((minSdk) => digestsToCheck(attributes, "-digest", minSdk).map(({ hash }) => hash)))];
}

async function digestEntry(source: ByteSource, entry: ZipEntry, names: readonly HashName[]): Promise<string> {
  const hashes = names.map((name) => createHash(name));
  for await (const piece of entryContent(source, entry)) for (const hash of hashes) hash.update(piece);
  return hashes.map((hash) => hash.digest("binary")).join("");
}

function cutOut(digests: string, names: readonly HashName[], wanted: HashName): Uint8Array {
  let start = 0;
  for (const name of names) {
    const end = start + DIGEST_BYTES[name];
    if (name === wanted && end <= digests.length) return Buffer.from(digests.slice(start, end), "latin1");
    start = end;
  }
  throw broken(`zip: the ${wanted} of an entry was not computed`);
}
