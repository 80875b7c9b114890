// Which files of a bundle its seal is about: regular expressions with weights, of which the heaviest that matches decides
// (libsecurity_codesigning, resources.cpp). They come with the bundle, so only patterns that cannot run away are evaluated.
import { broken, unknownKind } from "../../../broken.ts";
import { isDict, type PlistDict } from "../../../plist/plist-value.ts";

const MAX_RULES = 1000;
const MAX_PATTERN_LENGTH = 500;
const MAX_PATH_LENGTH = 1024;

export interface Rule {
  readonly source: string;
  readonly pattern: RegExp;
  readonly weight: number;
  readonly isOmitted: boolean;
  readonly isNested: boolean;
  readonly isOptional: boolean;
}

export function parseRules(dict: PlistDict): readonly Rule[] {
  const entries = Object.entries(dict);
  if (entries.length > MAX_RULES) throw broken(`${entries.length} resource rules`);
  return entries.map(([source, value]) => {
    const fields = isDict(value) ? value : {};
    const weight = fields["weight"];
    return {
      source,
      pattern: parsePattern(source),
      weight: typeof weight === "number" ? Math.trunc(weight) : 1,
      isOmitted: value === false || fields["omit"] === true,
      isNested: fields["nested"] === true,
      isOptional: fields["optional"] === true,
    };
  });
}

/** Undefined: no rule is about it. */
export function findRule(rules: readonly Rule[], path: string): Rule | undefined {
  if (path.length > MAX_PATH_LENGTH) throw broken(`a path of ${path.length} letters`);
  let best: Rule | undefined;
  for (const rule of rules) if (isHeavier(rule, best) && rule.pattern.test(path)) best = rule;
  return best;
}

/** Of two that weigh the same, the one that leaves the file out: systems differ in which comes first, and signers leave it out. */
function isHeavier(rule: Rule, than: Rule | undefined): boolean {
  if (than === undefined || rule.weight !== than.weight) return than === undefined || rule.weight > than.weight;
  return rule.isOmitted && !than.isOmitted;
}

/** Rules that leave out what any signer may, or that cover everything else (`hasWeakResourceRules`). */
export function isWeak(rules: readonly Rule[], version: 1 | 2): boolean {
  const coversAll = rules.some(
    ({ source, isOmitted, isNested }) => source === (version === 2 ? "^.*" : "^Resources/") && !isOmitted && !isNested,
  );
  return !coversAll || rules.some(({ source, isOmitted }) => isOmitted && !isUsualOmission(source));
}

function isUsualOmission(source: string): boolean {
  return USUAL_OMISSIONS.includes(source) || /^\^[\w/\\.]*\.\*\\\.lproj\/locversion\.plist\$$/.test(source);
}

const USUAL_OMISSIONS: readonly string[] = ["^(.*/)?\\.DS_Store$", "^Info\\.plist$", "^PkgInfo$"];

/** A POSIX extended expression as far as it means the same here, with one repetition at most: more can take forever. */
function parsePattern(source: string): RegExp {
  const refuse = (why: string): Error => unknownKind(`the resource rule ${JSON.stringify(source.slice(0, 80))} ${why}`);
  if (source.length > MAX_PATTERN_LENGTH) throw refuse("is too long");
  const bare = source.replace(/\\./gs, "").replace(/\[\^?\]?[^\]]*\]/g, "");
  if (/\\[A-Za-z0-9]/.test(source) || /\(\?|[{}]/.test(bare)) throw refuse("is of a form that is not evaluated");
  const repeats = (bare.match(/[*+]/g) ?? []).length;
  if (repeats > 1 || (repeats === 1 && /\)[*+]/.test(bare))) throw refuse("repeats more than once, which is not evaluated");
  try {
    return new RegExp(source, "s");
  } catch (cause) {
    throw broken(`the resource rule ${JSON.stringify(source.slice(0, 80))} is no expression`, cause);
  }
}
