// CMS SignedData (RFC 5652, PKCS #7 before it): version, digest algorithms, the content, certificates [0], revocation lists [1], signer
// infos. Found in META-INF/*.RSA of an APK, in Apple's code signatures and provisioning profiles. Read, not verified.
import { broken } from "../broken.ts";
import { type Certificate, comparableName, parseCertificate } from "./certificate.ts";
import { childrenOf, type DerElement, octets, parseFirstDer, renderOid, TAG } from "./der.ts";

const SIGNED_DATA = "1.2.840.113549.1.7.2";
const CONTEXT_0 = 0xa0;
const MAX_SIGNERS = 100;

export interface SignedData {
  /** Absent in a detached signature. */
  readonly content?: Uint8Array;
  /** The certificate of each signer, in order. A signer whose certificate is not enclosed is left out. */
  readonly signers: readonly Certificate[];
}

/**
 * A signer is named by issuer and serial number, and only the certificate so named is its own: a bundle may carry others, first in the
 * list, to be mistaken for it.
 */
export function parseSignedData(bytes: Uint8Array): SignedData {
  const [type, wrapped] = childrenOf(parseFirstDer(bytes), "a CMS message");
  if (type?.tag !== TAG.oid || renderOid(type.content) !== SIGNED_DATA) throw broken("cms: not signed data");
  const [, , encapsulated, ...rest] = childrenOf(childrenOf(wrapped, "signed data")[0], "signed data");
  const content = childrenOf(encapsulated, "the signed content")[1];
  const enclosed = rest.find((element) => element.tag === CONTEXT_0);
  const signerInfos = rest.find((element) => element.tag === TAG.set);
  const certificates = enclosed === undefined ? [] : parseCertificates(enclosed);
  const infos = childrenOf(signerInfos, "the list of signers");
  if (infos.length > MAX_SIGNERS) throw broken(`cms: ${infos.length} signers`);
  const signers = infos.map((signer) => findSigner(signer, certificates));
  const inner = content === undefined ? undefined : childrenOf(content, "the signed content")[0];
  return {
    ...(inner === undefined ? {} : { content: octets(inner) }),
    signers: signers.filter((certificate) => certificate !== undefined),
  };
}

/** The enclosed set may also hold attribute certificates, which are tagged otherwise. */
function parseCertificates(enclosed: DerElement): Certificate[] {
  return childrenOf(enclosed, "the certificates")
    .filter((element) => element.tag === TAG.sequence)
    .map((element) => parseCertificate(element.encoded));
}

function findSigner(signerInfo: DerElement, certificates: readonly Certificate[]): Certificate | undefined {
  const sid = childrenOf(signerInfo, "a signer")[1];
  if (sid?.tag !== TAG.sequence) return undefined;
  const [issuer, serial] = childrenOf(sid, "a signer's name");
  if (issuer === undefined || serial === undefined) return undefined;
  const name = comparableName(issuer);
  return certificates.find((certificate) => certificate.issuer === name && Buffer.compare(certificate.serial, serial.content) === 0);
}
