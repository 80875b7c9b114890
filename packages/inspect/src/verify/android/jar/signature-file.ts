// META-INF/X.SF against META-INF/MANIFEST.MF (JAR File Specification, "Signature Validation"; AOSP's V1SchemeVerifier): the digest of the whole
// manifest, or where that is not right, of each section.
import { createHash } from "node:crypto";
import type { HashName } from "../../public-key.ts";
import { type Issue, issue, tell } from "../issues.ts";
import type { Scheme } from "../scheme.ts";
import { digestsToCheck, isEqual, type StatedDigest } from "./digests.ts";
import { type ManifestSection, readAttributes, readSections } from "./manifest.ts";

/** In the main section: numbers of the schemes the signer used as well. */
const ALSO_SIGNED = "x-android-apk-signed";
const BLOCK_SCHEMES: ReadonlyMap<number, Scheme> = new Map([
  [2, "v2"],
  [3, "v3"],
]);
const LF = 0x0a;

export interface JarManifest {
  readonly bytes: Uint8Array;
  readonly main: ManifestSection | undefined;
  /** By the entry each is about. */
  readonly sections: ReadonlyMap<string, ManifestSection>;
}

export interface FileOutcome {
  readonly errors: readonly Issue[];
  readonly remarks: readonly Issue[];
  /** Phones go on without this signer, whatever else is wrong. */
  readonly isIgnored: boolean;
  /** What the signer signs. */
  readonly entries: ReadonlySet<string>;
  /** What today's phones compare of the manifest, where they compare it whole. */
  readonly hash: HashName | undefined;
}

export interface FileQuestion {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly manifest: JarManifest;
  readonly minSdk: number;
  /** Block schemes that were found; undefined: no phone asks for them. */
  readonly found: ReadonlySet<Scheme> | undefined;
}

export function verifySignatureFile({ bytes, name, manifest, minSdk, found }: FileQuestion): FileOutcome {
  const errors: Issue[] = [];
  const remarks: Issue[] = [];
  const entries = new Set<string>();
  let comparedWith: HashName | undefined;
  const done = (isIgnored: boolean): FileOutcome => ({ errors, remarks, isIgnored, entries, hash: comparedWith });
  const sections = readSections(bytes);
  const main = sections.next().value;
  const attributes = main ? readAttributes(bytes, main) : new Map<string, string>();
  if (!attributes.has("signature-version")) {
    errors.push(issue("JAR_SIG_MISSING_VERSION_ATTR_IN_SIG_FILE", "The signature file has no version.", name));
    return done(true);
  }
  if (found !== undefined) checkStripped(attributes, name, found, errors, remarks);
  if (errors.length > 0) return done(false);

  // The digests of Netscape's signtool have other names, and leave the last empty line out.
  const isSigntool = attributes.get("created-by")?.includes("signtool") ?? false;
  const whole = digestsToCheck(attributes, isSigntool ? "-digest" : "-digest-manifest", minSdk);
  if (whole.length === 0)
    remarks.push(issue("JAR_SIG_NO_MANIFEST_DIGEST_IN_SIG_FILE", "The signature file has no digest of the manifest.", name));
  comparedWith = whole.at(-1)?.hash;
  const wrong = whole.filter((stated) => !matches(stated, manifest.bytes));
  for (const { hash } of wrong)
    remarks.push(
      issue("JAR_SIG_ZIP_ENTRY_DIGEST_DID_NOT_VERIFY", `The manifest is not the one that was signed (${hash}); its sections decide.`, name),
    );
  const isWholeRight = whole.length > 0 && wrong.length === 0;
  if (!isSigntool) checkMainSection(attributes, { name, manifest, minSdk }, errors);
  if (errors.length > 0) return done(false);

  let isIgnored = false;
  for (const section of sections) {
    const entry = section.name;
    if (entry === undefined) {
      errors.push(issue("JAR_SIG_UNNNAMED_SIG_FILE_SECTION", "A section names no entry.", name));
      return done(true);
    }
    if (entries.has(entry)) {
      errors.push(issue("JAR_SIG_DUPLICATE_SIG_FILE_SECTION", `${JSON.stringify(entry)} has two sections.`, name));
      return done(true);
    }
    const signed = manifest.sections.get(entry);
    // The manifest's text where it is the same: each name is held once.
    entries.add(signed?.name ?? entry);
    if (isWholeRight) continue;
    if (signed === undefined) {
      tell(errors, issue("JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_SIG_FILE", `The manifest has no section for ${JSON.stringify(entry)}.`, name));
      isIgnored = true;
      continue;
    }
    checkSection(
      readAttributes(bytes, section),
      { name, entry, minSdk, content: sectionBytes(manifest.bytes, signed, isSigntool) },
      errors,
    );
  }
  return done(isIgnored);
}

