// CMS SignedData (RFC 5652; PKCS #7 before it), verified: each signer's signature over its attributes or the content, and the digest in them.
import { createHash } from "node:crypto";
import { broken } from "../../broken.ts";
import { childrenOf, type DerElement, octets, parseFirstDer, renderOid, TAG } from "../../x509/der.ts";
import { comparableName } from "../../x509/certificate.ts";
import { readCertificate, type X509 } from "../x509/certificate.ts";
import { algorithmOf, hashOf } from "../algorithms.ts";
import { type HashName, type SignatureAlgorithm, verifySignature } from "../public-key.ts";

const SIGNED_DATA = "1.2.840.113549.1.7.2";
const CONTEXT_0 = 0xa0;
const CONTEXT_1 = 0xa1;
const SUBJECT_KEY_ID = 0x80;
const MAX_SIGNERS = 100;
export const ATTRIBUTES = {
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingTime: "1.2.840.113549.1.9.5",
  countersignature: "1.2.840.113549.1.9.6",
} as const;

export interface SignedMessage {
  /** Dotted. */
  readonly contentType: string;
  /** Absent in a detached signature. The octets of an OCTET STRING; of other types the whole element's content, which is what is hashed. */
  readonly content?: Uint8Array;
  readonly certificates: readonly X509[];
  readonly signers: readonly CmsSigner[];
}

export interface CmsSigner {
  /** Undefined when its certificate is not enclosed. */
  readonly certificate: X509 | undefined;
  readonly hash: HashName;
  readonly algorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  /** By dotted type: the values of each. Empty where the content is signed directly. */
  readonly signed: ReadonlyMap<string, readonly DerElement[]>;
  readonly unsigned: ReadonlyMap<string, readonly DerElement[]>;
  /** What the signature is over when there are signed attributes: their DER as a SET. */
  readonly signedBytes: Uint8Array | undefined;
}

/** Reads; nothing is verified yet. What cannot be read is `artifact/broken`. */
export function readSignedMessage(bytes: Uint8Array): SignedMessage {
  const [type, wrapped] = sequenceOf(parseFirstDer(bytes), "a CMS message");
  if (type?.tag !== TAG.oid || renderOid(type.content) !== SIGNED_DATA || wrapped?.tag !== CONTEXT_0) throw broken("cms: not signed data");
  const [version, algorithms, encapsulated, ...rest] = sequenceOf(childrenOf(wrapped, "signed data")[0], "signed data");
  if (version?.tag !== TAG.integer || algorithms?.tag !== TAG.set) throw broken("cms: not signed data");
  const [contentType, explicit] = sequenceOf(encapsulated, "the signed content");
  if (contentType?.tag !== TAG.oid) throw broken("cms: the content has no type");
  const inner = explicit === undefined ? undefined : childrenOf(explicit, "the signed content")[0];
  const isOctets = inner !== undefined && (inner.tag & ~0x20) === TAG.octetString;
  const enclosed = rest.find((element) => element.tag === CONTEXT_0);
  const certificates =
    enclosed === undefined
      ? []
      : childrenOf(enclosed, "the certificates")
          .filter((element) => element.tag === TAG.sequence)
          .map((element) => readCertificate(element.encoded));
  const infos = childrenOf(
    rest.findLast((element) => element.tag === TAG.set),
    "the list of signers",
  );
  if (infos.length > MAX_SIGNERS) throw broken(`cms: ${infos.length} signers`);
  return {
    contentType: renderOid(contentType.content),
    ...(inner !== undefined && { content: isOctets ? octets(inner) : inner.content }),
    certificates,
    signers: infos.map((info) => readSigner(info, certificates)),
  };
}

