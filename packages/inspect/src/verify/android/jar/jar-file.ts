import type { ByteSource } from "@distd/core";
import type { Zip } from "../../../zip/open-zip.ts";
import type { EntryDigests } from "./entry-digests.ts";
import type { ReadManifest } from "./read-manifest.ts";

/** A jar, and what is computed of it once, when somebody first asks. */
export interface JarFile {
  readonly source: ByteSource;
  readonly zip: Zip;
  readonly manifest: () => Promise<ReadManifest>;
  readonly digests: () => Promise<EntryDigests>;
}
