// A bundle's verdict, and that of the code inside it: what is wrong with any of it is wrong with the whole.
import { isBroken } from "../../../broken.ts";
import type { HashName } from "../../public-key.ts";
import { problem } from "../../problem.ts";
import { VERDICT_CODES, type VerdictProblem } from "../../verdict.ts";
import type { VerifyContext } from "../../verifier.ts";
import { cdhashOf } from "../code-signature/code-directory.ts";
import { cdhashesOf, judgeCode, type Outside } from "../code-signature/judge-code.ts";
import { satisfies } from "../code-signature/requirement.ts";
import { SLOT } from "../code-signature/super-blob.ts";
import type { JudgedSlice } from "../code-verdict.ts";
import type { Place } from "../identity.ts";
import { sliceName } from "../macho/plan-code.ts";
import { sweep, type Swept, type SweepPlan } from "../sweep.ts";
import type { Archive } from "./archive.ts";
import type { Seal } from "./code-resources.ts";
import { TOP_DIRECTORY_FILE } from "./file-signature.ts";
import { fileStretches, type Unit, unitsOf } from "./plan-bundle.ts";
import type { Survey } from "./survey.ts";

export interface BundleQuestion {
  readonly archive: Archive;
  readonly survey: Survey;
  readonly context: VerifyContext;
  readonly place: Place;
}

export interface JudgedUnit {
  readonly unit: Unit;
  /** Empty: it is not signed. */
  readonly slices: readonly JudgedSlice[];
  /** Of this code alone, without what its slices say. */
  readonly problems: readonly VerdictProblem[];
  readonly inside: readonly JudgedUnit[];
}

/** The second pass: each file that anything is said of is read once, whoever says it. */
export async function sweepUnits({ archive, survey }: BundleQuestion, units: readonly Unit[]): Promise<ReadonlyMap<string, Swept>> {
  const plans = new Map<string, { hashes: Set<HashName>; stretches: SweepPlan["stretches"][number][] }>();
  const planFor = (path: string) => {
    const plan = plans.get(path) ?? { hashes: new Set(), stretches: [] };
    plans.set(path, plan);
    return plan;
  };
  for (const unit of units.flatMap(unitsOf)) {
    for (const { path, seal } of unit.sealed) for (const { name } of seal.hashes) planFor(path).hashes.add(name);
    if (unit.code?.plan.isSigned === true) planFor(unit.code.path).stretches.push(...unit.code.plan.stretches);
    const files = fileStretches(unit);
    if (files !== undefined) planFor(files.path).stretches.push(...files.stretches);
  }
  const swept = new Map<string, Swept>();
  await archive.pass(
    (path) => plans.has(path) && survey.files.has(path),
    async (path, source) => void swept.set(path, await sweep(source, plans.get(path) ?? { hashes: new Set(), stretches: [] })),
  );
  return swept;
}

export async function judgeUnit(question: BundleQuestion, unit: Unit, swept: ReadonlyMap<string, Swept>): Promise<JudgedUnit> {
  const problems = [...unit.problems, ...(unit.code?.plan.isSigned === true ? unit.code.plan.problems : [])];
  for (const { path, seal } of unit.sealed)
    if (!isWhole(swept.get(path), seal)) problems.push(problem("signing/digest-mismatch", "it is not what was signed", path));
  const codePath = unit.code?.path ?? (unit.fileSignature === undefined ? undefined : unit.layout?.info);
  problems.push(...((codePath === undefined ? undefined : swept.get(codePath))?.problems ?? []));
  const slices = await judgeSlices(question, unit);
  if (slices.length > 0 && unit.layout !== undefined && !question.survey.contents.has(`${unit.layout.base}_CodeSignature/CodeResources`))
    problems.push(problem("signing/uncovered", "the bundle has no seal: none of its files is signed", unit.path));
  const inside: JudgedUnit[] = [];
  for (const { unit: nested, seal } of unit.nested) {
    const judged = await judgeUnit(question, nested, swept);
    inside.push({ ...judged, problems: [...judged.problems, ...nestedProblems(judged, seal)] });
  }
  for (const loose of unit.loose) inside.push(await judgeUnit(question, loose, swept));
  return { unit, slices, problems, inside };
}

