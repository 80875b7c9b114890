// Who says when a signature was made: an RFC 3161 token in its unsigned attributes, or the older countersignature of PKCS #9.
import { createHash } from "node:crypto";
import { broken } from "../../broken.ts";
import { childrenOf, type DerElement, octets, parseFirstDer, renderOid, TAG } from "../../x509/der.ts";
import { hashOf } from "../algorithms.ts";
import { ATTRIBUTES, type CmsSigner, readSignedMessage, readSigner, verifySigner, verifySignerOf } from "./signed-data.ts";
import type { VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import type { X509 } from "../x509/certificate.ts";
import { buildChain } from "../x509/chain.ts";
import { CMS_OID } from "./oids.ts";
import { problem, reading } from "../problem.ts";
import { namesItsCertificate } from "./signing-certificate.ts";

export interface Timestamp {
  readonly form: "rfc3161" | "pkcs9";
  readonly time: Date;
  /** Whose it is. */
  readonly by: X509;
  /** Why nobody vouches for it; undefined: its time is believed. */
  readonly doubt?: string;
}

export interface Timestamps {
  /** Those that are over this signature, whoever made them. */
  readonly holding: readonly Timestamp[];
  /** Of those that are not, or cannot be read. */
  readonly problems: readonly VerdictProblem[];
}

interface Statement {
  readonly form: Timestamp["form"];
  readonly time: Date;
  readonly signer: CmsSigner;
  readonly enclosed: readonly X509[];
}

const MAX_TIMESTAMPS = 16;

/** Every timestamp of a signature. `form` says which attributes count: NuGet uses the countersignature for something else. */
export function readTimestamps(
  signer: CmsSigner,
  enclosed: readonly X509[],
  context: VerifyContext,
  tokenAttributes: readonly string[],
  withCountersignatures: boolean,
): Timestamps {
  const tokens = tokenAttributes.flatMap((oid) => signer.unsigned.get(oid) ?? []);
  const countersignatures = withCountersignatures ? (signer.unsigned.get(CMS_OID.countersignature) ?? []) : [];
  const readers = [
    ...tokens.map((token) => () => readToken(token, signer.signature)),
    ...countersignatures.map((info) => () => readCountersignature(info, enclosed, signer.signature)),
  ];
  if (readers.length > MAX_TIMESTAMPS)
    return { holding: [], problems: [problem("signing/timestamp-mismatch", `${readers.length} timestamps`)] };
  const holding: Timestamp[] = [];
  const problems: VerdictProblem[] = [];
  for (const reader of readers) {
    const read = reading("signing/timestamp-mismatch", reader);
    if ("problem" in read) problems.push(read.problem);
    else holding.push(judge(read.value, context));
  }
  return { holding, problems };
}

/** RFC 3161, 2.4.2: TSTInfo as content, the imprint over the signature's value. */
function readToken(token: DerElement, signature: Uint8Array): Statement {
  const message = readSignedMessage(token.encoded);
  const [signer, second] = message.signers;
  if (signer === undefined || second !== undefined || message.content === undefined || message.contentType !== CMS_OID.timestampInfo)
    throw broken("the timestamp is none");
  const outcome = verifySignerOf(signer, message, message.content);
  if (outcome !== "intact") throw broken(`the timestamp does not hold: ${outcome}`);
  if (namesItsCertificate(signer) !== true) throw broken("the timestamp names another certificate than its signer's");
  const [, , imprint, , time] = childrenOf(parseFirstDer(message.content), "a timestamp");
  const [algorithm, digest] = childrenOf(imprint, "a timestamp's imprint");
  if (digest === undefined || time === undefined) throw broken("the timestamp is incomplete");
  const actual = createHash(hashOf(algorithm)).update(signature).digest();
  if (Buffer.compare(actual, octets(digest)) !== 0) throw broken("the timestamp is of another signature");
  return { form: "rfc3161", time: timeOf(time), signer, enclosed: message.certificates };
}

/** PKCS #9 (RFC 2985, 5.3.6): the signature's value is what is signed; its time is an attribute. */
function readCountersignature(info: DerElement, enclosed: readonly X509[], signature: Uint8Array): Statement {
  const signer = readSigner(info, enclosed);
  const digest = createHash(signer.hash).update(signature).digest();
  const outcome = verifySigner(signer, { digest, content: signature });
  if (outcome !== "intact") throw broken(`the timestamp does not hold: ${outcome}`);
  const time = signer.signed.get(ATTRIBUTES.signingTime)?.[0];
  const type = signer.signed.get(ATTRIBUTES.contentType)?.[0];
  if (time === undefined || (type !== undefined && renderOid(type.content) !== CMS_OID.data))
    throw broken("the countersignature has no time");
  return { form: "pkcs9", time: timeOf(time), signer, enclosed };
}

/** Whom it is from counts at the time it states: what it is good for is that the signer's certificate may end. */
function judge({ form, time, signer, enclosed }: Statement, { trust }: VerifyContext): Timestamp {
  const by = signer.certificate as X509;
  const chain = buildChain({ signer: by, enclosed, roots: [], trust, at: time, purpose: CMS_OID.timeStamping });
  const isForTime = by.purposes.includes(CMS_OID.timeStamping);
  const doubt = chain.problem?.message ?? (isForTime ? undefined : `'${by.facts.subject}' is not for timestamps`);
  return { form, time, by, ...(doubt !== undefined && { doubt }) };
}

/** UTCTime or GeneralizedTime, with or without fractions of a second. */
function timeOf(element: DerElement): Date {
  const text = Buffer.from(element.content).toString("latin1");
  const digits = element.tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const [, year, month, day, hour, minute, second, fraction = ""] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,](\d{1,9}))?Z$/.exec(digits) ?? [];
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, "0").slice(0, 3)}Z`);
  if (Number.isNaN(date.getTime()) || element.tag === TAG.octetString) throw broken("the timestamp has no time");
  return date;
}
