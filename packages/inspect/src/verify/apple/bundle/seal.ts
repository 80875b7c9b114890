// The seal of a bundle against the files there are: which of them have to have a hash, which are code of their own, which are too many or
// missing (libsecurity_codesigning, resources.cpp and StaticCode.cpp, validateResources).
import { problem } from "../../problem.ts";
import type { VerdictProblem } from "../../verdict.ts";
import type { BundleLayout } from "./bundle-layout.ts";
import type { CodeResources, Seal } from "./code-resources.ts";
import { findRule } from "./rules.ts";
import type { Survey } from "./survey.ts";

const MAX_PROBLEMS = 50;
const MAX_NAMED = 5;
/** The directory of the signature, a ticket or a link of old; what the store puts in: never sealed. */
const EXCLUDED = /^(?:_CodeSignature(?:\/|$)|CodeResources$)/;
const RECEIPT = /^_MASReceipt\//;
const USUAL = /(?:^|\/)\.DS_Store$|^Info\.plist$|^PkgInfo$|\.lproj\/locversion\.plist$/;
/** Where links may lead outside of the bundle. */
const SYSTEM = /^\/(?:System|Library)\//;

export interface SealedFile {
  readonly path: string;
  readonly seal: Seal;
}

export interface SealPlan {
  /** Their content has to have these hashes. */
  readonly sealed: readonly SealedFile[];
  /** Code with a signature of its own, by path without slash: a bundle's folder or a file. */
  readonly nested: readonly SealedFile[];
  readonly problems: readonly VerdictProblem[];
}

/** `outer`: the folder of the outermost bundle, which links stay within. */
export function planSeal(survey: Survey, layout: BundleLayout, resources: CodeResources, outer: string): SealPlan {
  const { base, executable } = layout;
  const problems: VerdictProblem[] = [];
  const sealed: SealedFile[] = [];
  const nested: SealedFile[] = [];
  const missing = new Map(resources.seals);
  const folders = new Map<string, boolean>();
  const seen = new Set<string>();
  const unsealed: string[] = [];
  const attributes: string[] = [];
  const say = (code: VerdictProblem["code"], message: string, path: string): void => void problems.push(problem(code, message, path));
  const isNestedFolder = (folder: string): boolean => {
    let is = folders.get(folder);
    if (is === undefined) {
      is = folder.slice(folder.lastIndexOf("/") + 1).includes(".") && findRule(resources.rules, folder)?.isNested === true;
      folders.set(folder, is);
    }
    return is;
  };

  for (const path of survey.paths) {
    const file = survey.files.get(path);
    if (file === undefined || file.kind === "folder" || !path.startsWith(base) || path === executable) continue;
    const inside = path.slice(base.length).normalize("NFC");
    if (EXCLUDED.test(inside)) continue;
    if (survey.attributes.has(path) && !resources.seals.has(inside)) {
      attributes.push(inside);
      continue;
    }
    if (RECEIPT.test(inside)) {
      unsealed.push(inside);
      continue;
    }
    const bundle = foldersOf(inside).find(isNestedFolder);
    if (bundle !== undefined) {
      if (seen.has(bundle)) continue;
      seen.add(bundle);
      missing.delete(bundle);
      const seal = resources.seals.get(bundle);
      const whole = path.slice(0, base.length) + pathPrefix(path.slice(base.length), bundle);
      if (seal?.nested !== undefined) nested.push({ path: whole, seal });
      else say("signing/uncovered", seal === undefined ? "the signature does not cover it" : "it was no code when it was signed", whole);
      continue;
    }
    const rule = findRule(resources.rules, inside);
    if (rule === undefined || rule.isOmitted) {
      if (!USUAL.test(inside)) unsealed.push(inside);
      continue;
    }
    missing.delete(inside);
    const seal = resources.seals.get(inside);
    if (seal === undefined) {
      if (resources.version === 2 || file.kind !== "symlink") say("signing/uncovered", "the signature does not cover it", path);
    } else if (file.kind === "symlink") {
      if (seal.link === undefined || seal.link !== file.target) say("signing/digest-mismatch", "the link is not what was signed", path);
      else if (leavesBundle(path, seal.link, outer)) say("signing/uncovered", "the link leads out of the bundle", path);
    } else if (seal.link !== undefined || file.kind !== "file")
      say("signing/digest-mismatch", "it was something else when it was signed", path);
    else if (seal.nested !== undefined) nested.push({ path, seal });
    else sealed.push({ path, seal });
  }
  for (const [inside, { isOptional }] of missing)
    if (!isOptional) say("signing/digest-mismatch", "it was signed, and is missing", `${base}${inside}`);
  if (unsealed.length > 0)
    problems.push(problem("signing/partial", `the rules of its seal leave out ${listed(unsealed)}`, base.slice(0, -1)));
  if (attributes.length > 0)
    problems.push(problem("signing/partial", `attributes of files are not signed: ${listed(attributes)}`, base.slice(0, -1)));
  return { sealed, nested, problems: limited(problems, base) };
}

/** What lies beside the part that is sealed. */
export function checkAround(survey: Survey, { folder, shape, base }: BundleLayout): readonly VerdictProblem[] {
  if (shape === "shallow") return [];
  const problems: VerdictProblem[] = [];
  for (const path of survey.paths) {
    const file = survey.files.get(path);
    if (file === undefined || file.kind === "folder" || !path.startsWith(folder) || path.startsWith(base)) continue;
    const inside = path.slice(folder.length);
    if (survey.attributes.has(path)) continue;
    if (shape === "deep" ? isUsualInApp(inside) : isUsualInFramework(inside, file.target, base.slice(folder.length))) continue;
    problems.push(problem("signing/uncovered", "the signature does not cover it", path));
  }
  return limited(problems, folder);
}

function isUsualInApp(inside: string): boolean {
  return [".DS_Store", ".LSOverride", "Icon\r"].includes(inside);
}

/** Links to the same name in the current version; other versions are code of their own. */
function isUsualInFramework(inside: string, target: string | undefined, version: string): boolean {
  if (inside === ".DS_Store" || inside === "Versions/.DS_Store" || inside === "Versions/Current") return true;
  if (/^Versions\/[^/]+\/./.test(inside)) return true;
  const plain = target?.replace(/^\.\//, "");
  return !inside.includes("/") && (plain === `Versions/Current/${inside}` || plain === `${version}${inside}`);
}

function leavesBundle(path: string, target: string, outer: string): boolean {
  if (target.startsWith("/")) return !SYSTEM.test(target) || target.split("/").includes("..");
  const parts = path.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
    if (!`${parts.join("/")}/`.startsWith(outer)) return true;
  }
  return false;
}

/** The first letters of a path that are a folder, however the archive composes its letters. */
function pathPrefix(path: string, folder: string): string {
  return path.split("/").slice(0, folder.split("/").length).join("/");
}

function foldersOf(path: string): readonly string[] {
  const found: string[] = [];
  for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) found.push(path.slice(0, at));
  return found;
}

export function listed(names: readonly string[]): string {
  const rest = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** A bundle that is another altogether says so often enough. */
function limited(problems: readonly VerdictProblem[], base: string): readonly VerdictProblem[] {
  if (problems.length <= MAX_PROBLEMS) return problems;
  const kept = problems.slice(0, MAX_PROBLEMS);
  const [last] = problems.slice(MAX_PROBLEMS);
  return [...kept, problem(last?.code ?? "signing/digest-mismatch", `and ${problems.length - MAX_PROBLEMS} more`, base.slice(0, -1))];
}
