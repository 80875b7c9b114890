// One code signature: hashes of all that is sealed, by every code directory, and the CMS message over the first of them.
import { createHash } from "node:crypto";
import { isBroken } from "../../../broken.ts";
import { readSignedMessage } from "../../cms/signed-data.ts";
import { problem, unreadable } from "../../problem.ts";
import type { VerdictProblem } from "../../verdict.ts";
import type { VerifyContext } from "../../verifier.ts";
import { parseFirstDer } from "../../../x509/der.ts";
import type { Place } from "../identity.ts";
import { namePart } from "../../cms/describe-signer.ts";
import { type JudgedSigner, judgeSigner } from "../judge-signer.ts";
import { OID } from "../oids.ts";
import { compareCdhashes } from "./cdhashes.ts";
import { cdhashOf, hashWith } from "./code-directory.ts";
import type { CodeSignature } from "./read-signature.ts";
import { hasContent, SLOT, slotName } from "./super-blob.ts";

/** What lies outside of the signature: its bytes, `missing` where there is none, `elsewhere` where it is in a file that was not given. */
export type Outside = Uint8Array | "missing" | "elsewhere";

export interface CodeQuestion {
  readonly signature: CodeSignature;
  /** By slot. Slots that are not named here and not in the signature are missing. */
  readonly outside: ReadonlyMap<number, Outside>;
  readonly context: VerifyContext;
  readonly place: Place;
  readonly where?: string;
}

export interface JudgedCode {
  readonly problems: readonly VerdictProblem[];
  /** Undefined: signed ad hoc, or not readable. */
  readonly signer?: JudgedSigner;
}

export async function judgeCode(question: CodeQuestion): Promise<JudgedCode> {
  const { signature, where } = question;
  const problems: VerdictProblem[] = sealProblems(question);
  const say = (code: VerdictProblem["code"], message: string): void => void problems.push(problem(code, message, where));
  if (signature.hasStowaway) say("signing/uncovered", "bytes lie in the room of the signature that are no part of it");
  if (signature.strangers.length > 0) say("signing/uncovered", `slots of an unknown kind: ${signature.strangers.join(", ")}`);
  const { cms, isAdHoc, directories } = signature;
  if (isAdHoc && cms === undefined) {
    say("signing/nobody", "it is signed ad hoc: anybody can have made it");
    return { problems };
  }
  if (isAdHoc) say("signing/contradiction", "it says to be signed ad hoc, and has a signature");
  if (cms === undefined) {
    say("signing/stripped", "the code directory was signed, the signature is gone");
    return { problems };
  }
  try {
    const message = readSignedMessage(cms);
    const [signer, second] = message.signers;
    if (hasContent(cms.subarray(parseFirstDer(cms).encoded.length))) say("signing/uncovered", "bytes follow the CMS message");
    if (signer === undefined || second !== undefined || message.content !== undefined) {
      say("signing/malformed", "the CMS message is not one signature over the code directory");
      return { problems };
    }
    const content = directories[0].bytes;
    const judged = judgeSigner({
      signer,
      enclosed: message.certificates,
      context: question.context,
      over: { contentType: OID.data, digest: createHash(signer.hash).update(content).digest(), content },
      place: question.place,
      ...(where !== undefined && { where }),
    });
    problems.push(...judged.problems);
    for (const one of await compareCdhashes(signer, directories)) say(one.code, one.message);
    for (const text of teamProblems(signature, judged)) say("signing/contradiction", text);
    return { problems, signer: judged };
  } catch (thrown) {
    if (!isBroken(thrown)) throw thrown;
    problems.push(unreadable(thrown, where));
    return { problems };
  }
}

/** Every slot, by every code directory. */
function sealProblems({ signature, outside, where }: CodeQuestion): VerdictProblem[] {
  const problems = new Map<string, VerdictProblem>();
  const say = (code: VerdictProblem["code"], slot: number, message: string): void =>
    void problems.set(`${code} ${slot}`, problem(code, `${slotName(slot)}: ${message}`, where));
  for (const directory of signature.directories) {
    const slots = new Set([...signature.sealed.keys(), ...outside.keys()]);
    for (let slot = 1; slot <= directory.specialSlots && slot < SLOT.alternates; slot += 1) slots.add(slot);
    for (const slot of slots) {
      const stated = directory.slotHash(slot);
      const bytes = signature.sealed.get(slot) ?? outside.get(slot) ?? "missing";
      if (typeof bytes !== "string" && stated === undefined) say("signing/uncovered", slot, "the signature does not cover it");
      else if (stated === undefined) continue;
      else if (bytes === "missing") say("signing/digest-mismatch", slot, "it was signed, and is missing");
      else if (bytes === "elsewhere") say("signing/subject-missing", slot, "it was signed, and is in a file that is not here");
      else if (Buffer.compare(hashWith(directory, bytes), stated) !== 0) say("signing/digest-mismatch", slot, "it is not what was signed");
    }
  }
  return [...problems.values()];
}

/** Apple's certificates name the team in the organizational unit. */
function teamProblems({ directories }: CodeSignature, { chain, identity }: JudgedSigner): readonly string[] {
  const [own] = chain;
  if (own === undefined || identity === undefined || identity.isEndless === true) return [];
  const team = namePart(own.facts.subject, "OU");
  const others = directories.filter(({ teamId }) => teamId !== undefined && teamId !== team);
  return others.length === 0 ? [] : [`the code says it is of team ${others[0]?.teamId ?? ""}, its signer is of ${team ?? "none"}`];
}

/** Names of the code by all its directories. */
export function cdhashesOf({ directories }: CodeSignature): readonly string[] {
  return directories.map(cdhashOf);
}
