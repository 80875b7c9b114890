// What there is to verify in a bundle, and in the code inside it: found by the seals, and where a bundle has none for code (iOS), by looking.
import { isBroken } from "../../../broken.ts";
import { problem, unreadable } from "../../problem.ts";
import type { VerdictProblem } from "../../verdict.ts";
import type { CodeSignature } from "../code-signature/read-signature.ts";
import { type CodePlan, planCode } from "../macho/plan-code.ts";
import { pagesStretch } from "../macho/code-sweep.ts";
import { type BundleLayout, layOut } from "./bundle-layout.ts";
import { type CodeResources, parseCodeResources, type Seal } from "./code-resources.ts";
import { isSignatureFile, readFileSignature } from "./file-signature.ts";
import { checkAround, planSeal, type SealedFile } from "./seal.ts";
import type { Survey } from "./survey.ts";

const MAX_DEPTH = 12;
const MAX_UNITS = 2000;
/** Bundles of iOS with code, by their names. */
const CODE_BUNDLE = /\.(?:app|appex|framework|xpc|bundle|plugin)$/;

/** A bundle, or a file of code by itself. */
export interface Unit {
  /** Its folder or file, without a slash at the end. */
  readonly path: string;
  readonly layout: BundleLayout | undefined;
  /** Path and plan of its Mach-O file. */
  readonly code: { readonly path: string; readonly plan: CodePlan } | undefined;
  /** Of a bundle without code. */
  readonly fileSignature: CodeSignature | undefined;
  readonly resources: CodeResources | undefined;
  readonly sealed: readonly SealedFile[];
  readonly nested: readonly { readonly unit: Unit; readonly seal: Seal }[];
  /** Code that only its own signature stands for, beside the hash of its file. */
  readonly loose: readonly Unit[];
  readonly problems: readonly VerdictProblem[];
}

export interface Planner {
  readonly survey: Survey;
  /** The folder of the outermost bundle, with a slash. */
  readonly outer: string;
  units: number;
}

export async function planBundle(planner: Planner, folder: string, depth = 0): Promise<Unit> {
  const { survey } = planner;
  const path = folder.slice(0, -1);
  const problems: VerdictProblem[] = [];
  const empty = { path, code: undefined, fileSignature: undefined, resources: undefined, sealed: [], nested: [], loose: [] };
  planner.units += 1;
  if (depth > MAX_DEPTH || planner.units > MAX_UNITS)
    return { ...empty, layout: undefined, problems: [problem("signing/unsupported", "too much code inside code", path)] };
  const layout = await readable(problems, path, () => layOut(survey, folder));
  if (layout === undefined) return { ...empty, layout, problems };
  const { base, executable } = layout;
  const code = executable === undefined ? undefined : planFile(survey, executable, problems);
  const signatureFolder = `${base}_CodeSignature/`;
  const fileSignature =
    executable === undefined ? await readable(problems, path, async () => readFileSignature(survey, signatureFolder)) : undefined;
  const seal = survey.contents.get(`${signatureFolder}CodeResources`);
  const resources = seal && (await readable(problems, `${signatureFolder}CodeResources`, () => parseCodeResources(seal)));
  const plan = resources && (await readable(problems, path, async () => planSeal(survey, layout, resources, planner.outer)));
  problems.push(...(plan?.problems ?? []), ...checkSignatureFolder(survey, signatureFolder, fileSignature !== undefined));
  if (resources !== undefined) problems.push(...checkAround(survey, layout));
  const nested: { unit: Unit; seal: Seal }[] = [];
  for (const one of plan?.nested ?? []) {
    nested.push({ unit: await planNested(planner, one.path, depth), seal: one.seal });
    for (const version of otherVersions(survey, one.path))
      nested.push({ unit: await planBundle(planner, version, depth + 1), seal: one.seal });
  }
  const taken = nested.map(({ unit }) => unit.path);
  const loose = layout.shape === "shallow" ? await planLoose(planner, layout, taken, depth) : [];
  // What the signature of the code inside is made of need not be sealed again: its own code directory has a hash of it.
  const bound = new Set(loose.flatMap(sealOf));
  const left = problems.filter(({ code: reason, where }) => reason !== "signing/uncovered" || where === undefined || !bound.has(where));
  return { path, layout, code, fileSignature, resources, sealed: plan?.sealed ?? [], nested, loose, problems: left };
}

/** Undefined, and why: the rest is verified nevertheless. */
async function readable<T>(problems: VerdictProblem[], where: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (thrown) {
    if (!isBroken(thrown)) throw thrown;
    problems.push(unreadable(thrown, where));
    return undefined;
  }
}

