// What NuGet signs: lines of `name:value`, an empty line after each section. The first section states the version, the second the hash of
// the package, named after its algorithm.
import { decodeUtf8 } from "@distd/core";
import { broken } from "../../broken.ts";

const HASHES = {
  "2.16.840.1.101.3.4.2.1-Hash": "sha256",
  "2.16.840.1.101.3.4.2.2-Hash": "sha384",
  "2.16.840.1.101.3.4.2.3-Hash": "sha512",
} as const;
const MAX_BYTES = 64 * 1024;

export interface PackageHash {
  readonly hash: (typeof HASHES)[keyof typeof HASHES];
  readonly digest: Uint8Array;
}

export function parsePackageHash(content: Uint8Array): PackageHash {
  if (content.length > MAX_BYTES) throw broken(`nupkg: ${content.length} bytes of signed properties`);
  const [header = [], properties = []] = decodeUtf8(content)
    .split(/\r\n\r\n|\n\n/)
    .map((section) => section.split(/\r?\n/).filter((line) => line !== ""));
  if (!header.includes("Version:1")) throw broken("nupkg: signed properties of another version");
  for (const line of properties) {
    const colon = line.indexOf(":");
    const hash = HASHES[line.slice(0, colon) as keyof typeof HASHES];
    if (hash !== undefined) return { hash, digest: new Uint8Array(Buffer.from(line.slice(colon + 1), "base64")) };
  }
  throw broken("nupkg: the signature states no hash of the package");
}
