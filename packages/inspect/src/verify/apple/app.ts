// An app as a whole: its bundle, the code inside it, profiles, a ticket.
import { isBroken } from "../../broken.ts";
import { problem, unreadable } from "../problem.ts";
import { type SignatureVerdict, VERDICT_CODES, type VerdictProblem } from "../verdict.ts";
import type { VerifyContext } from "../verifier.ts";
import type { Archive } from "./bundle/archive.ts";
import { judgeUnit, type JudgedUnit, sweepUnits } from "./bundle/judge-bundle.ts";
import { planBundle } from "./bundle/plan-bundle.ts";
import type { Survey } from "./bundle/survey.ts";
import { codeVerdict } from "./code-verdict.ts";
import { type Entitlements, readEntitlements } from "./code-signature/entitlements.ts";
import type { Place } from "./identity.ts";
import { judgeNotarization } from "./notarization.ts";
import { judgeProfile } from "./profile.ts";
import { isTicket } from "./ticket.ts";

const MAX_DESCRIBED = 200;
const PROFILES: Readonly<Record<"mac" | "ios", string>> = { mac: "embedded.provisionprofile", ios: "embedded.mobileprovision" };
/** Signed by the store or Apple itself: there is no profile. */
const WITHOUT_PROFILE: readonly (string | undefined)[] = ["App Store", "Apple Software Signing", "TestFlight"];

export interface AppQuestion {
  readonly archive: Archive;
  readonly survey: Survey;
  readonly context: VerifyContext;
  readonly place: Place & ("mac" | "ios");
  /** Folders of apps that are in no other, with a slash at the end. */
  readonly apps: readonly string[];
  /** Tickets of what holds the apps. */
  readonly tickets?: readonly Uint8Array[];
}

/** A verdict for each app that is signed, in one pass over their files. */
export async function verifyApps(question: AppQuestion): Promise<readonly SignatureVerdict[]> {
  const { survey, apps } = question;
  const units = [];
  for (const folder of apps) units.push(await planBundle({ survey, outer: folder, units: 0 }, folder));
  const swept = await sweepUnits(question, units);
  const verdicts: SignatureVerdict[] = [];
  for (const unit of units) {
    const judged = await judgeUnit(question, unit, swept);
    const verdict = await verdictOf(question, judged);
    if (verdict !== undefined) verdicts.push(verdict);
  }
  return verdicts;
}

async function verdictOf(question: AppQuestion, app: JudgedUnit): Promise<SignatureVerdict | undefined> {
  const { unit, slices } = app;
  const path = unit.path;
  const isSealed = ["", "Contents/"].some((base) => question.survey.contents.has(`${path}/${base}_CodeSignature/CodeResources`));
  if (slices.length === 0 && !isSealed) return undefined;
  const stripped =
    slices.length === 0 ? [problem("signing/stripped", "it was signed: the seal is there, the signature is gone", path)] : [];
  const inside = app.inside.flatMap(flatten);
  const ticket = attachedTicket(question.survey, app);
  const notarization = judgeNotarization(slices, [...ticket.tickets, ...(question.tickets ?? [])], question.context, path);
  const allowances = await judgeAllowances(question, app, inside);
  return codeVerdict({
    slices,
    where: path,
    problems: [
      ...stripped,
      ...app.problems,
      ...inside.flatMap((one) => insideProblems(question.place, one)),
      ...ticket.problems,
      ...notarization.problems,
      ...allowances.problems,
    ],
    details: {
      ...notarization.details,
      ...allowances.details,
      ...(inside.length > 0 && { inside: inside.slice(0, MAX_DESCRIBED).map(describeInside) }),
    },
  });
}

function flatten(judged: JudgedUnit): readonly JudgedUnit[] {
  return [judged, ...judged.inside.flatMap(flatten)];
}

/** Whoever signed the code inside, the seal around it stands for it; what breaks its own signature breaks the whole, what it leaves out is said. */
function insideProblems(place: Place, { unit, slices, problems }: JudgedUnit): readonly VerdictProblem[] {
  const all = codeVerdict({ slices, problems, where: unit.path }).problems;
  const fatal = all.filter(({ code }) => VERDICT_CODES[code] === "fatal");
  const isUnsigned = place === "ios" && slices.length === 0 && fatal.length === 0 && unit.code !== undefined;
  if (isUnsigned) return [problem("signing/stripped", "code that is not signed: no device runs it", unit.path)];
  return [...fatal, ...all.filter(({ code }) => code === "signing/partial")];
}

