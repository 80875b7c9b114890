import { attempt, isBroken } from "../../broken.ts";
import { items, lengthPrefixed, littleEndian } from "../../formats/apk/length-prefixed.ts";
import { BLOCK_SCHEMES, type BlockScheme, MAX_SIGNERS, STRIPPING_PROTECTION_ATTRIBUTE } from "../../formats/apk/signing-block.ts";
import type { ApkDigests } from "./content-digests.ts";
import type { ApkFile } from "./apk-file.ts";
import { type BlockSigner, NO_MAX_SDK, readBlockSigner, type SdkRange } from "./block-signer.ts";
import { issuersOf } from "./issuers.ts";
import { type Issue, issue, tell } from "./issues.ts";
import type { Scheme, SchemeResult, SchemeSigner } from "./scheme.ts";
import { blockAlgorithm, type ContentDigest, pickSignatures, renderId } from "./signature-algorithms.ts";
import { checkSdkRanges, readAttributesV3 } from "./scheme-v3.ts";

const V3_ID = 3;
const V2_ID = 2;
/** Signers of v3, one for each range of API levels. */
const MAX_RANGES = 16;

export interface BlockQuestion {
  readonly scheme: BlockScheme;
  /** The lowest API level that has to accept it. */
  readonly minSdk: number;
  /** Schemes that were found before, newer ones first. */
  readonly found: ReadonlySet<Scheme>;
  /** Of v3 beside v3.1: the API level from which v3.1 takes over. */
  readonly rotationMinSdk?: number;
}

/** Undefined when the file has no such signature. `digests` reads the file when it is first called. */
export async function verifyBlockScheme(
  apk: ApkFile,
  question: BlockQuestion,
  digests: () => Promise<ApkDigests>,
): Promise<SchemeResult | undefined> {
  const value = apk.block.get(BLOCK_SCHEMES[question.scheme]);
  if (value === undefined) return undefined;
  const version = question.scheme === "v2" ? "V2" : "V3";
  const read = await attempt(() => items(lengthPrefixed(littleEndian(value))));
  if ("error" in read)
    return refused(question.scheme, issue(`${version}_SIG_MALFORMED_SIGNERS`, `The signers cannot be read: ${read.error.message}.`));
  const list = read.value;
  if (list.length === 0) return refused(question.scheme, issue(`${version}_SIG_NO_SIGNERS`, "There is no signer."));
  if (version === "V2" && list.length > MAX_SIGNERS)
    return refused(question.scheme, issue("V2_SIG_MAX_SIGNATURES_EXCEEDED", `${list.length} signers; Android allows ${MAX_SIGNERS}.`));
  if (list.length > MAX_RANGES) return refused(question.scheme, issue("V3_SIG_MALFORMED_SIGNERS", `There are ${list.length} signers.`));

  const asked: SdkRange = { minSdk: question.minSdk, maxSdk: NO_MAX_SDK };
  const signers = await Promise.all(list.map((bytes) => readBlockSigner(bytes, version, asked)));
  const lineages = signers.map((signer) =>
    version === "V3" ? readAttributesV3(signer, question.scheme, question.rotationMinSdk) : readAttributesV2(signer, question.found),
  );
  const errors: Issue[] = [];
  let lineage: SchemeResult["lineage"];
  if (signers.every((signer) => signer.errors.length === 0)) {
    checkContents(signers, version, (await digests()).contents);
    if (version === "V3") {
      const checked = checkSdkRanges(signers, lineages, question);
      errors.push(...checked.errors);
      lineage = checked.lineage;
    }
  }
  return {
    scheme: question.scheme,
    holds: errors.length === 0 && signers.every((signer) => signer.errors.length === 0),
    signers: signers.map(schemeSigner),
    errors,
    remarks: [],
    ...(lineage && { lineage }),
  };
}

function refused(scheme: Scheme, error: Issue): SchemeResult {
  return { scheme, holds: false, signers: [], errors: [error], remarks: [] };
}