function checkStripped(
  attributes: ReadonlyMap<string, string>,
  name: string,
  found: ReadonlySet<Scheme>,
  errors: Issue[],
  remarks: Issue[],
): void {
  const stated = attributes.get(ALSO_SIGNED);
  if (stated === undefined && found.size > 0)
    remarks.push(
      issue(
        "JAR_SIG_NO_APK_SIG_STRIP_PROTECTION",
        "v1 does not say that there are newer signatures: they could be taken out unseen.",
        name,
      ),
    );
  for (const id of new Set((stated ?? "").split(",").map((text) => text.trim()))) {
    if (!/^[+-]?\d{1,10}$/.test(id)) continue;
    const scheme = BLOCK_SCHEMES.get(Number(id));
    if (scheme === undefined) tell(remarks, issue("JAR_SIG_UNKNOWN_APK_SIG_SCHEME_ID", `The signer names the unknown scheme ${id}.`, name));
    else if (!found.has(scheme))
      errors.push(
        issue("JAR_SIG_MISSING_APK_SIG_REFERENCED", `The signer says it also signed with ${scheme}; that signature was taken out.`, name),
      );
  }
}

function checkMainSection(
  attributes: ReadonlyMap<string, string>,
  { name, manifest, minSdk }: Pick<FileQuestion, "name" | "manifest" | "minSdk">,
  errors: Issue[],
): void {
  const main = manifest.main === undefined ? new Uint8Array() : sectionBytes(manifest.bytes, manifest.main, false);
  for (const stated of digestsToCheck(attributes, "-digest-manifest-main-attributes", minSdk)) {
    if (matches(stated, main)) continue;
    const message = `The manifest's main section is not the one that was signed (${stated.hash}).`;
    errors.push(issue("JAR_SIG_MANIFEST_MAIN_SECTION_DIGEST_DID_NOT_VERIFY", message, name));
  }
}

function checkSection(
  attributes: ReadonlyMap<string, string>,
  {
    name,
    entry,
    minSdk,
    content,
  }: { readonly name: string; readonly entry: string; readonly minSdk: number; readonly content: Uint8Array },
  errors: Issue[],
): void {
  const stated = digestsToCheck(attributes, "-digest", minSdk);
  if (stated.length === 0)
    tell(errors, issue("JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_SIG_FILE", `The signature file has no digest for ${JSON.stringify(entry)}.`, name));
  for (const one of stated.filter((digest) => !matches(digest, content)))
    tell(
      errors,
      issue(
        "JAR_SIG_MANIFEST_SECTION_DIGEST_DID_NOT_VERIFY",
        `The manifest's section for ${JSON.stringify(entry)} is not the one that was signed (${one.hash}).`,
        name,
      ),
    );
}

function sectionBytes(bytes: Uint8Array, { start, end }: ManifestSection, isSigntool: boolean): Uint8Array {
  const hasEmptyLine = bytes[end - 1] === LF && bytes[end - 2] === LF;
  return bytes.subarray(start, isSigntool && hasEmptyLine ? end - 1 : end);
}

function matches({ hash, digest }: StatedDigest, content: Uint8Array): boolean {
  return isEqual(digest, createHash(hash).update(content).digest());
}