function describeInside({ unit, slices, problems }: JudgedUnit): Readonly<Record<string, unknown>> {
  const { signer, trusted, details } = codeVerdict({ slices, problems, where: unit.path });
  return {
    path: unit.path,
    trusted,
    ...(signer !== undefined && { signer: signer.name }),
    ...(details?.["identifier"] !== undefined && { identifier: details["identifier"] }),
    ...(details?.["teamId"] !== undefined && { teamId: details["teamId"] }),
  };
}

/** `Contents/CodeResources`: a ticket, or a link of old to the seal; anything else is there without leave. */
function attachedTicket(
  { files, contents }: Survey,
  { unit: { layout } }: JudgedUnit,
): { readonly tickets: readonly Uint8Array[]; readonly problems: readonly VerdictProblem[] } {
  const path = `${layout?.base ?? ""}CodeResources`;
  const file = files.get(path);
  if (layout === undefined || file === undefined) return { tickets: [], problems: [] };
  const bytes = contents.get(path);
  if (bytes !== undefined && isTicket(bytes)) return { tickets: [bytes], problems: [] };
  const seal = contents.get(`${layout.base}_CodeSignature/CodeResources`);
  const isLink = file.kind === "symlink" && file.target === "_CodeSignature/CodeResources";
  // Archives that know no links have a copy of what it leads to, or its target as text.
  const isCopy = bytes !== undefined && seal !== undefined && (Buffer.compare(bytes, seal) === 0 || Buffer.from(bytes).equals(LINK));
  return { tickets: [], problems: isLink || isCopy ? [] : [problem("signing/uncovered", "neither a ticket nor a link to the seal", path)] };
}

const LINK = Buffer.from("_CodeSignature/CodeResources");

/** Entitlements and profiles, of the app and of each piece of code inside that has one. */
async function judgeAllowances(
  { survey, context, place }: AppQuestion,
  app: JudgedUnit,
  inside: readonly JudgedUnit[],
): Promise<{ readonly problems: readonly VerdictProblem[]; readonly details: Readonly<Record<string, unknown>> }> {
  const problems: VerdictProblem[] = [];
  const details: Record<string, unknown> = {};
  const others: unknown[] = [];
  for (const judged of [app, ...inside]) {
    const { unit, slices } = judged;
    const entitlements = await entitlementsOf(judged);
    problems.push(...entitlements.problems);
    const path = unit.layout && `${unit.layout.base}${PROFILES[place]}`;
    const bytes = path === undefined ? undefined : survey.contents.get(path);
    const signer = slices[0]?.judged?.signer;
    if (path !== undefined && bytes !== undefined) {
      const question = {
        bytes,
        context,
        signer: signer?.chain[0],
        entitlements: entitlements.value,
        isStrict: place === "ios",
        where: path,
      };
      const profile = await judgeProfile(question);
      problems.push(...profile.problems);
      if (judged === app) details["profile"] = profile.details;
      else others.push(profile.details);
    } else if (place === "ios" && judged === app && signer !== undefined && !WITHOUT_PROFILE.includes(signer.identity?.name))
      problems.push(problem("signing/not-everywhere", "without a provisioning profile no device installs it", unit.path));
  }
  return { problems, details: { ...details, ...(others.length > 0 && { profiles: others.slice(0, MAX_DESCRIBED) }) } };
}

async function entitlementsOf({
  unit,
  slices,
}: JudgedUnit): Promise<{ readonly value: Entitlements; readonly problems: readonly VerdictProblem[] }> {
  let value: Entitlements = {};
  const problems: VerdictProblem[] = [];
  for (const { signature } of slices) {
    if (signature === undefined) continue;
    try {
      const read = await readEntitlements(signature);
      if (read === undefined) continue;
      value = { ...read.entitlements, ...value };
      if (!read.agree)
        problems.push(problem("signing/contradiction", "its entitlements are others as DER than as a property list", unit.path));
    } catch (thrown) {
      if (!isBroken(thrown)) throw thrown;
      problems.push(unreadable(thrown, unit.path));
    }
  }
  return { value, problems };
}