function schemeSigner({ verified, certificates, range, errors, remarks, digests }: BlockSigner): SchemeSigner {
  const algorithm = verified[0]?.signature;
  const [own, ...others] = certificates;
  const contents = new Map(digests.flatMap((one) => (one.algorithm ? [[one.algorithm.content, one.digest] as const] : [])));
  return {
    certificates: own ? issuersOf(own, others) : [],
    ...(algorithm && { algorithm }),
    errors,
    remarks,
    ...(range && { range }),
    contents,
    details: {
      signatureAlgorithms: verified.map(({ id }) => renderId(id)),
      contentDigests: [...contents.keys()],
    },
  };
}

/** The schemes a v2 signer says it used as well, so that they cannot be taken out unseen. */
function readAttributesV2(signer: BlockSigner, found: ReadonlySet<Scheme>): undefined {
  for (const { id, value } of signer.attributes) {
    if (id !== STRIPPING_PROTECTION_ATTRIBUTE) {
      tell(signer.remarks, issue("V2_SIG_UNKNOWN_ADDITIONAL_ATTRIBUTE", `The unknown attribute ${renderId(id)} was passed over.`));
    } else if (value.length < 4) {
      signer.errors.push(issue("V2_SIG_MALFORMED_ADDITIONAL_ATTRIBUTE", "The attribute against stripping is too short."));
    } else {
      const scheme = littleEndian(value).u32();
      if (scheme !== V3_ID && scheme !== V2_ID)
        tell(signer.remarks, issue("V2_SIG_UNKNOWN_APK_SIG_SCHEME_ID", `The signer names the unknown scheme ${scheme}.`));
      else if (scheme === V2_ID || !found.has("v3"))
        signer.errors.push(
          issue("V2_SIG_MISSING_APK_SIG_REFERENCED", `The signer says it also signed with v${scheme}; that signature was taken out.`),
        );
    }
  }
  return undefined;
}

/** Each digest of an algorithm whose signature holds is that of the file. */
function checkContents(signers: readonly BlockSigner[], version: "V2" | "V3", actual: ReadonlyMap<ContentDigest, Uint8Array>): void {
  const asked = new Set(signers.flatMap(({ verified }) => verified.map(({ content }) => content)));
  for (const signer of signers) {
    for (const { algorithm, digest } of signer.digests) {
      if (algorithm === undefined || !asked.has(algorithm.content)) continue;
      const found = actual.get(algorithm.content);
      if (found === undefined)
        signer.errors.push(
          issue("MALFORMED_APK", "The signing block does not begin and end with a page of 4096 bytes, as verity needs it."),
        );
      else if (Buffer.compare(found, digest) !== 0)
        signer.errors.push(
          issue(`${version}_SIG_APK_DIGEST_DID_NOT_VERIFY`, `The file is not the one that was signed (${algorithm.content}).`),
        );
    }
  }
}

export function hasBlockScheme({ block }: ApkFile): boolean {
  return Object.values(BLOCK_SCHEMES).some((id) => block.has(id));
}

/** What the signers of all schemes state digests of: what has to be computed at all. */
export function contentDigestsOf(apk: ApkFile): ReadonlySet<ContentDigest> {
  const blocks = Object.entries(BLOCK_SCHEMES).flatMap(([scheme, id]) => {
    const value = apk.block.get(id);
    return value ? [{ value, hasRange: scheme !== "v2" }] : [];
  });
  return new Set(blocks.flatMap(({ value, hasRange }) => contentDigestsIn(value, hasRange)));
}

function contentDigestsIn(value: Uint8Array, hasRange: boolean): readonly ContentDigest[] {
  try {
    return items(lengthPrefixed(littleEndian(value))).flatMap((signer) => {
      const reader = littleEndian(signer);
      lengthPrefixed(reader);
      if (hasRange) reader.skip(8);
      const listed = items(lengthPrefixed(reader)).flatMap((signature) => blockAlgorithm(littleEndian(signature).u32()) ?? []);
      const picked = pickSignatures(
        listed.map((algorithm) => ({ algorithm, bytes: signer })),
        { minSdk: NO_MAX_SDK, maxSdk: NO_MAX_SDK },
      );
      return (picked ?? []).map(({ algorithm }) => algorithm.content);
    });
  } catch (thrown) {
    if (isBroken(thrown)) return [];
    throw thrown;
  }
}
