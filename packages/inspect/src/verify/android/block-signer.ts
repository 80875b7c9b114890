// One signer of v2, v3 or v3.1 (source.android.com, "APK Signature Scheme v2", "v3"): signed data, for v3 a range of API levels, signatures over
// the signed data, a public key. Signed data: content digests, certificates, for v3 the range again, attributes. Checked in apksig's order.
import { attempt, isBroken } from "../../broken.ts";
import { items, lengthPrefixed, littleEndian } from "../../formats/apk/length-prefixed.ts";
import { verifySignature } from "../public-key.ts";
import { readCertificate, type X509 } from "../x509/certificate.ts";
import { type Issue, type IssueName, issue, tell } from "./issues.ts";
import { canonicalKey } from "./keys.ts";
import { blockAlgorithm, type BlockAlgorithm, type BlockSignature, pickSignatures, renderId } from "./signature-algorithms.ts";

export interface SdkRange {
  readonly minSdk: number;
  /** 2^31-1: without end. */
  readonly maxSdk: number;
}

export const NO_MAX_SDK = 0x7fffffff;

export interface Attribute {
  readonly id: number;
  readonly value: Uint8Array;
}

export interface ListedDigest {
  readonly algorithm: BlockAlgorithm | undefined;
  readonly digest: Uint8Array;
}

/** What was found out so far; what comes after the first error is missing. */
export interface BlockSigner {
  /** Of v3: the API levels it is for. */
  range?: SdkRange;
  /** Signatures that hold over the signed data. */
  readonly verified: BlockAlgorithm[];
  /** The signer's own first. */
  readonly certificates: X509[];
  readonly digests: ListedDigest[];
  readonly attributes: Attribute[];
  readonly errors: Issue[];
  readonly remarks: Issue[];
}

type Version = "V2" | "V3";

/** `range`: the API levels a v2 signer is asked for; v3 signers say themselves. */
export async function readBlockSigner(bytes: Uint8Array, version: Version, range: SdkRange): Promise<BlockSigner> {
  const signer: BlockSigner = { verified: [], certificates: [], digests: [], attributes: [], errors: [], remarks: [] };
  const read = await attempt(() => fill(signer, bytes, version, range));
  if ("error" in read) signer.errors.push(issue(`${version}_SIG_MALFORMED_SIGNER`, `The signer cannot be read: ${read.error.message}.`));
  return signer;
}

function fill(signer: BlockSigner, bytes: Uint8Array, version: Version, asked: SdkRange): void {
  const reader = littleEndian(bytes);
  const signedData = lengthPrefixed(reader);
  const fail = (name: IssueName, message: string): void => void signer.errors.push(issue(name, message));
  const range = version === "V2" ? asked : { minSdk: reader.i32(), maxSdk: reader.i32() };
  if (version === "V3") {
    signer.range = range;
    if (range.minSdk < 0 || range.minSdk > range.maxSdk)
      fail("V3_SIG_INVALID_SDK_VERSIONS", `The API levels ${range.minSdk} to ${range.maxSdk} are none.`);
  }
  const signatures = lengthPrefixed(reader);
  const publicKey = lengthPrefixed(reader);
  const ids = readSignatures(signer, signatures, version);
  if (ids === undefined) return;
  if (!verifySignatures(signer, { ids, signedData, publicKey, version, range })) return;
  readSignedData(signer, { ids: ids.map(({ id }) => id), signedData, publicKey, version });
}

interface ListedSignature {
  readonly id: number;
  readonly bytes: Uint8Array;
}

function readSignatures(signer: BlockSigner, list: Uint8Array, version: Version): readonly ListedSignature[] | undefined {
  const found = readList(list, (item) => ({ id: item.u32(), bytes: lengthPrefixed(item) }));
  if (found === undefined) {
    signer.errors.push(issue(`${version}_SIG_MALFORMED_SIGNATURE`, "A signature cannot be read."));
    return undefined;
  }
  for (const { id } of found) {
    if (blockAlgorithm(id) === undefined)
      tell(
        signer.remarks,
        issue(`${version}_SIG_UNKNOWN_SIG_ALGORITHM`, `A signature with the unknown algorithm ${renderId(id)} was passed over.`),
      );
  }
  if (found.length > 0) return found;
  signer.errors.push(issue(`${version}_SIG_NO_SIGNATURES`, "The signer has no signature."));
  return undefined;
}

