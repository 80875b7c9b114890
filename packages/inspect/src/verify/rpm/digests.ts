import { createHash, type Hash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import type { HashName } from "../public-key.ts";
import type { VerdictProblem } from "../verdict.ts";
import { problem } from "../problem.ts";
import { broken } from "../../broken.ts";
import type { PackageParts } from "./package-parts.ts";
import { DIGEST_TAG, PAYLOAD_SHA256, PAYLOAD_TAG } from "./tags.ts";

const CHUNK_BYTES = 1024 * 1024;

export interface PackageHashes {
  /** Over the header. */
  readonly header: ReadonlyMap<HashName, Hash>;
  /** Over header and payload; those asked for, and MD5. */
  readonly package: ReadonlyMap<HashName, Hash>;
  readonly payload: Buffer;
}

/** Reads the payload once. */
export async function hashPackage(
  source: ByteSource,
  { signatures, header, payloadOffset }: PackageParts,
  wanted: { readonly header: readonly HashName[]; readonly package: readonly HashName[] },
): Promise<PackageHashes> {
  const overHeader = hashesOf(["sha1", "sha256", ...wanted.header], header.raw);
  const overPackage = hashesOf([...(signatures.has(DIGEST_TAG.md5) ? (["md5"] as const) : []), ...wanted.package], header.raw);
  const payload = createHash("sha256");
  for (let at = payloadOffset; at < source.size; at += CHUNK_BYTES) {
    const chunk = await source.read(at, Math.min(CHUNK_BYTES, source.size - at));
    payload.update(chunk);
    for (const hash of overPackage.values()) hash.update(chunk);
  }
  return { header: overHeader, package: overPackage, payload: payload.digest() };
}

function hashesOf(names: readonly HashName[], begin: Uint8Array): ReadonlyMap<HashName, Hash> {
  return new Map([...new Set(names)].map((name) => [name, createHash(name).update(begin)]));
}

export interface DigestFindings {
  readonly problems: readonly VerdictProblem[];
  /** Whether the header has a digest of the payload: then who signs the header signs both. */
  readonly coversPayload: boolean;
}

/** What the package says of itself, also when nobody signed it. */
export function compareDigests({ signatures, header }: PackageParts, hashes: PackageHashes): DigestFindings {
  const problems: VerdictProblem[] = [];
  for (const name of ["sha1", "sha256"] as const) {
    if (!signatures.has(DIGEST_TAG[name])) continue;
    const said = signatures.text(DIGEST_TAG[name])?.toLowerCase();
    if (said !== hashes.header.get(name)?.copy().digest("hex"))
      problems.push(differs(`the header has another ${name} digest than it says`, "header"));
  }
  const md5 = signatures.has(DIGEST_TAG.md5) ? signatures.binary(DIGEST_TAG.md5) : undefined;
  if (md5 !== undefined && hashes.package.get("md5")?.copy().digest().equals(md5) !== true)
    problems.push(differs("header and payload have another md5 digest than the package says", "package"));
  const payload = [PAYLOAD_TAG.digests, PAYLOAD_TAG.uncompressed].flatMap((tag) => header.texts(tag).map((text) => text.toLowerCase()));
  if (payload.length === 0) return { problems, coversPayload: false };
  const algorithm = header.numbers(PAYLOAD_TAG.algorithm)[0] ?? PAYLOAD_SHA256;
  if (algorithm !== PAYLOAD_SHA256) throw broken(`rpm: the payload's digest is of kind ${algorithm}, which is not known here`);
  // Either: who decompresses what he downloads keeps a package whose payload is not compressed.
  if (!payload.includes(hashes.payload.toString("hex")))
    problems.push(differs("the payload has another digest than the header says", "payload"));
  return { problems, coversPayload: true };
}

function differs(message: string, where: string): VerdictProblem {
  return problem("signing/digest-mismatch", message, where);
}
