import { createHash } from "node:crypto";
import { DistError } from "../errors/dist-error.ts";

/** The SHA-256 of some bytes, as 64 lower-case hexadecimal digits. On the wire it is written `sha256:…`. */
export type Sha256 = string & { readonly __brand: "Sha256" };

const hex = /^[0-9a-f]{64}$/;

export function isSha256(text: string): text is Sha256 {
  return hex.test(text);
}

/** Accepts `sha256:HEX` and bare `HEX`. */
export function parseSha256(text: string): Sha256 {
  const bare = text.startsWith("sha256:") ? text.slice(7) : text;
  if (!isSha256(bare))
    throw new DistError("usage/invalid", `'${text.slice(0, 80)}' is not a SHA-256 digest (sha256: and 64 hexadecimal digits)`);
  return bare;
}

export function renderSha256(digest: Sha256): string {
  return `sha256:${digest}`;
}

export function sha256(bytes: Uint8Array | string): Sha256 {
  return createHash("sha256").update(bytes).digest("hex") as Sha256;
}