function verifySignatures(
  signer: BlockSigner,
  { ids, signedData, publicKey, version, range }: SignerParts & { readonly ids: readonly ListedSignature[]; readonly range: SdkRange },
): boolean {
  const known: BlockSignature[] = ids.flatMap(({ id, bytes }) => {
    const algorithm = blockAlgorithm(id);
    return algorithm ? [{ algorithm, bytes }] : [];
  });
  const picked = pickSignatures(known, range);
  if (picked === undefined) {
    signer.errors.push(issue(`${version}_SIG_NO_SUPPORTED_SIGNATURES`, `None of the signatures is known at API level ${range.minSdk}.`));
    return false;
  }
  for (const { algorithm, bytes } of picked) {
    try {
      if (!verifySignature(publicKey, algorithm.signature, signedData, bytes)) {
        signer.errors.push(
          issue(`${version}_SIG_DID_NOT_VERIFY`, `The signature ${renderId(algorithm.id)} is not the key's over the signed data.`),
        );
        return false;
      }
    } catch (thrown) {
      if (!isBroken(thrown)) throw thrown;
      signer.errors.push(
        issue(`${version}_SIG_MALFORMED_PUBLIC_KEY`, `The signature ${renderId(algorithm.id)} cannot be computed: ${thrown.message}.`),
      );
      return false;
    }
    signer.verified.push(algorithm);
  }
  return true;
}

interface SignerParts {
  readonly signedData: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly version: Version;
}

/** What the signatures hold over; so from here on the signer's own word. */
function readSignedData(
  signer: BlockSigner,
  { ids, signedData, publicKey, version }: SignerParts & { readonly ids: readonly number[] },
): void {
  const fail = (name: IssueName, message: string): void => void signer.errors.push(issue(name, message));
  const reader = littleEndian(signedData);
  const digests = lengthPrefixed(reader);
  const certificates = lengthPrefixed(reader);
  if (version === "V3") checkSignedRange(signer, { minSdk: reader.i32(), maxSdk: reader.i32() });
  const attributes = lengthPrefixed(reader);

  for (const der of items(certificates)) {
    const certificate = certificateOf(der);
    if (certificate === undefined) return fail(`${version}_SIG_MALFORMED_CERTIFICATE`, "A certificate cannot be read.");
    signer.certificates.push(certificate);
  }
  const [own] = signer.certificates;
  if (own === undefined) return fail(`${version}_SIG_NO_CERTIFICATES`, "The signer has no certificate.");
  if (Buffer.compare(canonicalKey(own.publicKey), publicKey) !== 0) {
    signer.certificates.length = 0;
    return fail(`${version}_SIG_PUBLIC_KEY_MISMATCH_BETWEEN_CERTIFICATE_AND_SIGNATURES_RECORD`, "The key is not that of the certificate.");
  }
  const listed = readList(digests, (item) => ({ id: item.u32(), digest: lengthPrefixed(item) }));
  if (listed === undefined) return fail(`${version}_SIG_MALFORMED_DIGEST`, "A digest cannot be read.");
  signer.digests.push(...listed.map(({ id, digest }) => ({ algorithm: blockAlgorithm(id), digest })));
  if (ids.join() !== listed.map(({ id }) => id).join())
    return fail(
      `${version}_SIG_SIG_ALG_MISMATCH_BETWEEN_SIGNATURES_AND_DIGESTS_RECORDS`,
      `The signatures are ${ids.map(renderId).join(", ")}, the digests ${listed.map(({ id }) => renderId(id)).join(", ")}.`,
    );
  const read = readList(attributes, (item) => ({ id: item.u32(), value: item.take(item.left) }));
  if (read === undefined) return fail(`${version}_SIG_MALFORMED_ADDITIONAL_ATTRIBUTE`, "An attribute cannot be read.");
  signer.attributes.push(...read);
}

function checkSignedRange(signer: BlockSigner, signed: SdkRange): void {
  const say = (what: string, stated: number | undefined, held: number): string =>
    `The ${what} API level is ${stated}, the signed one ${held}.`;
  if (signed.minSdk !== signer.range?.minSdk)
    signer.errors.push(
      issue("V3_MIN_SDK_VERSION_MISMATCH_BETWEEN_SIGNER_AND_SIGNED_DATA_RECORD", say("lowest", signer.range?.minSdk, signed.minSdk)),
    );
  if (signed.maxSdk !== signer.range?.maxSdk)
    signer.errors.push(
      issue("V3_MAX_SDK_VERSION_MISMATCH_BETWEEN_SIGNER_AND_SIGNED_DATA_RECORD", say("highest", signer.range?.maxSdk, signed.maxSdk)),
    );
}

/** A certificate that something follows is none: its digest would be of other bytes to each reader. */
function certificateOf(der: Uint8Array): X509 | undefined {
  try {
    const certificate = readCertificate(der);
    return certificate.der.length === der.length ? certificate : undefined;
  } catch (thrown) {
    if (isBroken(thrown)) return undefined;
    throw thrown;
  }
}

function readList<T>(list: Uint8Array, read: (item: ReturnType<typeof littleEndian>) => T): readonly T[] | undefined {
  try {
    return items(list).map((item) => read(littleEndian(item)));
  } catch (thrown) {
    if (isBroken(thrown)) return undefined;
    throw thrown;
  }
}
