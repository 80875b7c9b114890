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
 * holds), `latest` or `*`. A pre-release is accepted only where the constraint itself names one. Throws `usage/invalid`.
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
      return /,[abcd]/.test(version.sortKey);
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
  const namesPreRelease = parts.some((part) => /[0-9]-[0-9A-Za-z]/.test(part));
  return (version) => (namesPreRelease || !isPreRelease(version)) && tests.every((test) => test(version));
}

function parseOne(part: string, scheme: VersionScheme | undefined): Test {
  const [, operator = "", operand = ""] = /^(>=|<=|>|<|=|\^|~)?(.*)$/.exec(part) ?? [];
  const bare = bareVersion(operand);
  const numbers = bare.split(/[-+]/)[0]?.split(".") ?? [];
  const isShort = numbers.length < 3 && numbers.every((number) => /^[0-9]+$/.test(number)) && !/[-+]/.test(bare);
  const at = (text: string): string => parseVersion(text, scheme).sortKey;
  const from = at(bare);
  // Upper ends are exclusive and lie before every pre-release of that version: 2.0.0-rc.1 is not in ^1.
  const below = (count: number): Test => {
    const raised = numbers.slice(0, count).map((number, index) => (index === count - 1 ? String(BigInt(number) + 1n) : number));
    const end = at([...raised, "0", "0"].slice(0, 3).join(".")).replace("~", "-");
    return (version) => version.sortKey < end;
  };
  const atLeast: Test = (version) => version.sortKey >= from;
  const both =
    (upper: Test): Test =>
    (version) =>
      atLeast(version) && upper(version);
  switch (operator) {
    case ">=":
      return atLeast;
    case ">":
      return isShort ? not(below(numbers.length)) : (version) => version.sortKey > from;
    case "<":
      return (version) => version.sortKey < from.replace("~", isShort ? "-" : "~");
    case "<=":
      return isShort ? below(numbers.length) : (version) => version.sortKey <= from;
    case "^": {
      const firstNonZero = numbers.findIndex((number) => Number(number) !== 0);
      return both(below(firstNonZero === -1 ? numbers.length : firstNonZero + 1));
    }
    case "~":
      return both(below(Math.min(2, numbers.length)));
    default:
      return isShort ? both(below(numbers.length)) : (version) => version.sortKey === from;
  }
}

function not(test: Test): Test {
  return (version) => !test(version);
}
