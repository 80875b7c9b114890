// rpmtag.h: what is signed, and which digests there are.

/** In the header of signatures. */
export const DIGEST_TAG = { sha1: 269, sha256: 273, md5: 1004 } as const;

/** In the package's own header: of the payload as it lies in the file, and of what it is once decompressed. */
export const PAYLOAD_TAG = { digests: 5092, algorithm: 5093, uncompressed: 5097 } as const;
/** The only algorithm rpm writes there, by OpenPGP's number. */
export const PAYLOAD_SHA256 = 8;

export interface SignatureTag {
  readonly tag: number;
  /** As facts name it. */
  readonly scheme: string;
  /** What it is over: the header alone, or all that follows the header of signatures. */
  readonly over: "header" | "package";
}

export const SIGNATURE_TAGS: readonly SignatureTag[] = [
  { tag: 268, scheme: "header-rsa", over: "header" },
  { tag: 267, scheme: "header-dsa", over: "header" },
  { tag: 1002, scheme: "pgp", over: "package" },
  { tag: 1005, scheme: "gpg", over: "package" },
];
/** Any number of them, in base64. */
export const OPENPGP_TAG = { tag: 278, scheme: "header-openpgp", over: "header" } as const satisfies SignatureTag;
