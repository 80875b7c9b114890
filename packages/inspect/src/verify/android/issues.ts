import type { VerdictCode, VerdictProblem } from "../verdict.ts";

/** What AOSP's apksig finds wrong, by the name it has there (ApkVerifier.Issue), and as what it is told when it refuses a signature. */
const ISSUES = {
  MALFORMED_APK: "signing/malformed",
  NO_SIG_FOR_TARGET_SANDBOX_VERSION: "signing/stripped",
  MIN_SIG_SCHEME_FOR_TARGET_SDK_NOT_MET: "signing/stripped",

  JAR_SIG_NO_MANIFEST: "signing/malformed",
  JAR_SIG_NO_SIGNATURES: "signing/malformed",
  JAR_SIG_NO_SIGNERS: "signing/malformed",
  JAR_SIG_MAX_SIGNATURES_EXCEEDED: "signing/unsupported",
  JAR_SIG_UNNNAMED_MANIFEST_SECTION: "signing/malformed",
  JAR_SIG_DUPLICATE_MANIFEST_SECTION: "signing/malformed",
  JAR_SIG_MISSING_ZIP_ENTRY_REFERENCED_IN_MANIFEST: "signing/digest-mismatch",
  JAR_SIG_MISSING_FILE: "signing/ignored",
  JAR_SIG_PARSE_EXCEPTION: "signing/malformed",
  JAR_SIG_UNSUPPORTED_SIG_ALG: "signing/unsupported",
  JAR_SIG_VERIFY_EXCEPTION: "signing/signature-mismatch",
  JAR_SIG_DID_NOT_VERIFY: "signing/signature-mismatch",
  JAR_SIG_MISSING_VERSION_ATTR_IN_SIG_FILE: "signing/malformed",
  JAR_SIG_MISSING_APK_SIG_REFERENCED: "signing/stripped",
  JAR_SIG_NO_APK_SIG_STRIP_PROTECTION: "signing/partial",
  JAR_SIG_UNKNOWN_APK_SIG_SCHEME_ID: "signing/ignored",
  JAR_SIG_NO_MANIFEST_DIGEST_IN_SIG_FILE: "signing/ignored",
  JAR_SIG_MANIFEST_MAIN_SECTION_DIGEST_DID_NOT_VERIFY: "signing/digest-mismatch",
  JAR_SIG_MANIFEST_SECTION_DIGEST_DID_NOT_VERIFY: "signing/digest-mismatch",
  JAR_SIG_UNNNAMED_SIG_FILE_SECTION: "signing/malformed",
  JAR_SIG_DUPLICATE_SIG_FILE_SECTION: "signing/malformed",
  JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_SIG_FILE: "signing/uncovered",
  JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_MANIFEST: "signing/uncovered",
  JAR_SIG_ZIP_ENTRY_NOT_SIGNED: "signing/uncovered",
  JAR_SIG_ZIP_ENTRY_SIGNERS_MISMATCH: "signing/contradiction",
  JAR_SIG_ZIP_ENTRY_DIGEST_DID_NOT_VERIFY: "signing/digest-mismatch",
  JAR_SIG_NO_SIGNED_ZIP_ENTRIES: "signing/malformed",
  JAR_SIG_UNPROTECTED_ZIP_ENTRY: "signing/partial",
  JAR_SIG_MISSING: "signing/contradiction",

  V2_SIG_MALFORMED_SIGNERS: "signing/malformed",
  V2_SIG_NO_SIGNERS: "signing/malformed",
  V2_SIG_MAX_SIGNATURES_EXCEEDED: "signing/unsupported",
  V2_SIG_MALFORMED_SIGNER: "signing/malformed",
  V2_SIG_MALFORMED_SIGNATURE: "signing/malformed",
  V2_SIG_NO_SIGNATURES: "signing/malformed",
  V2_SIG_NO_SUPPORTED_SIGNATURES: "signing/unsupported",
  V2_SIG_UNKNOWN_SIG_ALGORITHM: "signing/ignored",
  V2_SIG_MALFORMED_PUBLIC_KEY: "signing/malformed",
  V2_SIG_VERIFY_EXCEPTION: "signing/signature-mismatch",
  V2_SIG_DID_NOT_VERIFY: "signing/signature-mismatch",
  V2_SIG_MALFORMED_CERTIFICATE: "signing/malformed",
  V2_SIG_NO_CERTIFICATES: "signing/malformed",
  V2_SIG_PUBLIC_KEY_MISMATCH_BETWEEN_CERTIFICATE_AND_SIGNATURES_RECORD: "signing/contradiction",
  V2_SIG_MALFORMED_DIGEST: "signing/malformed",
  V2_SIG_SIG_ALG_MISMATCH_BETWEEN_SIGNATURES_AND_DIGESTS_RECORDS: "signing/contradiction",
  V2_SIG_MALFORMED_ADDITIONAL_ATTRIBUTE: "signing/malformed",
  V2_SIG_UNKNOWN_ADDITIONAL_ATTRIBUTE: "signing/ignored",
  V2_SIG_UNKNOWN_APK_SIG_SCHEME_ID: "signing/ignored",
  V2_SIG_MISSING_APK_SIG_REFERENCED: "signing/stripped",
  V2_SIG_APK_DIGEST_DID_NOT_VERIFY: "signing/digest-mismatch",
  V2_SIG_MISSING: "signing/contradiction",

  V3_SIG_MALFORMED_SIGNERS: "signing/malformed",
  V3_SIG_NO_SIGNERS: "signing/malformed",
  V3_SIG_MALFORMED_SIGNER: "signing/malformed",
  V3_SIG_INVALID_SDK_VERSIONS: "signing/malformed",
  V3_SIG_MALFORMED_SIGNATURE: "signing/malformed",
  V3_SIG_NO_SIGNATURES: "signing/malformed",
  V3_SIG_NO_SUPPORTED_SIGNATURES: "signing/unsupported",
  V3_SIG_UNKNOWN_SIG_ALGORITHM: "signing/ignored",
  V3_SIG_MALFORMED_PUBLIC_KEY: "signing/malformed",
  V3_SIG_VERIFY_EXCEPTION: "signing/signature-mismatch",
  V3_SIG_DID_NOT_VERIFY: "signing/signature-mismatch",
  V3_MIN_SDK_VERSION_MISMATCH_BETWEEN_SIGNER_AND_SIGNED_DATA_RECORD: "signing/contradiction",
  V3_MAX_SDK_VERSION_MISMATCH_BETWEEN_SIGNER_AND_SIGNED_DATA_RECORD: "signing/contradiction",
  V3_SIG_MALFORMED_CERTIFICATE: "signing/malformed",
  V3_SIG_NO_CERTIFICATES: "signing/malformed",
  V3_SIG_PUBLIC_KEY_MISMATCH_BETWEEN_CERTIFICATE_AND_SIGNATURES_RECORD: "signing/contradiction",
  V3_SIG_MALFORMED_DIGEST: "signing/malformed",
  V3_SIG_SIG_ALG_MISMATCH_BETWEEN_SIGNATURES_AND_DIGESTS_RECORDS: "signing/contradiction",
  V3_SIG_MALFORMED_ADDITIONAL_ATTRIBUTE: "signing/malformed",
  V3_SIG_UNKNOWN_ADDITIONAL_ATTRIBUTE: "signing/ignored",
  V3_SIG_POR_DID_NOT_VERIFY: "signing/signature-mismatch",
  V3_SIG_POR_CERT_MISMATCH: "signing/contradiction",
  V3_SIG_MALFORMED_LINEAGE: "signing/malformed",
  V3_SIG_APK_DIGEST_DID_NOT_VERIFY: "signing/digest-mismatch",
  V3_INCONSISTENT_SDK_VERSIONS: "signing/contradiction",
  V3_INCONSISTENT_LINEAGES: "signing/contradiction",
  V3_MISSING_SDK_VERSIONS: "signing/unsupported",
  V3_SIG_MULTIPLE_SIGNERS: "signing/contradiction",
  V3_SIG_MULTIPLE_PAST_SIGNERS: "signing/contradiction",
  V3_SIG_PAST_SIGNERS_MISMATCH: "signing/contradiction",
  V31_BLOCK_MISSING: "signing/stripped",
  V31_BLOCK_FOUND_WITHOUT_V3_BLOCK: "signing/stripped",
  V31_ROTATION_MIN_SDK_MISMATCH: "signing/contradiction",
  V31_ROTATION_MIN_SDK_ATTR_MISSING: "signing/ignored",
  V31_ROTATION_TARGETS_DEV_RELEASE_ATTR_ON_V3_SIGNER: "signing/ignored",

  V4_SIG_NO_SIGNATURES: "signing/malformed",
  V4_SIG_UNKNOWN_SIG_ALGORITHM: "signing/unsupported",
  V4_SIG_MALFORMED_PUBLIC_KEY: "signing/malformed",
  V4_SIG_VERIFY_EXCEPTION: "signing/signature-mismatch",
  V4_SIG_DID_NOT_VERIFY: "signing/signature-mismatch",
  V4_SIG_MALFORMED_CERTIFICATE: "signing/malformed",
  V4_SIG_PUBLIC_KEY_MISMATCH_BETWEEN_CERTIFICATE_AND_SIGNATURES_RECORD: "signing/contradiction",
  V4_SIG_APK_ROOT_DID_NOT_VERIFY: "signing/digest-mismatch",
  V4_SIG_APK_TREE_DID_NOT_VERIFY: "signing/digest-mismatch",
  V4_SIG_MULTIPLE_SIGNERS: "signing/contradiction",
  V4_SIG_V2_V3_SIGNERS_MISMATCH: "signing/contradiction",
  V4_SIG_V2_V3_DIGESTS_MISMATCH: "signing/contradiction",

  SOURCE_STAMP_SIG_MISSING: "signing/stripped",
  SOURCE_STAMP_MALFORMED_CERTIFICATE: "signing/malformed",
  SOURCE_STAMP_CERTIFICATE_MISMATCH_BETWEEN_SIGNATURE_BLOCK_AND_APK: "signing/contradiction",
  SOURCE_STAMP_MALFORMED_SIGNATURE: "signing/malformed",
  SOURCE_STAMP_UNKNOWN_SIG_ALGORITHM: "signing/ignored",
  SOURCE_STAMP_NO_SIGNATURE: "signing/malformed",
  SOURCE_STAMP_NO_SUPPORTED_SIGNATURE: "signing/unsupported",
  SOURCE_STAMP_VERIFY_EXCEPTION: "signing/signature-mismatch",
  SOURCE_STAMP_DID_NOT_VERIFY: "signing/signature-mismatch",
  SOURCE_STAMP_MALFORMED_ATTRIBUTE: "signing/malformed",
  SOURCE_STAMP_UNKNOWN_ATTRIBUTE: "signing/ignored",
  SOURCE_STAMP_INVALID_TIMESTAMP: "signing/malformed",
  SOURCE_STAMP_POR_DID_NOT_VERIFY: "signing/signature-mismatch",
  SOURCE_STAMP_POR_CERT_MISMATCH: "signing/contradiction",
  SOURCE_STAMP_MALFORMED_LINEAGE: "signing/malformed",
} as const satisfies Readonly<Record<string, VerdictCode>>;

export type IssueName = keyof typeof ISSUES;

export interface Issue {
  readonly name: IssueName;
  /** A sentence for people. */
  readonly message: string;
  /** An entry's path, where it is about one. */
  readonly where?: string;
}

/** One kind of issue is told so many times. */
const MAX_TOLD = 20;

/** Adds it, unless enough of its kind are there. */
export function tell(list: Issue[], found: Issue): void {
  if (list.filter(({ name }) => name === found.name).length < MAX_TOLD) list.push(found);
}

export function issue(name: IssueName, message: string, where?: string): Issue {
  return { name, message, ...(where !== undefined && { where }) };
}

/** As the verdict tells it. `where` is the scheme, unless the issue knows better. */
export function problemOf({ name, message, where }: Issue, scheme?: string): VerdictProblem {
  const place = where ?? scheme;
  return { code: ISSUES[name], message: `${message} (${name})`, ...(place !== undefined && { where: place }) };
}

/** The same, of something that was passed over and changes nothing. */
export function remarkOf(found: Issue, scheme?: string): VerdictProblem {
  const problem = problemOf(found, scheme);
  return problem.code === "signing/partial" ? problem : { ...problem, code: "signing/ignored" };
}
