// Subresource Integrity (w3.org/TR/SRI), as npm reads it: several digests, of which the strongest kind counts.
import { broken } from "../../broken.ts";
import type { HashName } from "../public-key.ts";

const ENTRY = /^(sha1|sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})(?:\?\S*)?$/;
const STRENGTH: readonly HashName[] = ["sha512", "sha384", "sha256", "sha1"];

export interface Integrity {
  readonly hash: HashName;
  /** Any of them is right. Base64. */
  readonly digests: readonly string[];
}

/** What cannot be read is `artifact/broken`. */
export function parseIntegrity(text: string): Integrity {
  const entries = text.split(/\s+/).flatMap((entry) => {
    const [, hash, digest] = ENTRY.exec(entry) ?? [];
    return hash === undefined || digest === undefined ? [] : [{ hash: hash as HashName, digest }];
  });
  const hash = STRENGTH.find((one) => entries.some((entry) => entry.hash === one));
  if (hash === undefined) throw broken("npm: the integrity cannot be read");
  return { hash, digests: entries.filter((entry) => entry.hash === hash).map(({ digest }) => digest) };
}