/** Also how a countersignature in an unsigned attribute is written. */
export function readSigner(info: DerElement, certificates: readonly X509[]): CmsSigner {
  const [version, sid, digest, ...rest] = sequenceOf(info, "a signer");
  if (version?.tag !== TAG.integer) throw broken("cms: a signer has no version");
  const signedAttributes = rest[0]?.tag === CONTEXT_0 ? rest.shift() : undefined;
  const [signature, value, unsignedAttributes] = rest;
  if (sid === undefined || signature === undefined || value === undefined) throw broken("cms: a signer is incomplete");
  const hash = hashOf(digest);
  return {
    certificate: findCertificate(sid, certificates),
    hash,
    algorithm: algorithmOf(signature, hash),
    signature: octets(value),
    signed: readAttributes(signedAttributes, "once"),
    unsigned: readAttributes(unsignedAttributes?.tag === CONTEXT_1 ? unsignedAttributes : undefined, "repeated"),
    // Signed as a SET, however they are tagged here (RFC 5652, 5.4).
    signedBytes: signedAttributes && Buffer.concat([Buffer.of(TAG.set), signedAttributes.encoded.subarray(1)]),
  };
}

export type CmsOutcome = "intact" | "digest-mismatch" | "signature-mismatch" | "no-certificate";

/** Whether a signer signed the content with this digest. `content` is needed where there are no signed attributes. */
export function verifySigner(
  signer: CmsSigner,
  message: { readonly contentType?: string; readonly digest: Uint8Array; readonly content?: Uint8Array },
): CmsOutcome {
  const { certificate, signed, signedBytes, algorithm, signature } = signer;
  if (!certificate) return "no-certificate";
  if (signedBytes === undefined) {
    if (!message.content) throw broken("cms: a signature without attributes needs its content");
    return verifySignature(certificate.publicKey, algorithm, message.content, signature) ? "intact" : "signature-mismatch";
  }
  const stated = signed.get(ATTRIBUTES.messageDigest)?.[0];
  const type = signed.get(ATTRIBUTES.contentType)?.[0];
  if (!stated) return "digest-mismatch";
  if (message.contentType !== undefined && (!type || renderOid(type.content) !== message.contentType)) return "digest-mismatch";
  if (!verifySignature(certificate.publicKey, algorithm, signedBytes, signature)) return "signature-mismatch";
  return Buffer.compare(octets(stated), message.digest) === 0 ? "intact" : "digest-mismatch";
}

/** The same for content that is at hand. */
export function verifySignerOf(signer: CmsSigner, message: Pick<SignedMessage, "contentType">, content: Uint8Array): CmsOutcome {
  const digest = createHash(signer.hash).update(content).digest();
  return verifySigner(signer, { contentType: message.contentType, digest, content });
}

function sequenceOf(element: DerElement | undefined, what: string): DerElement[] {
  if (element?.tag !== TAG.sequence) throw broken(`cms: ${what} is missing`);
  return childrenOf(element, what);
}

/** Unsigned ones may stand several times, each with a value (RFC 5652, 11.4); a signed one is there once (5.3). */
function readAttributes(set: DerElement | undefined, may: "once" | "repeated"): ReadonlyMap<string, readonly DerElement[]> {
  const attributes = new Map<string, readonly DerElement[]>();
  for (const attribute of set === undefined ? [] : childrenOf(set, "attributes")) {
    const [type, values] = childrenOf(attribute, "an attribute");
    if (type?.tag !== TAG.oid) throw broken("cms: an attribute has no type");
    const name = renderOid(type.content);
    const before = attributes.get(name) ?? [];
    if (before.length > 0 && may === "once") throw broken("cms: a signed attribute stands twice");
    attributes.set(name, [...before, ...childrenOf(values, "an attribute's values")]);
  }
  return attributes;
}

/** By issuer and serial number, or by the key's id. */
function findCertificate(sid: DerElement, certificates: readonly X509[]): X509 | undefined {
  if (sid.tag === SUBJECT_KEY_ID)
    return certificates.find(({ subjectKeyId }) => subjectKeyId !== undefined && Buffer.compare(subjectKeyId, sid.content) === 0);
  if (sid.tag !== TAG.sequence) return undefined;
  const [issuer, serial] = childrenOf(sid, "a signer's name");
  if (issuer === undefined || serial === undefined) return undefined;
  const name = comparableName(issuer);
  return certificates.find((certificate) => certificate.issuer === name && Buffer.compare(certificate.serial, serial.content) === 0);
}
