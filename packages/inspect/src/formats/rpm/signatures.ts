import type { RpmHeader } from "../../rpm/read-header.ts";

/** rpmtag.h, RPMSIGTAG: what is signed, and how. The first two names cover the header alone, `pgp` and `gpg` header and payload. */
const SCHEMES: readonly (readonly [tag: number, scheme: string])[] = [
  [268, "header-rsa"],
  [267, "header-dsa"],
  [278, "header-openpgp"],
  [1002, "pgp"],
  [1005, "gpg"],
  [274, "ima"],
  [276, "fsverity"],
];

export function findSchemes(signatures: RpmHeader): readonly string[] {
  return SCHEMES.filter(([tag]) => signatures.has(tag)).map(([, scheme]) => scheme);
}
