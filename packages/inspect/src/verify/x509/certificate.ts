// The parts of an X.509 certificate (RFC 5280) that a chain is judged by.
import type { CertificateFacts } from "@distd/core";
import { broken } from "../../broken.ts";
import { comparableName, parseCertificate } from "../../x509/certificate.ts";
import { childrenOf, type DerElement, octets, parseFirstDer, renderOid, TAG } from "../../x509/der.ts";
import { algorithmOf } from "../algorithms.ts";
import { type SignatureAlgorithm, verifySignature } from "../public-key.ts";

const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
const READ: ReadonlySet<string> = new Set([BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE, SUBJECT_KEY_IDENTIFIER]);
const KEY_CERT_SIGN = 0x04;
/** Digital signature, and content commitment, which is one too (RFC 5280 §4.2.1.3). */
const SIGNS_DATA = 0x80 | 0x40;

export interface X509 {
  readonly facts: CertificateFacts;
  readonly der: Uint8Array;
  /** Comparable. */
  readonly subject: string;
  readonly issuer: string;
  readonly serial: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isAuthority: boolean;
  /** Certificates that may stand below it until the signer's; undefined: any number. */
  readonly pathLength?: number;
  readonly maySignCertificates: boolean;
  readonly maySignData: boolean;
  /** Dotted; empty: for anything. */
  readonly purposes: readonly string[];
  readonly subjectKeyId?: Uint8Array;
  /** Types of its extensions, dotted: Apple tells its certificates apart by them. */
  readonly extensions: ReadonlySet<string>;
  readonly criticalExtensions: ReadonlySet<string>;
  isSignedBy(issuer: X509): boolean;
}

export function readCertificate(bytes: Uint8Array): X509 {
  const { facts, issuer, serial } = parseCertificate(bytes);
  const whole = parseFirstDer(bytes);
  const [tbs, signatureAlgorithm, signature] = childrenOf(whole, "a certificate");
  const fields = childrenOf(tbs, "a certificate's body");
  if (fields[0]?.tag === 0xa0) fields.shift();
  const [, , , validity, subject, publicKey, ...rest] = fields;
  if (!tbs || !subject || !publicKey || !signatureAlgorithm || !signature) throw broken("x509: not a certificate");
  const [notBefore, notAfter] = childrenOf(validity, "a certificate's validity").map(timeOf);
  if (!notBefore || !notAfter) throw broken("x509: a certificate without dates");
  const extensions = readExtensions(rest.find(({ tag }) => tag === 0xa3));
  const constraints = extensions.get(BASIC_CONSTRAINTS)?.value;
  const [authority, pathLength] = constraints ? childrenOf(constraints, "basic constraints") : [];
  const usage = usageOf(extensions.get(KEY_USAGE)?.value);
  const purposes = extensions.get(EXTENDED_KEY_USAGE)?.value;
  const keyId = extensions.get(SUBJECT_KEY_IDENTIFIER)?.value;
  return {
    facts,
    der: whole.encoded,
    subject: comparableName(subject),
    issuer,
    serial,
    publicKey: publicKey.encoded,
    notBefore,
    notAfter,
    isAuthority: authority?.tag === 0x01 && authority.content[0] !== 0,
    ...(pathLength && { pathLength: Number.parseInt(Buffer.from(pathLength.content).toString("hex"), 16) }),
    maySignCertificates: usage === undefined || (usage & KEY_CERT_SIGN) !== 0,
    maySignData: usage === undefined || (usage & SIGNS_DATA) !== 0,
    purposes: purposes ? childrenOf(purposes, "extended key usage").map(({ content }) => renderOid(content)) : [],
    ...(keyId && { subjectKeyId: octets(keyId) }),
    extensions: new Set(extensions.keys()),
    criticalExtensions: new Set([...extensions].flatMap(([oid, { isCritical }]) => (isCritical ? [oid] : []))),
    isSignedBy(by) {
      const algorithm: SignatureAlgorithm = algorithmOf(signatureAlgorithm, "sha256");
      return verifySignature(by.publicKey, algorithm, tbs.encoded, octets(signature).subarray(1));
    },
  };
}

interface Extension {
  readonly isCritical: boolean;
  /** What the octets hold; undefined where nothing is asked of it. */
  readonly value: DerElement | undefined;
}

function readExtensions(explicit: DerElement | undefined): ReadonlyMap<string, Extension> {
  const [list] = explicit ? childrenOf(explicit, "extensions") : [];
  const extensions = new Map<string, Extension>();
  for (const extension of list ? childrenOf(list, "extensions") : []) {
    const [oid, ...rest] = childrenOf(extension, "an extension");
    const value = rest.at(-1);
    if (oid?.tag !== TAG.oid || value === undefined) throw broken("x509: an extension without a type");
    const isCritical = rest.length > 1 && rest[0]?.tag === 0x01 && rest[0].content[0] !== 0;
    const bytes = octets(value);
    const type = renderOid(oid.content);
    // Of others nothing is asked, and some hold plain text (Fulcio's).
    extensions.set(type, { isCritical, value: READ.has(type) && bytes.length > 1 ? parseFirstDer(bytes) : undefined });
  }
  return extensions;
}

/** The first byte of the bits. */
function usageOf(value: DerElement | undefined): number | undefined {
  return value === undefined ? undefined : (value.content[1] ?? 0);
}

function timeOf(element: DerElement): Date | undefined {
  const text = Buffer.from(element.content).toString("latin1");
  const digits = element.tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/.exec(digits);
  // A text that is no date is a date to some engines.
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second = "00"] = parts;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
