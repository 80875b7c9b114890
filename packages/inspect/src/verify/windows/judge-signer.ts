import {
  algorithmName,
  describeSigner,
  isoOf,
  keyOf,
  nameOf,
  outcomeProblem,
  timestampProblems,
  weaknesses,
} from "../cms/describe-signer.ts";
import { type CmsSigner, verifySigner } from "../cms/signed-data.ts";
import { readTimestamps, type Timestamp } from "../cms/timestamp.ts";
import { type SignatureVerdict, VERDICT_CODES, type VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import type { X509 } from "../x509/certificate.ts";
import { buildChain } from "../x509/chain.ts";
import { OID } from "./oids.ts";
import { problem, reading } from "../problem.ts";

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

/** All of a signature that does not depend on the format: arithmetic, timestamps, chain, age of the algorithms. */
export function judgeSigner(question: SignerQuestion): SignatureVerdict {
  const { scheme, signer, enclosed, context, over } = question;
  const problems = [...question.problems];
  const outcome = reading("signing/unsupported", () => verifySigner(signer, over));
  if ("problem" in outcome) problems.push(outcome.problem);
  else if (outcome.value !== "intact") problems.push(outcomeProblem(outcome.value));
  const { certificate } = signer;
  if (certificate === undefined) return verdict({ scheme, problems }, question.details);
  const timestamps = readTimestamps(signer, enclosed, context, question.tokenAttributes, question.countersigned);
  const believed = timestamps.holding.find(({ doubt }) => doubt === undefined);
  problems.push(...timestamps.problems, ...timestampProblems(timestamps));
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

function describeTimestamp({ form, time, by, doubt }: Timestamp): Readonly<Record<string, unknown>> {
  return { form, time: isoOf(time), by: nameOf(by.facts), trusted: doubt === undefined };
}
