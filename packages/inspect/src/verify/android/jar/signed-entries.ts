import { attempt } from "../../../broken.ts";
import { byOffset, type ZipEntry } from "../../../zip/directory.ts";
import type { Zip } from "../../../zip/open-zip.ts";
import type { HashName } from "../../public-key.ts";
import { type Issue, type IssueName, issue, tell } from "../issues.ts";
import { digestsToCheck, isEqual } from "./digests.ts";
import type { EntryDigests } from "./entry-digests.ts";
import { readAttributes } from "./manifest.ts";
import type { FileOutcome, JarManifest } from "./signature-file.ts";

export const META_INF = "META-INF/";

export interface EntrySigner {
  readonly file: FileOutcome;
}

export interface EntriesQuestion<Signer> {
  readonly manifest: JarManifest;
  readonly signers: readonly Signer[];
  readonly minSdk: number;
  readonly digests: EntryDigests;
  /** What today's phones compare of the entries is put in. */
  readonly hashes: Set<HashName>;
}

/** The signers of all entries: a subset of all signers. */
export async function verifyEntries<Signer extends EntrySigner>(
  zip: Zip,
  { manifest, signers, minSdk, digests, hashes }: EntriesQuestion<Signer>,
  errors: Issue[],
): Promise<readonly Signer[]> {
  let all: readonly Signer[] | undefined;
  const fail = (name: IssueName, message: string, { name: where }: ZipEntry): void => tell(errors, issue(name, message, where));
  for (const entry of byOffset(zip.entries)) {
    if (!isSigned(entry)) continue;
    const section = manifest.sections.get(entry.name);
    if (section === undefined) {
      fail("JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_MANIFEST", "The entry is not in the manifest: nothing signs it.", entry);
      continue;
    }
    const own = signers.filter(({ file }) => file.entries.has(entry.name));
    if (own.length === 0) {
      fail("JAR_SIG_ZIP_ENTRY_NOT_SIGNED", "No signature file has the entry: nothing signs it.", entry);
      continue;
    }
    all ??= own;
    if (own.length !== all.length || own.some((signer, index) => signer !== all?.[index])) {
      fail("JAR_SIG_ZIP_ENTRY_SIGNERS_MISMATCH", "The entry is signed by others than the entries before it.", entry);
      continue;
    }
    const stated = digestsToCheck(readAttributes(manifest.bytes, section), "-digest", minSdk);
    if (stated.length === 0)
      fail("JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_MANIFEST", "The manifest has no digest of the entry that phones know.", entry);
    const newest = stated.at(-1);
    if (newest) hashes.add(newest.hash);
    for (const { hash, digest } of stated) {
      const actual = await attempt(() => digests.of(entry, hash));
      if ("error" in actual) fail("MALFORMED_APK", `The entry cannot be read: ${actual.error.message}.`, entry);
      else if (!isEqual(digest, actual.value))
        fail("JAR_SIG_ZIP_ENTRY_DIGEST_DID_NOT_VERIFY", `The entry is not the one that was signed (${hash}).`, entry);
    }
  }
  if (all === undefined) errors.push(issue("JAR_SIG_NO_SIGNED_ZIP_ENTRIES", "Nothing is signed."));
  return all ?? [];
}

/** Android leaves META-INF and folders out. */
export function isSigned({ name }: ZipEntry): boolean {
  return !name.startsWith(META_INF) && !name.endsWith("/");
}
