import { apt } from "./apt/index.ts";
import type { Feed } from "./feed.ts";
import { github } from "./github/index.ts";
import { npm } from "./npm/index.ts";
import { oci } from "./oci/index.ts";
import { pypi } from "./pypi/index.ts";

/** Every ecosystem there is, in the order people see them. */
export const FEEDS: readonly Feed[] = [apt, oci, npm, pypi, github];

export * from "./feed.ts";
export type { FeedMirror } from "./mirror.ts";
export { imageName, versionTag } from "./oci/names.ts";
export { normalizeName as normalizePythonName } from "./pypi/names.ts";
export { fingerprint as openPgpFingerprint, type OpenPgpKey } from "./openpgp/packets.ts";
export { armoredPublicKeys, armoredSecretKey, clearsign, detachedSignature } from "./openpgp/sign-text.ts";