async function judgeSlices({ survey, context, place }: BundleQuestion, unit: Unit): Promise<readonly JudgedSlice[]> {
  const { code, fileSignature, layout, path } = unit;
  if (fileSignature !== undefined) {
    const judged = await judgeCode({ signature: fileSignature, outside: outsideOf(survey, unit, undefined), context, place, where: path });
    return [{ signature: fileSignature, judged }];
  }
  if (code === undefined || !code.plan.isSigned) return [];
  const slices: JudgedSlice[] = [];
  for (const { slice, signature } of code.plan.slices) {
    const of = survey.code.get(code.path);
    const where = (of && sliceName(of, slice, path)) ?? path;
    const outside = outsideOf(survey, unit, layout === undefined ? slice.info : undefined);
    const judged = signature && (await judgeCode({ signature, outside, context, place, where }));
    slices.push({ signature, judged, machine: slice.machine, isProgram: slice.isProgram });
  }
  return slices;
}

/** `info`: the list inside a file by itself. */
function outsideOf({ contents }: Survey, { layout }: Unit, info: Uint8Array | undefined): ReadonlyMap<number, Outside> {
  const file = (path: string | undefined): Outside => (path === undefined ? undefined : contents.get(path)) ?? "missing";
  if (layout === undefined) return new Map([[SLOT.info, info ?? "missing"]]);
  return new Map([
    [SLOT.info, file(layout.info)],
    [SLOT.resources, file(`${layout.base}_CodeSignature/CodeResources`)],
    [SLOT.application, file(`${layout.base}_CodeSignature/${TOP_DIRECTORY_FILE}`)],
  ]);
}

function isWhole(swept: Swept | undefined, { hashes }: Seal): boolean {
  return hashes.every(({ name, value }) => {
    const digest = swept?.digests.get(name);
    return digest !== undefined && Buffer.compare(digest.subarray(0, value.length), value) === 0;
  });
}

/** Whether nested code is what its seal asks for: by name, else by what it has to satisfy; every slice of it. */
function nestedProblems({ unit, slices }: JudgedUnit, { nested }: Seal): readonly VerdictProblem[] {
  const { path } = unit;
  const signed = slices.filter(({ signature }) => signature !== undefined);
  if (nested === undefined) return [];
  if (signed.length === 0)
    return unit.problems.length > 0 ? [] : [problem("signing/stripped", "it was signed, the signature is gone", path)];
  try {
    const others = signed.filter(({ signature }) => signature !== undefined && !cdhashesOf(signature).includes(nested.cdhash ?? ""));
    const strangers = others.filter((slice) => !satisfies(nested.requirement, subjectOf(slice)));
    if (strangers.length > 0) return [problem("signing/digest-mismatch", "other code stands where this was signed", path)];
    if (others.length < signed.length || others.length === 0) return [];
    return [problem("signing/partial", "it is not the code that was sealed, but satisfies the requirement of its seal", path)];
  } catch (thrown) {
    if (isBroken(thrown)) return [problem("signing/unsupported", thrown.message, path)];
    throw thrown;
  }
}

function subjectOf({ signature, judged }: JudgedSlice): Parameters<typeof satisfies>[1] {
  const signer = judged?.signer;
  // A signature that does not hold satisfies nothing that is about its signer.
  const holds = judged !== undefined && !judged.problems.some(({ code }) => VERDICT_CODES[code] === "fatal");
  return {
    identifier: signature?.directories[0].identifier ?? "",
    cdhashes: signature?.directories.map(cdhashOf) ?? [],
    chain: holds ? (signer?.chain ?? []) : [],
    isApples: holds && signer?.isApples === true,
    isSoftwareOfApple: holds && signer?.isApples === true && signer.identity?.name === "Apple Software Signing",
  };
}
