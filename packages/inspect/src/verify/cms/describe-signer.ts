// What is said of a CMS signer, whatever was signed: who it is, how the signature was made, and what is weak in it.
import type { CertificateFacts } from "@distd/core";
import { problem } from "../problem.ts";
import { describeKey } from "../public-key.ts";
import type { Signer, VerdictProblem } from "../verdict.ts";
import type { X509 } from "../x509/certificate.ts";
import type { CmsOutcome, CmsSigner } from "./signed-data.ts";
import type { Timestamps } from "./timestamp.ts";

const MIN_RSA_BITS = 2048;

const OUTCOMES: Readonly<Record<Exclude<CmsOutcome, "intact">, readonly [VerdictProblem["code"], string]>> = {
  "digest-mismatch": ["signing/digest-mismatch", "the signed attributes are of another content"],
  "signature-mismatch": ["signing/signature-mismatch", "the signature is not its signer's over these attributes"],
  "no-certificate": ["signing/malformed", "the signer's certificate is not enclosed: nothing can be verified"],
};

export function outcomeProblem(outcome: Exclude<CmsOutcome, "intact">, where?: string): VerdictProblem {
  return problem(...OUTCOMES[outcome], where);
}

/** What the timestamps leave open; those that are not over the signature have said so themselves. */
export function timestampProblems({ holding, problems }: Timestamps, where?: string): readonly VerdictProblem[] {
  const [first] = holding;
  if (first === undefined)
    return problems.length > 0
      ? []
      : [problem("signing/no-timestamp", "without a timestamp the signature ends with its certificate", where)];
  if (holding.some(({ doubt }) => doubt === undefined)) return [];
  return [problem("signing/timestamp-untrusted", `the timestamp's time is not believed: ${first.doubt ?? ""}`, where)];
}

export function weaknesses(signer: CmsSigner, key: string | undefined, where?: string): readonly VerdictProblem[] {
  const weak: VerdictProblem[] = [];
  const hash = [signer.hash, signer.algorithm.hash].find((name) => name === "md5" || name === "sha1");
  if (hash !== undefined) weak.push(problem("signing/weak-algorithm", `${hash} is broken for signatures`, where));
  const bits = /^(?:rsa|dsa)-(\d+)$/.exec(key ?? "")?.[1];
  if (bits !== undefined && Number(bits) < MIN_RSA_BITS) weak.push(problem("signing/weak-key", `the key has ${bits} bits`, where));
  return weak;
}

export function describeSigner(own: X509, chain: readonly X509[], key: string | undefined): Signer {
  return {
    name: nameOf(own.facts),
    certificates: chain.map(({ facts }) => facts),
    validUntil: isoOf(own.notAfter),
    ...(key !== undefined && { key }),
  };
}

/** The common name; the whole name where there is none. */
export function nameOf({ subject }: CertificateFacts): string {
  return namePart(subject, "CN") ?? subject;
}

/** One part of a name as facts write it (RFC 4514). */
export function namePart(subject: string, key: string): string | undefined {
  return new RegExp(`(?:^|,)${key}=((?:\\\\.|[^,\\\\])*)`).exec(subject)?.[1]?.replace(/\\(.)/g, "$1");
}

export function isoOf(date: Date): string {
  return date.toISOString().replace(".000Z", "Z");
}

/** Undefined: a key that cannot be read; the arithmetic has said so. */
export function keyOf({ publicKey }: X509): string | undefined {
  try {
    return describeKey(publicKey);
  } catch {
    return undefined;
  }
}

/** `rsa-sha256`, `ecdsa-p256-sha256`, `ed25519`. */
export function algorithmName({ algorithm }: CmsSigner, key: string | undefined): string {
  if (algorithm.family === "ed25519") return "ed25519";
  if (algorithm.family === "ecdsa" && key?.startsWith("ecdsa-") === true) return `${key}-${algorithm.hash}`;
  return `${algorithm.family}-${algorithm.hash}`;
}