/** Path of the list in which a signed bundle seals its files. */
function sealOf({ layout, code, resources }: Unit): readonly string[] {
  return layout !== undefined && resources !== undefined && code?.plan.isSigned === true
    ? [`${layout.base}_CodeSignature/CodeResources`]
    : [];
}

/** A bundle's folder, or a file. */
async function planNested(planner: Planner, path: string, depth: number): Promise<Unit> {
  if (planner.survey.files.get(path)?.kind !== "file") return planBundle(planner, `${path}/`, depth + 1);
  planner.units += 1;
  return planBare(planner.survey, path);
}

function planBare(survey: Survey, path: string): Unit {
  const problems: VerdictProblem[] = [];
  const code = planFile(survey, path, problems);
  // Scripts have their signatures in attributes of the file system, which archives keep elsewhere.
  if (code === undefined && problems.length === 0)
    problems.push(problem("signing/unsupported", "code that is no Mach-O file: its signature is not in the archive", path));
  return { path, layout: undefined, code, fileSignature: undefined, resources: undefined, sealed: [], nested: [], loose: [], problems };
}

function planFile(survey: Survey, path: string, problems: VerdictProblem[]): Unit["code"] {
  const damage = survey.damaged.get(path);
  if (damage !== undefined) problems.push(problem("signing/malformed", damage, path));
  const layout = survey.code.get(path);
  return layout && { path, plan: planCode(layout, path) };
}

/** `…/X.framework/Versions/B/` beside the current one: code of its own, sealed by the same requirement. */
function otherVersions(survey: Survey, path: string): readonly string[] {
  const current = survey.files.get(`${path}/Versions/Current`)?.target?.replace(/^\.\/|\/$/g, "");
  if (current === undefined) return [];
  const prefix = `${path}/Versions/`;
  const names = survey.paths.flatMap((one) => (one.startsWith(prefix) ? (/^([^/]+)\//.exec(one.slice(prefix.length))?.[1] ?? []) : []));
  return [...new Set(names)].filter((name) => name !== current && name !== "Current").map((name) => `${prefix}${name}/`);
}

async function planLoose(
  planner: Planner,
  { folder, executable }: BundleLayout,
  nested: readonly string[],
  depth: number,
): Promise<readonly Unit[]> {
  const { survey } = planner;
  const isTaken = (path: string): boolean => nested.some((one) => path === one || path.startsWith(`${one}/`));
  const bundles = new Set<string>();
  const files: string[] = [];
  for (const path of survey.paths) {
    if (!path.startsWith(folder) || path === executable || isTaken(path)) continue;
    const bundle = outermostBundle(path.slice(folder.length));
    if (bundle !== undefined) bundles.add(`${folder}${bundle}/`);
    else if (survey.code.get(path)?.slices.some(({ isSignable }) => isSignable) === true) files.push(path);
  }
  const units = files.map((path) => planBare(survey, path));
  for (const bundle of bundles) {
    const unit = await planBundle(planner, bundle, depth + 1);
    // A bundle of resources has no signature of its own.
    if (unit.code !== undefined || unit.fileSignature !== undefined || unit.resources !== undefined || unit.loose.length > 0)
      units.push(unit);
  }
  return units;
}

function outermostBundle(inside: string): string | undefined {
  const parts = inside.split("/");
  const index = parts.slice(0, -1).findIndex((part) => CODE_BUNDLE.test(part));
  return index === -1 ? undefined : parts.slice(0, index + 1).join("/");
}

/** Only what the signature is made of may be there. */
function checkSignatureFolder(survey: Survey, folder: string, isInFiles: boolean): readonly VerdictProblem[] {
  return survey.paths.flatMap((path) => {
    if (!path.startsWith(folder) || survey.files.get(path)?.kind === "folder" || survey.attributes.has(path)) return [];
    const name = path.slice(folder.length);
    if (name === "CodeResources" || (isInFiles && isSignatureFile(name))) return [];
    if (name === "CodeSignature" && survey.files.get(path)?.bytes === 0) return [];
    return [problem("signing/uncovered", "the signature does not cover it", path)];
  });
}

/** All units, the outermost first. */
export function unitsOf(unit: Unit): readonly Unit[] {
  return [unit, ...unit.nested.flatMap((one) => unitsOf(one.unit)), ...unit.loose.flatMap(unitsOf)];
}

/** The Info.plist against a code directory that calls it the code. */
export function fileStretches({
  fileSignature,
  layout,
}: Unit): { readonly path: string; readonly stretches: ReturnType<typeof pagesStretch>[] } | undefined {
  if (fileSignature === undefined || layout?.info === undefined) return undefined;
  const { info } = layout;
  return {
    path: info,
    stretches: fileSignature.directories.map((directory) => pagesStretch({ offset: 0, directory, encryptedAt: undefined, where: info })),
  };
}
