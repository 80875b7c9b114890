// The chain judge: whether a CMS signer signed what it says, when, and who stands for it. The same for code, profiles and installers.
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
import { ATTRIBUTES, type CmsSigner, verifySigner } from "../cms/signed-data.ts";
import { readTimestamps } from "../cms/timestamp.ts";
import { problem, reading } from "../problem.ts";
import type { Signer, VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import type { X509 } from "../x509/certificate.ts";
import { buildChain } from "../x509/chain.ts";
import { type Identity, identityInChain, isSignedByAppleItself, type Place } from "./identity.ts";
import { OID } from "./oids.ts";
import { appleRoots, isAppleRoot } from "./roots/index.ts";

export interface SignerQuestion {
  readonly signer: CmsSigner;
  /** Certificates of the message. */
  readonly enclosed: readonly X509[];
  readonly context: VerifyContext;
  /** What the signature is over. */
  readonly over: { readonly contentType?: string; readonly digest: Uint8Array; readonly content?: Uint8Array };
  /** What is signed: the kind of signer has to be for it. Undefined: the caller looks at the certificate itself. */
  readonly place: Place | undefined;
  /** When the chain has to have held, where neither a timestamp nor now decides. */
  readonly at?: Date;
  readonly where?: string;
}

export interface JudgedSigner {
  readonly problems: readonly VerdictProblem[];
  /** The signer's certificate first. Empty: it is not enclosed. */
  readonly chain: readonly X509[];
  /** The chain ends in one of Apple's roots. */
  readonly isApples: boolean;
  readonly identity?: Identity;
  readonly signer?: Signer;
  readonly algorithm?: string;
  readonly signedAt?: string;
  readonly timestampedBy?: string;
}

export function judgeSigner(question: SignerQuestion): JudgedSigner {
  const { signer, enclosed, context, over, place, where } = question;
  const problems: VerdictProblem[] = [];
  const say = (code: VerdictProblem["code"], message: string): void => void problems.push(problem(code, message, where));
  const outcome = reading("signing/unsupported", () => verifySigner(signer, over));
  if ("problem" in outcome) say(outcome.problem.code, outcome.problem.message);
  else if (outcome.value !== "intact") problems.push(outcomeProblem(outcome.value, where));
  const { certificate } = signer;
  if (certificate === undefined) return { problems, chain: [], isApples: false };
  const pinned = { ...context.trust, certificates: [...context.trust.certificates, ...appleRoots().map(({ der }) => der)] };
  const timestamps = readTimestamps(signer, enclosed, { ...context, trust: pinned }, [OID.timestampToken], false);
  const believed = timestamps.holding.find(({ doubt }) => doubt === undefined);
  for (const one of timestamps.problems) say(one.code, one.message);
  const purpose = place === undefined || place === "installer" ? undefined : OID.codeSigning;
  const chainAt = (at: Date, trust = context.trust) =>
    buildChain({ signer: certificate, enclosed, roots: appleRoots(), trust, at, ...(purpose !== undefined && { purpose }) });
  // What only Apple itself signs: the system does not hold dates against it. The caller's roots do not stand for such.
  const ofApple = isSignedByAppleItself(certificate)
    ? chainAt(signingTimeOf(signer) ?? certificate.notBefore, { ...context.trust, certificates: [] })
    : undefined;
  const isEndless = ofApple !== undefined && ofApple.problem === undefined && isAppleRoot(ofApple.certificates.at(-1));
  const chain = isEndless ? ofApple : chainAt(question.at ?? believed?.time ?? context.now);
  if (chain.problem !== undefined) say(chain.problem.code, chain.problem.message);
  const isApples = chain.problem === undefined && isAppleRoot(chain.certificates.at(-1));
  const identity = identityInChain(chain.certificates);
  if (place !== undefined) for (const text of placeProblems(certificate, identity, isApples, place)) say("signing/wrong-purpose", text);
  if (place !== undefined && !isEndless) problems.push(...timestampProblems(timestamps, where));
  const key = keyOf(certificate);
  problems.push(...weaknesses(signer, key, where));
  return {
    problems,
    chain: chain.certificates,
    isApples,
    ...(identity !== undefined && { identity }),
    signer: describeSigner(certificate, chain.certificates, key),
    algorithm: algorithmName(signer, key),
    ...(believed !== undefined && { signedAt: isoOf(believed.time), timestampedBy: nameOf(believed.by.facts) }),
  };
}

/** Apple issues certificates for many things; one that is not for signing this is a stranger's here. */
function placeProblems(own: X509, identity: Identity | undefined, isApples: boolean, place: Place): readonly string[] {
  const name = nameOf(own.facts);
  if (identity === undefined) return isApples ? [`'${name}' is of Apple's, but not for signing software`] : [];
  return identity.places.includes(place) ? [] : [`'${name}' is ${identity.name}, which is not for this`];
}

/** As the signer states it (PKCS #9, 5.3.3); worth as much as the signer. */
export function signingTimeOf({ signed }: CmsSigner): Date | undefined {
  const value = signed.get(ATTRIBUTES.signingTime)?.[0];
  if (value === undefined) return undefined;
  const text = Buffer.from(value.content).toString("latin1");
  const digits = value.tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
