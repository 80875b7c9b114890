import type { VerifyContext } from "../verifier.ts";
import type { SignatureVerdict, Signer, Verdict, VerdictProblem } from "../verdict.ts";
import { UNSIGNED } from "../verdict.ts";
import type { X509 } from "../x509/certificate.ts";
import { findJarSigners } from "../../formats/apk/jar-signature.ts";
import { BLOCK_SCHEMES, type BlockScheme } from "../../formats/apk/signing-block.ts";
import { NO_MAX_SDK } from "./block-signer.ts";
import { apiLevelsOf, type SeenBy } from "./api-levels.ts";
import type { ApkFile } from "./apk-file.ts";
import { problemOf, remarkOf } from "./issues.ts";
import { algorithmName, keyName, weaknesses } from "./keys.ts";
import type { Lineage } from "./lineage.ts";
import { allErrors, keyFacts, ownCertificate, type Scheme, type SchemeResult, type SchemeSigner } from "./scheme.ts";
import type { SourceStamp } from "./source-stamp.ts";
import { distrust } from "./trust.ts";
import type { LevelsResult } from "./verify-levels.ts";

const ORDER: readonly Scheme[] = ["v1", "v2", "v3", "v3.1"];

type Trust = VerifyContext["trust"];

export interface JudgedApk {
  readonly apk: ApkFile;
  /** For the package's own lowest API level first, then for newer ones. One that accepts it is enough: there are phones that install it. */
  readonly runs: readonly LevelsResult[];
  /** The v4 signature that lies beside it. */
  readonly v4?: SchemeResult;
}

export async function apkVerdict({ apk, runs, v4 }: JudgedApk, trust: Trust): Promise<Verdict> {
  const present = presentSchemes(apk);
  const looked = bestResults(runs).filter(({ scheme }) => present.has(scheme));
  if (present.size === 0 && apk.blockDamage === undefined && !v4) return UNSIGNED;
  const accepted = runs.find(({ isAccepted }) => isAccepted);
  const seenBy = apiLevelsOf(looked, runs[0]?.minSdk ?? 1);
  const lineage = runs.find((run) => run.lineage !== undefined)?.lineage;
  const signatures: SignatureVerdict[] = [];
  for (const result of looked) signatures.push(...(await signaturesOf(result, { trust, seenBy, lineage })));
  if (v4) signatures.push(...(await signaturesOf(v4, { trust })));
  const notLooked = [...present].filter((scheme) => !looked.some((result) => result.scheme === scheme));
  if (!accepted) signatures.push(...notLooked.map(notLookedAt));
  const stamp = runs.find((run) => run.stamp !== undefined)?.stamp;
  if (stamp) signatures.push(stampVerdict(stamp));
  return {
    intact: accepted !== undefined,
    trusted: accepted !== undefined && signatures.some(({ trusted, details }) => trusted && isSeen(details)),
    // A signature that holds in a package that phones refuse vouches for nothing.
    signatures: accepted ? signatures : signatures.map((one) => ({ ...one, trusted: false })),
    problems: packageProblems(apk, runs, accepted, notLooked),
  };
}

function presentSchemes({ zip, block }: ApkFile): ReadonlySet<Scheme> {
  const blocks = (Object.keys(BLOCK_SCHEMES) as BlockScheme[]).filter((scheme) => block.has(BLOCK_SCHEMES[scheme]));
  const isJar = findJarSigners(zip).length > 0;
  return new Set<Scheme>([...(isJar ? (["v1"] as const) : []), ...blocks]);
}

/** Of each scheme the result that is best: what holds for some phones holds. */
function bestResults(runs: readonly LevelsResult[]): readonly SchemeResult[] {
  return ORDER.flatMap((name) => {
    const results = runs.flatMap(({ schemes }) => schemes.filter(({ scheme }) => scheme === name));
    return results.find(({ holds }) => holds) ?? results[0] ?? [];
  });
}

export interface Surroundings {
  readonly trust: Trust;
  /** Of an APK. */
  readonly seenBy?: SeenBy;
  readonly lineage?: Lineage | undefined;
  /** What the scheme is called, where not as in an APK. */
  readonly scheme?: string;
}

/** One for each signer. A scheme of which not even the signers can be read is one signature all the same. */
export async function signaturesOf(result: SchemeResult, surroundings: Surroundings): Promise<readonly SignatureVerdict[]> {
  const nobody: SchemeSigner = { certificates: [], errors: [], remarks: [], details: {} };
  const signers = result.signers.length > 0 ? result.signers : [nobody];
  return Promise.all(signers.map((signer) => signatureVerdict(result, signer, surroundings)));
}

