import { CMS_OID } from "../cms/oids.ts";

/** Object identifiers of Apple's code signing: attributes in CMS, and the marks on certificates (Security, SecPolicy.c and syspolicy.sql). */
export const OID = {
  ...CMS_OID,
  /** A property list with the hashes of all code directories, cut to 20 bytes. */
  cdhashesList: "1.2.840.113635.100.9.1",
  /** The same as (algorithm, whole hash). */
  cdhashes: "1.2.840.113635.100.9.2",
  /** Authorities. */
  worldwideDeveloperRelations: "1.2.840.113635.100.6.2.1",
  developerIdAuthority: "1.2.840.113635.100.6.2.6",
  systemIntegration4: "1.2.840.113635.100.6.2.17",
  /** Who signs notarization tickets. */
  notarizationTicket: "1.2.840.113635.100.6.1.30",
  /** Who signs provisioning profiles for macOS. */
  macProfileSigning: "1.2.840.113635.100.4.11",
} as const;
