import type { CertificateFacts } from "@distd/core";
import { type CmsOutcome, type CmsSigner, verifySigner } from "../cms/signed-data.ts";
import { describeKey } from "../public-key.ts";
import { type SignatureVerdict, type Signer, VERDICT_CODES, type VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import type { X509 } from "../x509/certificate.ts";
import { buildChain } from "../x509/chain.ts";
import { OID } from "./oids.ts";
import { problem, reading } from "../problem.ts";
import { readTimestamps, type Timestamp } from "./timestamp.ts";

const MIN_RSA_BITS = 2048;
const KNOWN_UNSIGNED: ReadonlySet<string> = new Set([
  OID.nestedSignature,
  OID.authenticodeTimestamp,
  OID.timestampToken,
  OID.countersignature,
]);

export interface SignerQuestion {
  readonly scheme: string;
  readonly signer: CmsSigner;
  /** Certificates of the message. */
  readonly enclosed: readonly X509[];
  readonly context: VerifyContext;
  /** What the signature is over: type and digest of the content by the signer's algorithm, and the content where it is at hand. */
  readonly over: { readonly contentType?: string; readonly digest: Uint8Array; readonly content?: Uint8Array };
  /** What is wrong with what was signed, found before. */
  readonly problems: readonly VerdictProblem[];
  /** Attributes that hold RFC 3161 tokens. */
  readonly tokenAttributes: readonly string[];
  /** Whether a PKCS #9 countersignature is a timestamp. */
  readonly countersigned: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
}

const OUTCOMES: Readonly<Record<Exclude<CmsOutcome, "intact">, VerdictProblem>> = {
  "digest-mismatch": problem("signing/digest-mismatch", "the signed attributes are of another content"),
  "signature-mismatch": problem("signing/signature-mismatch", "the signature is not its signer's over these attributes"),
  "no-certificate": problem("signing/malformed", "the signer's certificate is not enclosed: nothing can be verified"),
};

/** All of a signature that does not depend on the format: arithmetic, timestamps, chain, age of the algorithms. */
export function judgeSigner(question: SignerQuestion): SignatureVerdict {
  const { scheme, signer, enclosed, context, over } = question;
  const problems = [...question.problems];
  const outcome = reading("signing/unsupported", () => verifySigner(signer, over));
  if ("problem" in outcome) problems.push(outcome.problem);
  else if (outcome.value !== "intact") problems.push(OUTCOMES[outcome.value]);
  const { certificate } = signer;
  if (certificate === undefined) return verdict({ scheme, problems }, question.details);
  const timestamps = readTimestamps(signer, enclosed, context, question.tokenAttributes, question.countersigned);
  const believed = timestamps.holding.find(({ doubt }) => doubt === undefined);
  problems.push(...timestamps.problems, ...timestampProblems(timestamps.holding, timestamps.problems.length));
  // With lifetime signing a timestamp does not outlive the certificate.
  const isForLifetime = certificate.purposes.includes(OID.lifetimeSigning);
  const at = believed === undefined || isForLifetime ? context.now : believed.time;
  const chain = buildChain({ signer: certificate, enclosed, roots: [], trust: context.trust, at, purpose: OID.codeSigning });
  if (chain.problem !== undefined) problems.push(chain.problem);
  const key = keyOf(certificate);
  // Anybody can add these without breaking the signature; what is known of them is judged, what is not is said.
  for (const oid of signer.unsigned.keys())
    if (!KNOWN_UNSIGNED.has(oid)) problems.push(problem("signing/ignored", `an unsigned attribute of an unknown kind: ${oid}`));
  problems.push(...weaknesses(signer, key));
  return verdict(
    {
      scheme,
      problems,
      signer: describeSigner(certificate, chain.certificates, key),
      algorithm: algorithmName(signer, key),
      ...(believed !== undefined && { signedAt: isoOf(believed.time), timestampedBy: nameOf(believed.by.facts) }),
    },
    {
      ...question.details,
      ...(isForLifetime && { lifetimeSigning: true }),
      ...(timestamps.holding.length > 0 && { timestamps: timestamps.holding.map(describeTimestamp) }),
    },
  );
}

/** A signature of which nothing can be said but why. */
export function unreadable(scheme: string, problems: readonly VerdictProblem[]): SignatureVerdict {
  return verdict({ scheme, problems });
}

/** What the problems leave of it. */
function verdict(
  found: Omit<SignatureVerdict, "intact" | "trusted" | "details">,
  details: Readonly<Record<string, unknown>> = {},
): SignatureVerdict {
  const has = (kind: "fatal" | "distrust"): boolean => found.problems.some(({ code }) => VERDICT_CODES[code] === kind);
  const intact = !has("fatal");
  return { ...found, intact, trusted: intact && !has("distrust"), ...(Object.keys(details).length > 0 && { details }) };
}

function timestampProblems(holding: readonly Timestamp[], failed: number): VerdictProblem[] {
  if (holding.length === 0)
    return failed > 0 ? [] : [problem("signing/no-timestamp", "without a timestamp the signature ends with its certificate")];
  if (holding.some(({ doubt }) => doubt === undefined)) return [];
  return [problem("signing/timestamp-untrusted", `the timestamp's time is not believed: ${holding[0]?.doubt}`)];
}

function weaknesses(signer: CmsSigner, key: string | undefined): VerdictProblem[] {
  const weak: VerdictProblem[] = [];
  const hashes = [signer.hash, signer.algorithm.hash].filter((hash) => hash === "md5" || hash === "sha1");
  if (hashes[0] !== undefined) weak.push(problem("signing/weak-algorithm", `${hashes[0]} is broken for signatures`));
  const bits = /^(?:rsa|dsa)-(\d+)$/.exec(key ?? "")?.[1];
  if (bits !== undefined && Number(bits) < MIN_RSA_BITS) weak.push(problem("signing/weak-key", `the key has ${bits} bits`));
  return weak;
}

function describeSigner(own: X509, chain: readonly X509[], key: string | undefined): Signer {
  return {
    name: nameOf(own.facts),
    certificates: chain.map(({ facts }) => facts),
    validUntil: isoOf(own.notAfter),
    ...(key !== undefined && { key }),
  };
}

function describeTimestamp({ form, time, by, doubt }: Timestamp): Readonly<Record<string, unknown>> {
  return { form, time: isoOf(time), by: nameOf(by.facts), trusted: doubt === undefined };
}

/** The common name; the whole name where there is none. */
export function nameOf({ subject }: CertificateFacts): string {
  return /(?:^|,)CN=((?:\\.|[^,\\])*)/.exec(subject)?.[1]?.replace(/\\(.)/g, "$1") ?? subject;
}

function isoOf(date: Date): string {
  return date.toISOString().replace(".000Z", "Z");
}

/** Undefined: a key that cannot be read; the arithmetic has said so. */
function keyOf({ publicKey }: X509): string | undefined {
  try {
    return describeKey(publicKey);
  } catch {
    return undefined;
  }
}

/** `rsa-sha256`, `ecdsa-p256-sha256`, `ed25519`. */
function algorithmName({ algorithm }: CmsSigner, key: string | undefined): string {
  if (algorithm.family === "ed25519") return "ed25519";
  if (algorithm.family === "ecdsa" && key?.startsWith("ecdsa-") === true) return `${key}-${algorithm.hash}`;
  return `${algorithm.family}-${algorithm.hash}`;
}