async function signatureVerdict(
  result: SchemeResult,
  signer: SchemeSigner,
  { trust, seenBy, lineage, scheme = result.scheme }: Surroundings,
): Promise<SignatureVerdict> {
  const { holds } = result;
  const certificate = ownCertificate(signer);
  const key = certificate && (await keyName(certificate.publicKey));
  const problems = [
    ...(holds ? [] : refusals(result, signer, scheme)),
    ...[...result.remarks, ...signer.remarks].map((one) => remarkOf(one, scheme)),
  ];
  const mistrust = holds && certificate ? distrust(certificate, trust, scheme) : undefined;
  if (signer.algorithm) problems.push(...weaknesses({ signature: signer.algorithm, key, digests: signer.digests ?? [] }, scheme));
  const { range } = signer;
  return {
    scheme,
    intact: holds,
    trusted: holds && certificate !== undefined && mistrust === undefined,
    ...(certificate && { signer: describeSigner(signer.certificates, certificate, key) }),
    ...(signer.algorithm && { algorithm: algorithmName(signer.algorithm, key) }),
    problems: mistrust ? [...problems, mistrust] : problems,
    details: {
      ...signer.details,
      ...(seenBy && { apiLevels: seenBy.get(signer) ?? [] }),
      ...(range && { minSdk: range.minSdk }),
      ...(range && range.maxSdk < NO_MAX_SDK && { maxSdk: range.maxSdk }),
      ...(signer.digests && { digests: signer.digests }),
      ...(lineage &&
        result.lineage && { lineage: lineage.map(({ certificate: node, capabilities }) => ({ ...keyFacts(node), capabilities })) }),
    },
  };
}

/** Its own first, then what is wrong with the scheme, then what is wrong with others: one bad signer refuses all. */
function refusals(result: SchemeResult, signer: SchemeSigner, scheme: string): VerdictProblem[] {
  const own = [...signer.errors, ...result.errors];
  return (own.length > 0 ? own : allErrors(result)).map((one) => problemOf(one, scheme));
}

function describeSigner(certificates: readonly X509[], own: X509, key: string | undefined): Signer {
  const { subject, notAfter } = own.facts;
  return {
    name: (/(?:^|,)CN=((?:\\.|[^,])*)/.exec(subject)?.[1] ?? subject).replace(/\\(.)/g, "$1"),
    certificates: certificates.map(({ facts }) => facts),
    ...(key !== undefined && { key }),
    ...(notAfter !== undefined && { validUntil: notAfter }),
  };
}

function notLookedAt(scheme: Scheme): SignatureVerdict {
  const message = "It was not verified: phones refuse the package before they come to it.";
  return { scheme, intact: false, trusted: false, problems: [{ code: "signing/ignored", message, where: scheme }] };
}

/** Who handed the package out is another question than who signed it: a stamp is told, and decides nothing. */
function stampVerdict({ certificate, algorithm, stampedAt, errors, remarks }: SourceStamp): SignatureVerdict {
  const intact = errors.length === 0;
  const scheme = "source-stamp";
  return {
    scheme,
    intact,
    trusted: false,
    ...(algorithm && { algorithm: algorithmName(algorithm.signature, undefined) }),
    problems: [...errors.map((one) => problemOf(one, scheme)), ...remarks.map((one) => remarkOf(one, scheme))],
    details: { ...(intact && certificate && { certificate: keyFacts(certificate) }), ...(stampedAt !== undefined && { stampedAt }) },
  };
}

function isSeen(details: SignatureVerdict["details"]): boolean {
  return Array.isArray(details?.["apiLevels"]) && details["apiLevels"].length > 0;
}

function packageProblems(
  { blockDamage }: ApkFile,
  runs: readonly LevelsResult[],
  accepted: LevelsResult | undefined,
  notLooked: readonly Scheme[],
): readonly VerdictProblem[] {
  const problems: VerdictProblem[] = [];
  const [own] = runs;
  if (blockDamage) {
    const message = `The signing block is damaged: ${blockDamage.message}${accepted ? "; phones pass it over" : ""}.`;
    problems.push({ code: accepted ? "signing/ignored" : "signing/malformed", message, where: "signing block" });
  }
  if (!accepted) return [...problems, ...(own?.errors ?? []).map((one) => problemOf(one))];
  if (own && !own.isAccepted) {
    const [reason] = [...own.errors, ...own.schemes.flatMap(allErrors)];
    const message = `Phones below API level ${accepted.minSdk} refuse it: ${reason ? problemOf(reason).message : "it is not for them"}`;
    problems.push({ code: "signing/not-everywhere", message });
  }
  for (const scheme of notLooked)
    problems.push({
      code: "signing/ignored",
      message: "No phone that the package is for looks at it; it was not verified.",
      where: scheme,
    });
  return problems;
}
