import { DistError } from "../errors/dist-error.ts";
import { bareVersion, parseVersion, type Version, type VersionScheme } from "./scheme.ts";

/** Which versions somebody accepts. `latest` accepts all; the caller takes the newest. */
export interface Constraint {
  readonly text: string;
  accepts(version: Version): boolean;
}

type Test = (version: Version) => boolean;

/**
 * Reads a constraint: exact (`1.4.0`), prefix (`1`, `1.4`), `>= > <= < =`, `^`, `~`, several with spaces or commas (all hold), `||` (one
 * holds), `latest` or `*`. A pre-release is accepted only where the constraint itself names one. Versions of a scheme with another order
 * are not accepted: for those give the scheme. Throws `usage/invalid`.
 */
export function parseConstraint(text: string, scheme?: VersionScheme): Constraint {
  const trimmed = text.trim();
  if (trimmed === "latest" || trimmed === "*") return { text: trimmed, accepts: (version) => !isPreRelease(version) };
  const alternatives = trimmed.split("||").map((part) => parseAll(part, scheme));
  return { text: trimmed, accepts: (version) => alternatives.some((test) => test(version)) };
}

export function isPreRelease(version: Version): boolean {
  switch (version.scheme) {
    case "semver":
    case "calver":
      return version.sortKey.includes("-");
    case "pep440":
      // a, alpha, b, beta, c, rc, pre, preview, dev: letters that post, rev and r do not have.
      return /^[^+]*(?:[abcd]|pre)/i.test(version.text);
    default:
      return false;
  }
}

function parseAll(text: string, scheme: VersionScheme | undefined): Test {
  // ">= 1.2" is written with a space often enough: join operators to their version first.
  const parts = text
    .replace(/([<>=^~])\s+/g, "$1")
    .split(/[\s,]+/)
    .filter((part) => part !== "");
  if (parts.length === 0)
    throw new DistError("usage/invalid", "a version constraint is empty", { hint: "write latest, 1.4, >=1.4 <2 or ^1.4.0" });
  const tests = parts.map((part) => parseOne(part, scheme));
  const namesPreRelease = tests.some(({ bound }) => isPreRelease(bound));
  return (version) => (namesPreRelease || !isPreRelease(version)) && tests.every(({ test }) => test(version));
}

function parseOne(part: string, scheme: VersionScheme | undefined): { readonly bound: Version; readonly test: Test } {
  const [, operator = "", operand = ""] = /^(>=|<=|>|<|=|\^|~)?(.*)$/.exec(part) ?? [];
  const bare = bareVersion(operand);
  const [, epoch = "", digits = ""] = /^([0-9]+[!:])?([0-9]+(?:\.[0-9]+)*)?/.exec(bare) ?? [];
  const numbers = digits === "" ? [] : digits.split(".");
  const isShort = numbers.length > 0 && numbers.length < 3 && `${epoch}${digits}` === bare;
  // A scheme may know no 1.4 by itself: 1.4.0 has the same key.
  const isPadded = isShort && scheme !== undefined && orderOf(scheme) === "dotted";
  const bound = parseVersion(isPadded ? padded(numbers) : bare, scheme);
  const accepts = bound.scheme === "opaque" ? exactText(part, operator, bound) : inRange(operator, bound, { epoch, numbers, isShort });
  return { bound, test: (version) => orderOf(version.scheme) === orderOf(bound.scheme) && accepts(version) };
}

/** An opaque version is before and after none. */
function exactText(part: string, operator: string, bound: Version): Test {
  if (operator !== "" && operator !== "=")
    throw new DistError("usage/invalid", `'${part.slice(0, 80)}' compares with a version that has no order`);
  return (version) => version.text === bound.text;
}

interface Numbers {
  readonly epoch: string;
  readonly numbers: readonly string[];
  /** One or two numbers and nothing else: a prefix. */
  readonly isShort: boolean;
}

function inRange(operator: string, { scheme, sortKey: from }: Version, { epoch, numbers, isShort }: Numbers): Test {
  /** Before the pre-releases of the version that follows the first `count` numbers: 2.0.0-rc.1 is not in ^1. */
  const below = (count: number): Test => {
    if (count === 0) throw new DistError("usage/invalid", "^ and ~ need a version that begins with a number");
    const next = numbers.slice(0, count).map((number, index) => (index === count - 1 ? String(BigInt(number) + 1n) : number));
    const end = startOf(epoch, next, scheme);
    return (version) => version.sortKey < end;
  };
  const atLeast: Test = (version) => version.sortKey >= from;
  const upTo =
    (upper: Test): Test =>
    (version) =>
      atLeast(version) && upper(version);
  switch (operator) {
    case ">=":
      return atLeast;
    case ">":
      return isShort ? not(below(numbers.length)) : (version) => version.sortKey > from;
    case "<": {
      const end = isShort ? startOf(epoch, numbers, scheme) : from;
      return (version) => version.sortKey < end;
    }
    case "<=":
      return isShort ? below(numbers.length) : (version) => version.sortKey <= from;
    case "^": {
      const firstNonZero = numbers.findIndex((number) => BigInt(number) !== 0n);
      return upTo(below(firstNonZero === -1 ? numbers.length : firstNonZero + 1));
    }
    case "~":
      return upTo(below(Math.min(2, numbers.length)));
    default:
      return isShort ? upTo(below(numbers.length)) : (version) => version.sortKey === from;
  }
}

/** A key before every version that begins with these numbers, its pre-releases too. */
function startOf(epoch: string, numbers: readonly string[], scheme: VersionScheme): string {
  const text = `${epoch}${numbers.join(".")}`;
  switch (scheme) {
    case "pep440":
      return parseVersion(`${text}.dev0`, scheme).sortKey;
    case "deb":
    case "rpm":
      return parseVersion(`${text}~~`, scheme).sortKey;
    default:
      return parseVersion(padded(numbers)).sortKey.replace(/~$/, "-");
  }
}

function padded(numbers: readonly string[]): string {
  return [...numbers, "0", "0"].slice(0, Math.max(3, numbers.length)).join(".");
}

/** Schemes with one name here have one order. */
function orderOf(scheme: VersionScheme): string {
  return scheme === "semver" || scheme === "calver" || scheme === "numeric" ? "dotted" : scheme;
}

function not(test: Test): Test {
  return (version) => !test(version);
}
