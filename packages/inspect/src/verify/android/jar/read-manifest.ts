import type { ByteSource } from "@distd/core";
import { broken } from "../../../broken.ts";
import type { ZipEntry } from "../../../zip/directory.ts";
import type { Zip } from "../../../zip/open-zip.ts";
import { type Issue, issue, tell } from "../issues.ts";
import { entryContent } from "./entry-content.ts";
import { type ManifestSection, readSections } from "./manifest.ts";
import type { JarManifest } from "./signature-file.ts";
import { META_INF } from "./signed-entries.ts";

export const MANIFEST = `${META_INF}MANIFEST.MF`;
export const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/** The list of all entries and their digests, or why there is none. One that cannot be inflated is `artifact/broken`. */
export type ReadManifest = { readonly manifest: JarManifest } | { readonly errors: readonly Issue[] };

export async function readManifest(source: ByteSource, zip: Zip): Promise<ReadManifest> {
  const entry = zip.find(MANIFEST);
  if (entry === undefined) return { errors: [issue("JAR_SIG_NO_MANIFEST", `There is no ${MANIFEST}.`)] };
  const bytes = await readSmall(source, entry, MAX_MANIFEST_BYTES);
  const errors: Issue[] = [];
  const all = readSections(bytes);
  const main = all.next().value ?? undefined;
  const sections = new Map<string, ManifestSection>();
  for (const section of all) {
    const { name } = section;
    if (name === undefined) tell(errors, issue("JAR_SIG_UNNNAMED_MANIFEST_SECTION", "A section of the manifest names no entry.", MANIFEST));
    else if (sections.has(name))
      tell(errors, issue("JAR_SIG_DUPLICATE_MANIFEST_SECTION", `The manifest has two sections for ${JSON.stringify(name)}.`, MANIFEST));
    else {
      sections.set(name, section);
      if (name.endsWith("/") || zip.find(name) === undefined)
        tell(
          errors,
          issue("JAR_SIG_MISSING_ZIP_ENTRY_REFERENCED_IN_MANIFEST", `The manifest has ${JSON.stringify(name)}, the package has not.`, name),
        );
    }
  }
  return errors.length > 0 ? { errors } : { manifest: { bytes, main, sections } };
}

export async function readSmall(source: ByteSource, entry: ZipEntry, maxBytes: number): Promise<Uint8Array> {
  if (entry.bytes > maxBytes) throw broken(`${entry.name} claims ${entry.bytes} bytes, at most ${maxBytes} are read`);
  const pieces: Uint8Array[] = [];
  for await (const piece of entryContent(source, entry)) pieces.push(piece);
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}
