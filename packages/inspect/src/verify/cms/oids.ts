/** Object identifiers of what CMS signatures of all families have in common. */
export const CMS_OID = {
  data: "1.2.840.113549.1.7.1",
  /** An RFC 3161 token, as CMS attaches it, and what it is of. */
  timestampToken: "1.2.840.113549.1.9.16.2.14",
  timestampInfo: "1.2.840.113549.1.9.16.1.4",
  countersignature: "1.2.840.113549.1.9.6",
  signingCertificate: "1.2.840.113549.1.9.16.2.12",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  /** Purposes of certificates. */
  codeSigning: "1.3.6.1.5.5.7.3.3",
  timeStamping: "1.3.6.1.5.5.7.3.8",
} as const;
