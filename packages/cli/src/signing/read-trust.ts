import { readFileSync } from "node:fs";
import { DistError } from "@distd/core";
import type { Trust } from "@distd/inspect/verify";

const CERTIFICATES = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g;
/** A DER certificate is a SEQUENCE with a length of two bytes. */
const DER_CERTIFICATE = Buffer.from("3082", "hex");

/** Certificates in PEM or DER, and public keys as their families write them. */
export function readTrust(files: readonly string[], revoked: readonly string[]): Trust {
  const certificates: Uint8Array[] = [];
  const keys: string[] = [];
  for (const file of files) {
    const bytes = read(file);
    const enclosed = [...bytes.toString("latin1").matchAll(CERTIFICATES)].map(([, base64 = ""]) => Buffer.from(base64, "base64"));
    if (enclosed.length > 0) certificates.push(...enclosed);
    else if (bytes.subarray(0, 2).equals(DER_CERTIFICATE)) certificates.push(bytes);
    else keys.push(bytes.toString("latin1"));
  }
  return { certificates, keys, revoked: new Set(revoked.map(parseDigest)) };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new DistError("usage/invalid", `cannot read ${file}: ${(cause as Error).message}`, { cause, hint: "check the path" });
  }
}

function parseDigest(text: string): string {
  const digest = text.toLowerCase().replaceAll(":", "");
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new DistError("usage/invalid", `--revoked is '${text}', not the SHA-256 of a certificate`);
  return digest;
}
