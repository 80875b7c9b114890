// A notarization ticket: Apple's signed list of code that it has looked at, by cdhash. Apple published no layout; this one was read off
// tickets stapled to public packages, and holds for all of them:
//   "s8ch", version 1, bytes of certificates, bytes of the list (32 bits each, little-endian)
//   a SEQUENCE of certificates, the signer's first
//   the list: "g8tk", version 2 and bytes of a hash (16 bits each), count, zero (32), seconds since 1970 (64), then (hash type, hash) each
//   an ECDSA signature with SHA-256 over all of this, filled up with zeros
// Who may sign: SecPolicyCreateAppleDeveloperIDPlusTicket (Security, SecPolicy.c).
import { ByteReader } from "@distd/core";
import { broken, isBroken } from "../../broken.ts";
import { childrenOf, parseFirstDer } from "../../x509/der.ts";
import { verifySignature } from "../public-key.ts";
import type { VerifyContext } from "../verifier.ts";
import { readCertificate, type X509 } from "../x509/certificate.ts";
import { buildChain } from "../x509/chain.ts";
import { CDHASH_BYTES } from "./code-signature/code-directory.ts";
import { hasContent } from "./code-signature/super-blob.ts";
import { OID } from "./oids.ts";
import { appleRoots } from "./roots/index.ts";

const MAGIC = "s8ch";
const LIST_MAGIC = "g8tk";
const HEADER_BYTES = 16;
const LIST_HEADER_BYTES = 24;
const MAX_CERTIFICATES = 8;
const CHAIN_LENGTH = 3;

export interface Ticket {
  /** The signer's first. */
  readonly certificates: readonly X509[];
  readonly at: Date;
  /** `TYPE:HEX`: the type as code directories number it, 1 SHA-1, 2 SHA-256; of installers the hash of the table of contents. */
  readonly hashes: ReadonlySet<string>;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

export interface JudgedTicket {
  readonly ticket?: Ticket;
  /** Why it proves nothing; undefined: Apple, or whom the caller trusts, signed it. */
  readonly doubt?: string;
}

export function isTicket(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString("latin1") === MAGIC;
}

export function parseTicket(bytes: Uint8Array): Ticket {
  if (!isTicket(bytes)) throw broken("ticket: not a ticket");
  const reader = new ByteReader(bytes, { littleEndian: true }).seek(4);
  if (reader.u32() !== 1) throw broken("ticket: of another version");
  const [certificateBytes, listBytes] = [reader.u32(), reader.u32()];
  const certificates = childrenOf(parseFirstDer(reader.take(certificateBytes)), "a ticket's certificates");
  if (certificates.length === 0 || certificates.length > MAX_CERTIFICATES) throw broken(`ticket: ${certificates.length} certificates`);
  const list = parseList(reader.take(listBytes));
  const rest = bytes.subarray(HEADER_BYTES + certificateBytes + listBytes);
  const signature = parseFirstDer(rest).encoded;
  if (hasContent(rest.subarray(signature.length))) throw broken("ticket: something follows the signature");
  return {
    ...list,
    certificates: certificates.map(({ encoded }) => readCertificate(encoded)),
    signed: bytes.subarray(0, HEADER_BYTES + certificateBytes + listBytes),
    signature,
  };
}

function parseList(bytes: Uint8Array): Pick<Ticket, "at" | "hashes"> {
  const reader = new ByteReader(bytes, { littleEndian: true });
  if (Buffer.from(reader.take(4)).toString("latin1") !== LIST_MAGIC) throw broken("ticket: there is no list");
  if (reader.u16() !== 2) throw broken("ticket: a list of another version");
  const hashBytes = reader.u16();
  const count = reader.u32();
  const seconds = reader.skip(4).u64();
  if (hashBytes !== CDHASH_BYTES || bytes.length !== LIST_HEADER_BYTES + count * (1 + hashBytes))
    throw broken("ticket: a list of another length");
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) throw broken("ticket: its time is out of range");
  const hashes = Array.from({ length: count }, () => `${reader.u8()}:${Buffer.from(reader.take(hashBytes)).toString("hex")}`);
  return { at, hashes: new Set(hashes) };
}

/** Whether a ticket says what it says for somebody who may. */
export function judgeTicket(bytes: Uint8Array, { trust }: VerifyContext): JudgedTicket {
  try {
    const ticket = parseTicket(bytes);
    const [signer, ...enclosed] = ticket.certificates;
    if (signer === undefined) return { doubt: "it has no signer" };
    if (!verifySignature(signer.publicKey, { family: "ecdsa", hash: "sha256" }, ticket.signed, ticket.signature))
      return { ticket, doubt: "its signature is not its signer's" };
    // The system does not hold dates against it; the ticket's own has to be one of its signer's.
    const { certificates, problem } = buildChain({ signer, enclosed, roots: appleRoots(), trust, at: ticket.at });
    if (problem !== undefined) return { ticket, doubt: problem.message };
    const isForTickets =
      certificates.length === CHAIN_LENGTH &&
      signer.extensions.has(OID.notarizationTicket) &&
      certificates[1]?.extensions.has(OID.systemIntegration4) === true;
    return isForTickets ? { ticket } : { ticket, doubt: `'${signer.facts.subject}' is not for signing tickets` };
  } catch (thrown) {
    if (isBroken(thrown)) return { doubt: thrown.message };
    throw thrown;
  }
}
