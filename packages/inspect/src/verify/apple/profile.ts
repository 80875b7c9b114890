// A provisioning profile: a CMS message of Apple's around a property list that says whose code may run where, with which entitlements.
// Followed: Apple's TN3125 "Inside Code Signing: Provisioning Profiles", and the policies in Security's SecPolicy.c.
import { createHash } from "node:crypto";
import { broken, isBroken } from "../../broken.ts";
import { parsePlist } from "../../plist/parse-plist.ts";
import { dateAt, dictAt, dictToJson, listAt, type PlistDict, stringAt, stringsAt } from "../../plist/plist-value.ts";
import { present } from "../../present.ts";
import { readSignedMessage } from "../cms/signed-data.ts";
import { problem, unreadable } from "../problem.ts";
import { VERDICT_CODES, type VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import type { X509 } from "../x509/certificate.ts";
import type { Entitlements } from "./code-signature/entitlements.ts";
import { nameOf } from "../cms/describe-signer.ts";
import { judgeSigner } from "./judge-signer.ts";
import { OID } from "./oids.ts";

const MAX_DEPTH = 32;
const MAX_NAMED = 5;
const SIGNER = "Apple iPhone OS Provisioning Profile Signing";
const AUTHORITY = "Apple iPhone Certification Authority";

export type ProfileKind = "development" | "ad-hoc" | "enterprise" | "developer-id" | "app-store";

export interface ProfileQuestion {
  readonly bytes: Uint8Array;
  readonly context: VerifyContext;
  /** Of the code it belongs to: its signer's certificate, if it has one. */
  readonly signer: X509 | undefined;
  readonly entitlements: Entitlements;
  /** On iOS every entitlement has to be allowed; on macOS only those that are restricted, which are not told apart here. */
  readonly isStrict: boolean;
  readonly where: string;
}

export interface JudgedProfile {
  readonly problems: readonly VerdictProblem[];
  readonly details?: Readonly<Record<string, unknown>>;
}

export async function judgeProfile(question: ProfileQuestion): Promise<JudgedProfile> {
  const { bytes, context, where } = question;
  const problems: VerdictProblem[] = [];
  const say = (code: VerdictProblem["code"], message: string): void => void problems.push(problem(code, message, where));
  try {
    const message = readSignedMessage(bytes);
    const [signer, second] = message.signers;
    if (signer === undefined || second !== undefined || message.content === undefined) throw broken("not one signature over a profile");
    const { content } = message;
    const profile = await parsePlist(content, MAX_DEPTH, "the provisioning profile");
    const created = profile["CreationDate"];
    const judged = judgeSigner({
      signer,
      enclosed: message.certificates,
      context,
      over: { contentType: message.contentType, digest: createHash(signer.hash).update(content).digest(), content },
      place: undefined,
      // Devices do not hold the dates of Apple's certificates against a profile; it has an end of its own.
      ...(created instanceof Date && { at: created }),
      where,
    });
    problems.push(...judged.problems);
    if (judged.isApples && !isForProfiles(judged.chain))
      say("signing/wrong-purpose", "its signer is of Apple's, but not for signing profiles");
    const isHeld = !judged.problems.some(({ code }) => VERDICT_CODES[code] === "fatal" || VERDICT_CODES[code] === "distrust");
    const ends = profile["ExpirationDate"];
    if (!(ends instanceof Date)) say("signing/malformed", "the provisioning profile has no end");
    else if (ends < context.now) say("signing/expired", `the provisioning profile ended on ${ends.toISOString().slice(0, 10)}`);
    problems.push(...allowanceProblems(question, profile));
    return { problems, details: { path: where, ...describeProfile(profile, question.isStrict), trusted: isHeld } };
  } catch (thrown) {
    if (!isBroken(thrown)) throw thrown;
    problems.push(unreadable(thrown, where));
    return { problems };
  }
}

/** By name on iOS, by a mark on macOS. */
function isForProfiles([own, authority]: readonly X509[]): boolean {
  if (own === undefined || authority === undefined) return false;
  if (own.extensions.has(OID.macProfileSigning)) return authority.extensions.has(OID.worldwideDeveloperRelations);
  return nameOf(own.facts) === SIGNER && nameOf(authority.facts) === AUTHORITY;
}

function describeProfile(profile: PlistDict, isForDevices: boolean): Readonly<Record<string, unknown>> {
  const devices = profile["ProvisionedDevices"];
  return present({
    kind: kindOf(profile, isForDevices),
    name: stringAt(profile, "Name"),
    uuid: stringAt(profile, "UUID"),
    teamId: stringsAt(profile, "TeamIdentifier")[0],
    teamName: stringAt(profile, "TeamName"),
    appId: appIdOf(dictAt(profile, "Entitlements") ?? {}),
    expiresAt: dateAt(profile, "ExpirationDate"),
    devices: Array.isArray(devices) ? devices.length : undefined,
  });
}

/** Only enterprise, on a Mac a Developer ID, allows every device; only development a debugger; a profile for the store lists no devices. */
function kindOf(profile: PlistDict, isForDevices: boolean): ProfileKind {
  if (profile["ProvisionsAllDevices"] === true) return isForDevices ? "enterprise" : "developer-id";
  if (!Array.isArray(profile["ProvisionedDevices"])) return "app-store";
  return dictAt(profile, "Entitlements")?.["get-task-allow"] === true ? "development" : "ad-hoc";
}

function appIdOf(entitlements: PlistDict): string | undefined {
  return stringAt(entitlements, "application-identifier") ?? stringAt(entitlements, "com.apple.application-identifier");
}

/** What the profile does not allow of the code it is in. */
function allowanceProblems({ signer, entitlements, isStrict, where }: ProfileQuestion, profile: PlistDict): readonly VerdictProblem[] {
  const problems: VerdictProblem[] = [];
  const say = (message: string): void => void problems.push(problem("signing/not-permitted", message, where));
  const certificates = listAt(profile, "DeveloperCertificates");
  const isNamed = certificates.some((one) => one instanceof Uint8Array && signer !== undefined && Buffer.compare(one, signer.der) === 0);
  if (!isNamed) say("the code's signer is none of those the provisioning profile allows");
  const allowed = dictToJson(dictAt(profile, "Entitlements") ?? {});
  const keys = isStrict ? Object.keys(entitlements) : ["com.apple.application-identifier"];
  const refused = keys.filter((key) => key in entitlements && !isAllowed(entitlements[key], allowed[key]));
  const appId = "application-identifier";
  if (refused.includes(appId)) say(`the provisioning profile is for ${shown(allowed[appId])}, the code is ${shown(entitlements[appId])}`);
  const others = refused.filter((key) => key !== appId);
  if (others.length > 0) say(`the provisioning profile does not allow ${others.slice(0, MAX_NAMED).join(", ")}`);
  return problems;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 200) : "none";
}

/** A star at the end of what is allowed stands for anything; of a list each has to be allowed. Nobody needs leave to go without. */
export function isAllowed(wanted: unknown, allowed: unknown): boolean {
  if (wanted === false) return true;
  if (Array.isArray(wanted)) return wanted.every((one) => isAllowed(one, allowed));
  if (Array.isArray(allowed)) return allowed.some((one) => isAllowed(wanted, one));
  if (typeof wanted === "string" && typeof allowed === "string")
    return allowed.endsWith("*") ? wanted.startsWith(allowed.slice(0, -1)) : wanted === allowed;
  return JSON.stringify(wanted) === JSON.stringify(allowed);
}
