// What v3 and v3.1 add to v2 (source.android.com, "APK Signature Scheme v3", "v3.1"; AOSP's V3SchemeVerifier): a signer for each range of API
// levels, the history of the key, and a word in v3 that v3.1 takes over from some level on.
import type { BlockScheme } from "../../formats/apk/signing-block.ts";
import { LINEAGE_ATTRIBUTE, ROTATION_MIN_SDK_ATTRIBUTE } from "../../formats/apk/signing-block.ts";
import { littleEndian } from "../../formats/apk/length-prefixed.ts";
import type { BlockSigner } from "./block-signer.ts";
import { NO_MAX_SDK } from "./block-signer.ts";
import { type Issue, issue, tell } from "./issues.ts";
import { isSame, type Lineage, mergeLineages, readLineage } from "./lineage.ts";
import { renderId } from "./signature-algorithms.ts";

/** The signer is for a development release, which has the number of the release before it. */
const ROTATION_ON_DEV_RELEASE_ATTRIBUTE = 0xc2a6b3ba;

/** Judges a signer's attributes; its lineage, where it has one that holds. */
export function readAttributesV3(signer: BlockSigner, scheme: BlockScheme, rotationMinSdk: number | undefined): Lineage | undefined {
  let lineage: Lineage | undefined;
  let namesRotation = false;
  for (const { id, value } of signer.attributes) {
    if (id === LINEAGE_ATTRIBUTE) {
      lineage = readSignerLineage(signer, value);
    } else if (id === ROTATION_MIN_SDK_ATTRIBUTE) {
      namesRotation = true;
      if (value.length < 4) signer.errors.push(issue("V3_SIG_MALFORMED_ADDITIONAL_ATTRIBUTE", "The attribute of rotation is too short."));
      else checkRotation(signer, littleEndian(value).i32(), rotationMinSdk);
    } else if (id === ROTATION_ON_DEV_RELEASE_ATTRIBUTE) {
      if (scheme !== "v3.1")
        tell(
          signer.remarks,
          issue("V31_ROTATION_TARGETS_DEV_RELEASE_ATTR_ON_V3_SIGNER", "A development release is named where none can be."),
        );
    } else {
      tell(signer.remarks, issue("V3_SIG_UNKNOWN_ADDITIONAL_ATTRIBUTE", `The unknown attribute ${renderId(id)} was passed over.`));
    }
  }
  if (rotationMinSdk !== undefined && !namesRotation && signer.errors.length === 0)
    tell(
      signer.remarks,
      issue(
        "V31_ROTATION_MIN_SDK_ATTR_MISSING",
        `v3.1 takes over from API level ${rotationMinSdk}, v3 does not say so: v3.1 could be taken out unseen.`,
      ),
    );
  return lineage;
}

function readSignerLineage(signer: BlockSigner, value: Uint8Array): Lineage | undefined {
  const read = readLineage(value);
  if ("failure" in read) {
    const { problem, message } = read.failure;
    const name = `V3_SIG_${problem}` as const;
    signer.errors.push(issue(name, `The proof of rotation does not hold: ${message}.`));
    return undefined;
  }
  const [own] = signer.certificates;
  const newest = read.lineage.at(-1);
  if (own === undefined || newest === undefined || !isSame(newest.certificate, own)) {
    signer.errors.push(issue("V3_SIG_POR_CERT_MISMATCH", "The proof of rotation ends with another key than the signer's."));
    return undefined;
  }
  return read.lineage;
}

function checkRotation(signer: BlockSigner, stated: number, actual: number | undefined): void {
  if (actual === undefined)
    signer.errors.push(
      issue("V31_BLOCK_MISSING", `The signer says v3.1 takes over from API level ${stated}; that signature was taken out.`),
    );
  else if (actual !== stated)
    signer.errors.push(
      issue("V31_ROTATION_MIN_SDK_MISMATCH", `v3 says v3.1 takes over from API level ${stated}, v3.1 begins at ${actual}.`),
    );
}

export interface RangeQuestion {
  readonly scheme: BlockScheme;
  readonly minSdk: number;
  readonly rotationMinSdk?: number;
}

/** The signers' ranges follow each other and cover what they have to; the key's history only grows. */
export function checkSdkRanges(
  signers: readonly BlockSigner[],
  lineages: readonly (Lineage | undefined)[],
  { scheme, minSdk, rotationMinSdk }: RangeQuestion,
): { readonly errors: readonly Issue[]; readonly lineage?: Lineage } {
  const errors: Issue[] = [];
  const inOrder = signers
    .flatMap(({ range, attributes }, index) => (range ? [{ ...range, attributes, lineage: lineages[index] }] : []))
    .sort((a, b) => a.maxSdk - b.maxSdk);
  const used: Lineage[] = [];
  let [firstMin, lastMax] = [0, 0];
  for (const signer of inOrder) {
    const isForDevRelease = signer.attributes.some(({ id }) => id === ROTATION_ON_DEV_RELEASE_ATTRIBUTE);
    if (firstMin === 0) firstMin = signer.minSdk;
    else if (signer.minSdk !== lastMax + 1 && !(isForDevRelease && signer.minSdk === lastMax)) {
      errors.push(issue("V3_INCONSISTENT_SDK_VERSIONS", "The signers' API levels overlap or leave a hole."));
      break;
    }
    lastMax = signer.maxSdk;
    if (signer.lineage === undefined) continue;
    if (signer.lineage.length < (used.at(-1)?.length ?? 0)) {
      errors.push(issue("V3_INCONSISTENT_LINEAGES", "The key has a shorter history on newer API levels."));
      break;
    }
    used.push(signer.lineage);
  }
  // v3.1 may begin at any level: v3 covers the rest, up to where v3.1 takes over.
  const lowest = scheme === "v3.1" ? NO_MAX_SDK : minSdk;
  const highest = rotationMinSdk === undefined ? NO_MAX_SDK : rotationMinSdk - 1;
  if (firstMin > lowest || lastMax < highest)
    errors.push(issue("V3_MISSING_SDK_VERSIONS", `The signers are for API levels ${firstMin} to ${lastMax} only.`));
  const merged = mergeLineages(used);
  if (merged === undefined) errors.push(issue("V3_INCONSISTENT_LINEAGES", "The key has two histories."));
  return { errors, ...(merged?.lineage && { lineage: merged.lineage }) };
}
