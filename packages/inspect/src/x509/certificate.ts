import { type CertificateFacts, sha256 } from "@distd/core";
import { broken } from "../broken.ts";
import { childrenOf, type DerElement, parseFirstDer, TAG } from "./der.ts";
import { renderName } from "./distinguished-name.ts";

/** The parts of an X.509 certificate (RFC 5280, 4.1) that say whose it is. Nothing is verified. */
export interface Certificate {
  readonly facts: CertificateFacts;
  /** Issuer, comparable, and serial number: how CMS names a signer. */
  readonly issuer: string;
  readonly serial: Uint8Array;
}

/** `bytes` as they stand in the file are what the SHA-256 is of, also where they are not strict DER. */
export function parseCertificate(bytes: Uint8Array): Certificate {
  const whole = parseFirstDer(bytes);
  const [tbs] = childrenOf(whole, "a certificate");
  const fields = childrenOf(tbs, "a certificate's body");
  if (fields[0]?.tag === 0xa0) fields.shift();
  const [serial, , issuer, validity, subject] = fields;
  if (serial?.tag !== TAG.integer || issuer?.tag !== TAG.sequence || subject?.tag !== TAG.sequence) throw broken("x509: not a certificate");
  const notAfter = parseTime(childrenOf(validity, "a certificate's validity")[1]);
  const facts = { sha256: sha256(whole.encoded), subject: renderName(subject), ...(notAfter === undefined ? {} : { notAfter }) };
  return { facts, issuer: comparableName(issuer), serial: serial.content };
}

/** Names are the same when they read the same: signers write them in another string type, case or spacing than the certificate does. */
export function comparableName(name: DerElement): string {
  return renderName(name).toLowerCase().replace(/\s+/g, " ");
}

/** UTCTime (years 1950 to 2049) or GeneralizedTime, both in seconds and UTC as RFC 5280 demands; undefined for anything else. */
function parseTime(element: DerElement | undefined): string | undefined {
  if (element === undefined) return undefined;
  const text = Buffer.from(element.content).toString("latin1");
  const isShort = element.tag === 0x17;
  if (!(isShort ? /^\d{12}Z$/ : /^\d{14}Z$/).test(text)) return undefined;
  const digits = isShort ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const part = (from: number): string => digits.slice(from, from + 2);
  const iso = `${digits.slice(0, 4)}-${part(4)}-${part(6)}T${part(8)}:${part(10)}:${part(12)}Z`;
  return Number.isNaN(Date.parse(iso)) ? undefined : iso;
}

/** Each once, by digest, in the order given. */
export function uniqueCertificates(certificates: readonly CertificateFacts[]): readonly CertificateFacts[] {
  return [...new Map(certificates.map((certificate) => [certificate.sha256, certificate])).values()];
}
