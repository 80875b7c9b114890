// The source stamp: which store handed the package out (AOSP's V2SourceStampVerifier). The entry stamp-cert-sha256 names the store's certificate;
// in the signing block are that certificate, for each scheme signatures over its content digests, and signed attributes: a time, older keys.
// Blocks of version 1 are verified by nobody any more, and not here.
import { sha256 } from "@distd/core";
import { attempt, isBroken } from "../../broken.ts";
import { items, lengthPrefixed, littleEndian } from "../../formats/apk/length-prefixed.ts";
import { verifySignature } from "../public-key.ts";
import { readCertificate, type X509 } from "../x509/certificate.ts";
import type { ApkFile } from "./apk-file.ts";
import { NO_MAX_SDK } from "./block-signer.ts";
import { type Issue, type IssueName, issue, tell } from "./issues.ts";
import { canonicalKey } from "./keys.ts";
import { isSame, readLineage } from "./lineage.ts";
import type { Scheme } from "./scheme.ts";
import { blockAlgorithm, type BlockAlgorithm, type ContentDigest, pickSignatures, renderId } from "./signature-algorithms.ts";

const STAMP_BLOCK = 0x6dff800d;
const STAMP_ENTRY = "stamp-cert-sha256";
const MAX_ENTRY_BYTES = 4096;
const LINEAGE_ATTRIBUTE = 0x9d6303f7;
const TIME_ATTRIBUTE = 0xe43c5946;
/** Stamps are looked at from Android 11 on. */
const R = 30;
const SCHEME_IDS: readonly (readonly [Scheme, number])[] = [
  ["v1", 1],
  ["v2", 2],
  ["v3", 3],
];
const DIGEST_IDS: Readonly<Record<StampedDigest, number>> = {
  "chunked-sha256": 1,
  "chunked-sha512": 2,
  "verity-sha256": 3,
  "manifest-sha256": 4,
};

export type StampedDigest = ContentDigest | "manifest-sha256";

/** What each scheme that was looked at says of the contents. */
export type StampedSchemes = ReadonlyMap<Scheme, ReadonlyMap<StampedDigest, Uint8Array>>;

/** What was found out so far: reading ends with the first error. */
export interface SourceStamp {
  certificate?: X509;
  algorithm?: BlockAlgorithm;
  /** When the store says it stamped; ISO 8601 UTC. */
  stampedAt?: string;
  readonly errors: Issue[];
  readonly remarks: Issue[];
}

/** Undefined: the package does not say that it is stamped. A stamp that does not hold changes nothing about the package's signatures. */
export async function verifySourceStamp(apk: ApkFile, minSdk: number, schemes: StampedSchemes): Promise<SourceStamp | undefined> {
  const entry = apk.zip.find(STAMP_ENTRY);
  if (entry === undefined) return undefined;
  const stamp: SourceStamp = { errors: [], remarks: [] };
  const value = apk.block.get(STAMP_BLOCK);
  const read = await attempt(async () => {
    if (value === undefined) return fail(stamp, "SOURCE_STAMP_SIG_MISSING", "the package says it is stamped, and no stamp is there");
    if (entry.bytes > MAX_ENTRY_BYTES) return fail(stamp, "SOURCE_STAMP_MALFORMED_CERTIFICATE", `${STAMP_ENTRY} is too long`);
    return readStamp(stamp, { value, stated: await apk.zip.read(entry), schemes, minSdk: Math.max(minSdk, R) });
  });
  if ("error" in read) fail(stamp, "SOURCE_STAMP_MALFORMED_SIGNATURE", read.error.message);
  return stamp;
}

function fail(stamp: SourceStamp, name: IssueName, what: string): void {
  stamp.errors.push(issue(name, `The source stamp does not hold: ${what}.`));
}

interface StampParts {
  readonly value: Uint8Array;
  /** SHA-256 of the certificate, as the entry has it. */
  readonly stated: Uint8Array;
  readonly schemes: StampedSchemes;
  readonly minSdk: number;
}

function readStamp(stamp: SourceStamp, { value, stated, schemes, minSdk }: StampParts): void {
  const data = littleEndian(lengthPrefixed(littleEndian(value)));
  readStampCertificate(stamp, lengthPrefixed(data), stated);
  if (stamp.errors.length > 0) return;
  const signatures = new Map(
    items(lengthPrefixed(data)).map((item) => {
      const scheme = littleEndian(item);
      return [scheme.u32(), lengthPrefixed(scheme)] as const;
    }),
  );
  for (const [scheme, id] of SCHEME_IDS) {
    const digests = schemes.get(scheme);
    if (digests === undefined) continue;
    const list = signatures.get(id);
    if (list === undefined) return fail(stamp, "SOURCE_STAMP_NO_SIGNATURE", `nothing in it is about ${scheme}`);
    verifyOver(stamp, { signed: renderDigests(digests), list, what: `what ${scheme} signs`, minSdk });
    if (stamp.errors.length > 0) return;
  }
  if (data.left === 0) return;
  const attributes = lengthPrefixed(data);
  verifyOver(stamp, { signed: attributes, list: lengthPrefixed(data), what: "its attributes", minSdk });
  if (stamp.errors.length === 0) readAttributes(stamp, lengthPrefixed(littleEndian(attributes)));
}

