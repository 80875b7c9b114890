// ESS signing-certificate attributes (RFC 2634, RFC 5035): the signature names its certificate by hash, so that no other of the same name
// and key stands in for it.
import { createHash } from "node:crypto";
import { childrenOf, octets, TAG } from "../../x509/der.ts";
import { hashOf } from "../algorithms.ts";
import type { CmsSigner } from "./signed-data.ts";
import { CMS_OID } from "./oids.ts";

/** Undefined: the signature names none. */
export function namesItsCertificate({ signed, certificate }: CmsSigner): boolean | undefined {
  const attribute = signed.get(CMS_OID.signingCertificateV2)?.[0] ?? signed.get(CMS_OID.signingCertificate)?.[0];
  if (attribute === undefined || certificate === undefined) return undefined;
  const isSecond = signed.has(CMS_OID.signingCertificateV2);
  const [list] = childrenOf(attribute, "the signing certificate");
  const [first] = childrenOf(list, "the signing certificate");
  const fields = childrenOf(first, "the signing certificate");
  const stated = fields.find(({ tag }) => tag === TAG.octetString);
  if (stated === undefined) return false;
  const hash = !isSecond ? "sha1" : fields[0]?.tag === TAG.sequence ? hashOf(fields[0]) : "sha256";
  return Buffer.compare(createHash(hash).update(certificate.der).digest(), octets(stated)) === 0;
}
