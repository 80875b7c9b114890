// The digests in a package's signature (MSIX SDK, AppxSignature): after "APPX", four letters and a digest for each part of the zip.
import { createHash } from "node:crypto";
import type { ByteSource } from "@distd/core";
import { broken } from "../../broken.ts";
import type { Zip } from "../../zip/open-zip.ts";
import type { HashName } from "../public-key.ts";
import type { VerdictProblem } from "../verdict.ts";
import { hashPieces } from "../hash-pieces.ts";
import { problem } from "../problem.ts";
import { rewriteEnd, rewriteEnd64, type ZipLayout } from "./zip-layout.ts";

export const SIGNATURE = "AppxSignature.p7x";
export const CONTENT_TYPES = "[Content_Types].xml";
export const BLOCK_MAP = "AppxBlockMap.xml";
export const CODE_INTEGRITY = "AppxMetadata/CodeIntegrity.cat";
const MAGIC = "APPX";
const MAX_PART_BYTES = 32 * 1024 * 1024;

const PARTS = {
  AXPC: "the entries",
  AXCD: "the directory",
  AXCT: CONTENT_TYPES,
  AXBM: BLOCK_MAP,
  AXCI: CODE_INTEGRITY,
} as const;
export type AppxPart = keyof typeof PARTS;
export type AppxDigests = ReadonlyMap<AppxPart, Uint8Array>;

export function parseAppxDigests(bytes: Uint8Array, hash: HashName): AppxDigests {
  const digestBytes = createHash(hash).digest().length;
  const digests = new Map<AppxPart, Uint8Array>();
  const text = (at: number): string => Buffer.from(bytes.subarray(at, at + 4)).toString("latin1");
  if (text(0) !== MAGIC || (bytes.length - 4) % (4 + digestBytes) !== 0) throw broken("msix: the signed digests are of another form");
  for (let at = 4; at < bytes.length; at += 4 + digestBytes) {
    const name = text(at);
    if (!(name in PARTS) || digests.has(name as AppxPart)) throw broken("msix: a signed digest is of an unknown part");
    digests.set(name as AppxPart, bytes.subarray(at + 4, at + 4 + digestBytes));
  }
  return digests;
}

/** Of the package as it is, for all hashes at once: the entries are read once. Parts that are not there have none. */
export async function digestAppx(
  source: ByteSource,
  layout: ZipLayout,
  zip: Zip,
  names: ReadonlySet<HashName>,
): Promise<ReadonlyMap<HashName, AppxDigests>> {
  const signature = layout.entries.find(({ entry }) => entry.name === SIGNATURE);
  const entries = layout.entries.filter((one) => one !== signature);
  const contents = await hashPieces(
    source,
    entries.map(({ place }) => place),
    names,
  );
  const parts = new Map<AppxPart, Uint8Array>([["AXCD", directoryWithoutSignature(layout, signature?.place.bytes ?? 0)]]);
  for (const part of ["AXCT", "AXBM", "AXCI"] as const) {
    const entry = zip.find(PARTS[part]);
    if (entry === undefined) continue;
    if (entry.bytes > MAX_PART_BYTES) throw broken(`${entry.name} has ${entry.bytes} bytes, at most ${MAX_PART_BYTES} are read`);
    parts.set(part, await zip.read(entry));
  }
  return new Map(
    [...contents].map(([name, content]) => [
      name,
      new Map([["AXPC", content.digest()], ...[...parts].map(([part, bytes]) => [part, createHash(name).update(bytes).digest()] as const)]),
    ]),
  );
}

/** As it was before: without the signature's record, figures of the end records taken back, and no disk numbers. */
function directoryWithoutSignature(layout: ZipLayout, signatureBytes: number): Uint8Array {
  const records = layout.records.filter(({ entry }) => entry.name !== SIGNATURE).map(({ bytes }) => bytes);
  const change = {
    count: records.length,
    directoryBytes: records.reduce((sum, { length }) => sum + length, 0),
    directoryOffset: layout.directoryOffset - signatureBytes,
  };
  const end = Buffer.from(rewriteEnd(layout.end, change));
  end.writeUInt32LE(0, 4);
  return Buffer.concat([...records, rewriteEnd64(layout.end64, change), end]);
}

/** Parts whose digest is not the one that was signed, or that are there without one. */
export function compareAppx(signed: AppxDigests, actual: AppxDigests): readonly VerdictProblem[] {
  return (Object.keys(PARTS) as AppxPart[]).flatMap((part) => {
    const [wanted, found] = [signed.get(part), actual.get(part)];
    if (wanted === undefined && found === undefined) return [];
    if (wanted !== undefined && found !== undefined && Buffer.compare(wanted, found) === 0) return [];
    const what =
      wanted === undefined
        ? "is there, but was not signed"
        : found === undefined
          ? "was signed, but is not there"
          : "is not what was signed";
    return [problem(wanted === undefined ? "signing/uncovered" : "signing/digest-mismatch", `${PARTS[part]}: ${what}`, PARTS[part])];
  });
}
