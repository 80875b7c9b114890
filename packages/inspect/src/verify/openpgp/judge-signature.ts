// One signature over bytes that were hashed: whether it holds, and who made it.
import type { Hash } from "node:crypto";
import { isBroken } from "../../broken.ts";
import type { HashName } from "../public-key.ts";
import { type SignatureVerdict, VERDICT_CODES, type VerdictProblem } from "../verdict.ts";
import { problem, unreadable } from "../problem.ts";
import { isBy, type KeyRing, type RingKey } from "./key-ring.ts";
import { finishDigest, isSignedBy, startsAsSaid } from "./signed-digest.ts";
import { type OpenPgpSignature, parseSignature, SIGNATURE_TYPE } from "./signature-packet.ts";

/** Clocks differ a little. */
const MAX_FUTURE_S = 10;
const WEAK_HASHES: ReadonlySet<HashName> = new Set(["sha1", "sha224"]);
const MIN_RSA_BITS = 2048;

export interface ToJudge {
  readonly scheme: string;
  /** A file or a tag. */
  readonly where: string;
  readonly ring: KeyRing;
  readonly now: Date;
}

/** A signature that is of a form known here, or why it is not. */
export type Read = { readonly signature: OpenPgpSignature } | { readonly problem: VerdictProblem };

/** Only those over bytes as they are, unless `types` says otherwise. */
export function readDocumentSignature(body: Uint8Array, where: string, types: readonly number[] = [SIGNATURE_TYPE.binary]): Read {
  try {
    const signature = parseSignature(body);
    if (signature === undefined)
      return { problem: problem("signing/unsupported", "a signature of a version or an algorithm that is not known here", where) };
    if (signature.type === SIGNATURE_TYPE.text && !types.includes(SIGNATURE_TYPE.text))
      return { problem: problem("signing/unsupported", "a signature of a text, whose lines may end differently", where) };
    if (!types.includes(signature.type))
      return { problem: problem("signing/malformed", "a signature of something else than a file", where) };
    if (signature.hash === "md5")
      return { problem: problem("signing/unsupported", "a signature by MD5, which says nothing any more", where) };
    return { signature };
  } catch (thrown) {
    if (isBroken(thrown)) return { problem: unreadable(thrown, where) };
    throw thrown;
  }
}

/** `hash` has taken in the signed bytes. Without answers where the key is not there, and nothing can be said of the bytes. */
export function judgeSignature(signature: OpenPgpSignature, hash: Hash, { scheme, where, ring, now }: ToJudge): SignatureVerdict {
  const digest = finishDigest(signature, hash);
  const claimed = signature.issuerFingerprint ?? signature.issuer;
  const made = { created: iso(signature.created), ...(claimed !== undefined && { claimedKey: claimed }), where };
  const fails = (found: VerdictProblem): SignatureVerdict => ({ scheme, intact: false, trusted: false, problems: [found], details: made });
  if (!startsAsSaid(signature, digest)) return fails(problem("signing/digest-mismatch", "these are not the bytes that were signed", where));
  const candidates = ring.keys.filter(({ key }) => isBy(key, signature));
  if (candidates.length === 0) {
    const unusable = ring.unusable === 0 ? "" : `; ${ring.unusable} of the keys given cannot be used`;
    return {
      scheme,
      problems: [problem("signing/unknown-signer", `the key ${claimed ?? "it was made with"} was not given${unusable}`, where)],
      details: made,
    };
  }
  const maker = candidates.find(({ key }) => isSignedBy(key, signature, digest));
  if (maker === undefined) return fails(problem("signing/signature-mismatch", `it was not made by the key ${claimed ?? ""}`, where));
  const problems = [...distrust(maker, signature, now, where), ...weaknesses(maker, signature, where)];
  const trusted = !problems.some(({ code }) => VERDICT_CODES[code] === "distrust");
  return { scheme, intact: true, trusted, ...describe(maker, signature), problems, details: made };
}

function distrust({ key, expires, isRevoked, canSign }: RingKey, signature: OpenPgpSignature, now: Date, where: string): VerdictProblem[] {
  const seconds = now.getTime() / 1000;
  const problems: VerdictProblem[] = [];
  if (isRevoked) problems.push(problem("signing/revoked", `the key ${key.fingerprint} was revoked by its owner`, where));
  if (!canSign) problems.push(problem("signing/wrong-purpose", `the key ${key.fingerprint} is not for signing`, where));
  if (expires !== undefined && expires <= seconds)
    problems.push(problem("signing/expired", `the key ${key.fingerprint} ended ${iso(expires)}`, where));
  if (signature.created > seconds + MAX_FUTURE_S)
    problems.push(problem("signing/not-yet-valid", `it is from the future: ${iso(signature.created)}`, where));
  if (signature.created < key.created) problems.push(problem("signing/not-yet-valid", "it says that it is older than its key", where));
  if (signature.expiresAfter !== undefined && signature.created + signature.expiresAfter <= seconds)
    problems.push(problem("signing/expired", `it ended ${iso(signature.created + signature.expiresAfter)}`, where));
  return problems;
}

function weaknesses({ key }: RingKey, { hash }: OpenPgpSignature, where: string): VerdictProblem[] {
  const [family, bits] = key.name.split("-");
  return [
    ...(WEAK_HASHES.has(hash) ? [problem("signing/weak-algorithm", `it was made with ${hash}`, where)] : []),
    ...((family === "rsa" || family === "dsa") && Number(bits) < MIN_RSA_BITS
      ? [problem("signing/weak-key", `the key has ${bits} bits`, where)]
      : []),
  ];
}

function describe({ key, name, expires, primary }: RingKey, { hash }: OpenPgpSignature): Pick<SignatureVerdict, "signer" | "algorithm"> {
  const [family] = key.name.split("-");
  const algorithm = family === "ed25519" ? "ed25519" : `${family === "ecdsa" ? key.name : family}-${hash}`;
  return {
    algorithm,
    signer: { name, certificates: [], keyId: primary, key: key.name, ...(expires !== undefined && { validUntil: iso(expires) }) },
  };
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
