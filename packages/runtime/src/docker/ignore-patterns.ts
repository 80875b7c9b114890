// .dockerignore (https://docs.docker.com/build/concepts/context/#dockerignore-files): one pattern to a line, the last that matches decides, `!` takes
// back, a folder stands for what is in it. `*` and `?` stay inside a name, `**` does not.
import { DistError } from "@distd/core";

export interface IgnorePatterns {
  /** Whether a path, with slashes and relative to the context, is left out. */
  ignores(path: string): boolean;
  /** Whether something in a folder that is left out may be taken back. */
  readonly hasExceptions: boolean;
}

interface Pattern {
  readonly isException: boolean;
  readonly expression: RegExp;
}

/** A pattern that cannot be read is `runtime/build-failed`. */
export function parseIgnorePatterns(text: string, always: readonly string[] = []): IgnorePatterns {
  const patterns = text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .flatMap(parseLine);
  const kept = new Set(always);

  /** Which patterns a path matches, and what comes of it. As the docker command does: one that would change nothing is not tried, not even for what is below. */
  const judge = (names: readonly string[]): { readonly matches: readonly boolean[]; readonly isIgnored: boolean } => {
    const above = names.length > 1 ? judge(names.slice(0, -1)).matches : [];
    const path = names.join("/");
    let isIgnored = false;
    const matches = patterns.map(({ isException, expression }, index) => {
      const isMatch = above[index] === true || (isException === isIgnored && expression.test(path));
      if (isMatch) isIgnored = !isException;
      return isMatch;
    });
    return { matches, isIgnored };
  };

  return {
    hasExceptions: patterns.some(({ isException }) => isException) || kept.size > 0,
    ignores: (path) => !kept.has(path) && judge(path.split("/")).isIgnored,
  };
}

function parseLine(line: string): Pattern[] {
  if (line.startsWith("#")) return [];
  const trimmed = line.trim();
  const isException = trimmed.startsWith("!");
  const path = cleanPath(isException ? trimmed.slice(1).trim() : trimmed);
  if (path === "") return [];
  try {
    return [{ isException, expression: new RegExp(`^${translate(path)}$`, "su") }];
  } catch (cause) {
    throw new DistError("runtime/build-failed", `.dockerignore: '${trimmed}' is no pattern`, { hint: "mend the line", cause });
  }
}

/** Without `.`, doubled slashes, the slash in front, and `..` but for one that leads out: nothing is there. */
function cleanPath(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === ".." && names.length > 0 && names.at(-1) !== "..") names.pop();
    else if (name !== "" && name !== "." && (name !== ".." || !path.startsWith("/"))) names.push(name);
  }
  return names.join("/");
}

const TRANSLATIONS: Readonly<Record<string, string>> = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" };

function translate(path: string): string {
  return path.replace(/\*\*\/|\*\*|\*|\?|\\.|\[\^?(?:\\.|[^\]\\])+\]|[\\^$.|+(){}[\]/]/gsu, (part) => {
    if (part in TRANSLATIONS) return TRANSLATIONS[part] ?? "";
    if (part.startsWith("[") && part.length > 1) return part;
    return part.slice(-1).replace(/[\\^$.|?*+()[\]{}/]/u, "\\$&");
  });
}
