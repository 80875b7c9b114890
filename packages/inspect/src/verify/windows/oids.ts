import { CMS_OID } from "../cms/oids.ts";

/** Object identifiers of Authenticode (Microsoft's "Windows Authenticode Portable Executable Signature Format") and what it stands on. */
export const OID = {
  ...CMS_OID,
  indirectData: "1.3.6.1.4.1.311.2.1.4",
  peImageData: "1.3.6.1.4.1.311.2.1.15",
  pageHashesSha1: "1.3.6.1.4.1.311.2.3.1",
  pageHashesSha256: "1.3.6.1.4.1.311.2.3.2",
  opusInfo: "1.3.6.1.4.1.311.2.1.12",
  nestedSignature: "1.3.6.1.4.1.311.2.4.1",
  /** RFC 3161 token, as Authenticode attaches it. */
  authenticodeTimestamp: "1.3.6.1.4.1.311.3.3.1",
  lifetimeSigning: "1.3.6.1.4.1.311.10.3.13",
  certificateTrustList: "1.3.6.1.4.1.311.10.1",
  catalogueNameValue: "1.3.6.1.4.1.311.12.2.1",
  commitmentType: "1.2.840.113549.1.9.16.2.16",
  proofOfOrigin: "1.2.840.113549.1.9.16.6.1",
  proofOfReceipt: "1.2.840.113549.1.9.16.6.2",
  nugetServiceIndex: "1.3.6.1.4.1.311.84.2.1.1.1",
} as const;
