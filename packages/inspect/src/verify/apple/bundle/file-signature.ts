// A bundle without code has its signature in files: the parts of a super blob, each by its name (libsecurity_codesigning, codedirectory.cpp).
// What its code directory calls the code is then the Info.plist.
import { ByteReader } from "@distd/core";
import { broken } from "../../../broken.ts";
import { type CodeSignature, readBlobs } from "../code-signature/read-signature.ts";
import { type Blob, MAGIC, SLOT } from "../code-signature/super-blob.ts";
import type { Survey } from "./survey.ts";

const FILES: Readonly<Record<string, number>> = {
  CodeDirectory: SLOT.codeDirectory,
  CodeRequirements: SLOT.requirements,
  "CodeRequirements-1": SLOT.alternates,
  "CodeRequirements-2": SLOT.alternates + 1,
  "CodeRequirements-3": SLOT.alternates + 2,
  "CodeRequirements-4": SLOT.alternates + 3,
  "CodeRequirements-5": SLOT.alternates + 4,
  CodeEntitlements: SLOT.entitlements,
  CodeEntitlementDER: SLOT.derEntitlements,
  LaunchConstraintSelf: 8,
  LaunchConstraintParent: 9,
  LaunchConstraintResponsible: 10,
  LibraryConstraint: 11,
};
export const CMS_FILE = "CodeSignature";
/** Raw bytes, not a blob. */
export const TOP_DIRECTORY_FILE = "CodeTopDirectory";

/** `folder`: `…/_CodeSignature/`. Undefined: there is none. */
export function readFileSignature({ contents }: Survey, folder: string): CodeSignature | undefined {
  if (!contents.has(`${folder}CodeDirectory`)) return undefined;
  const blobs = new Map<number, Blob>();
  for (const [name, slot] of Object.entries(FILES)) {
    const bytes = contents.get(`${folder}${name}`);
    if (bytes !== undefined) blobs.set(slot, parseBlob(slot, bytes));
  }
  const cms = contents.get(`${folder}${CMS_FILE}`);
  if (cms !== undefined) blobs.set(SLOT.cms, { slot: SLOT.cms, magic: MAGIC.wrapper, bytes: cms, content: cms });
  return { ...readBlobs(blobs), hasStowaway: false };
}

/** Names of the files a signature is in. */
export function isSignatureFile(name: string): boolean {
  return name in FILES || name === CMS_FILE || name === TOP_DIRECTORY_FILE;
}

function parseBlob(slot: number, bytes: Uint8Array): Blob {
  const reader = new ByteReader(bytes, { littleEndian: false });
  const magic = reader.u32();
  if (reader.u32() !== bytes.length) throw broken("code signature: a file that is no blob");
  return { slot, magic, bytes, content: bytes.subarray(8) };
}
