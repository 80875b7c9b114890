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
  return {
    hasExceptions: patterns.some(({ isException }) => isException) || kept.size > 0,
    ignores(path) {
      if (kept.has(path)) return false;
      const names = path.split("/");
      const places = names.map((_, index) => names.slice(0, index + 1).join("/"));
      const last = patterns.findLast(({ expression }) => places.some((place) => expression.test(place)));
      return last !== undefined && !last.isException;
    },
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

/** Without `.`, `..`, doubled slashes, and the slash in front. */
function cleanPath(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
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