function readStampCertificate(stamp: SourceStamp, der: Uint8Array, stated: Uint8Array): void {
  try {
    stamp.certificate = readCertificate(der);
  } catch (thrown) {
    if (!isBroken(thrown)) throw thrown;
    return fail(stamp, "SOURCE_STAMP_MALFORMED_CERTIFICATE", thrown.message);
  }
  if (Buffer.from(stated).toString("hex") !== sha256(der))
    fail(
      stamp,
      "SOURCE_STAMP_CERTIFICATE_MISMATCH_BETWEEN_SIGNATURE_BLOCK_AND_APK",
      `its certificate is not the one that ${STAMP_ENTRY} names`,
    );
}

interface StampSignatures {
  readonly signed: Uint8Array;
  readonly list: Uint8Array;
  readonly what: string;
  readonly minSdk: number;
}

function verifyOver(stamp: SourceStamp, { signed, list, what, minSdk }: StampSignatures): void {
  const known = items(list).flatMap((item) => {
    const reader = littleEndian(item);
    const id = reader.u32();
    const bytes = lengthPrefixed(reader);
    const algorithm = blockAlgorithm(id);
    if (algorithm) return [{ algorithm, bytes }];
    tell(
      stamp.remarks,
      issue("SOURCE_STAMP_UNKNOWN_SIG_ALGORITHM", `A signature with the unknown algorithm ${renderId(id)} was passed over.`),
    );
    return [];
  });
  if (known.length === 0) return fail(stamp, "SOURCE_STAMP_NO_SIGNATURE", `there is no signature over ${what}`);
  const picked = pickSignatures(known, { minSdk, maxSdk: NO_MAX_SDK }, "arithmeticMinSdk");
  if (picked === undefined) return fail(stamp, "SOURCE_STAMP_NO_SUPPORTED_SIGNATURE", `no phone knows the signature over ${what}`);
  for (const { algorithm, bytes } of picked) {
    try {
      if (!stamp.certificate || !verifySignature(canonicalKey(stamp.certificate.publicKey), algorithm.signature, signed, bytes))
        return fail(stamp, "SOURCE_STAMP_DID_NOT_VERIFY", `its signature is not the key's over ${what}`);
    } catch (thrown) {
      if (!isBroken(thrown)) throw thrown;
      return fail(stamp, "SOURCE_STAMP_VERIFY_EXCEPTION", thrown.message);
    }
    stamp.algorithm = algorithm;
  }
}

function readAttributes(stamp: SourceStamp, list: Uint8Array): void {
  for (const item of items(list)) {
    const attribute = littleEndian(item);
    const id = attribute.u32();
    const value = attribute.take(attribute.left);
    if (id === LINEAGE_ATTRIBUTE) readStampLineage(stamp, value);
    else if (id === TIME_ATTRIBUTE) readTime(stamp, value);
    else tell(stamp.remarks, issue("SOURCE_STAMP_UNKNOWN_ATTRIBUTE", `The unknown attribute ${renderId(id)} was passed over.`));
  }
}

function readStampLineage(stamp: SourceStamp, value: Uint8Array): void {
  const read = readLineage(value);
  if ("failure" in read) {
    const { problem, message } = read.failure;
    return fail(stamp, `SOURCE_STAMP_${problem}`, message);
  }
  const newest = read.lineage.at(-1);
  if (!newest || !stamp.certificate || !isSame(newest.certificate, stamp.certificate))
    fail(stamp, "SOURCE_STAMP_POR_CERT_MISMATCH", "its proof of rotation ends with another key");
}

/** Seconds since 1970 in the first eight bytes. */
function readTime(stamp: SourceStamp, value: Uint8Array): void {
  if (value.length < 8) return fail(stamp, "SOURCE_STAMP_MALFORMED_ATTRIBUTE", "its time is too short");
  const seconds = Buffer.from(value).readBigInt64LE(0);
  const date = new Date(Number(seconds) * 1000);
  if (seconds <= 0n || Number.isNaN(date.getTime())) return fail(stamp, "SOURCE_STAMP_INVALID_TIMESTAMP", "its time is none");
  stamp.stampedAt = `${date.toISOString().slice(0, 19)}Z`;
}

/** Pairs of number and digest, in the order of the numbers. */
function renderDigests(digests: ReadonlyMap<StampedDigest, Uint8Array>): Uint8Array {
  const sorted = [...digests].map(([name, digest]) => ({ id: DIGEST_IDS[name], digest })).sort((a, b) => a.id - b.id);
  return Buffer.concat(
    sorted.flatMap(({ id, digest }) => {
      const header = Buffer.alloc(12);
      header.writeUInt32LE(8 + digest.length, 0);
      header.writeUInt32LE(id, 4);
      header.writeUInt32LE(digest.length, 8);
      return [header, digest];
    }),
  );
}
