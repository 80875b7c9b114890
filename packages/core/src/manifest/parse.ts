import type { z } from "zod";
import { DistError } from "../errors/dist-error.ts";
import { type LocatedJson, parseLocatedJson, type Position } from "../json/located-json.ts";
import { decodeUtf8, decodeValidStart } from "../text/utf8.ts";
import { bareVersion } from "../version/scheme.ts";
import { type Manifest, manifestSchema } from "./schema.ts";

/** One thing wrong with a manifest. `field` is written as in code: `artifacts[0].path`. */
export interface ManifestProblem {
  readonly line: number;
  readonly column: number;
  readonly field: string;
  readonly message: string;
}

/** A manifest that is right by itself. What its files say about it can still be wrong: `reject` makes the error for the place that is. */
export interface ParsedManifest {
  readonly manifest: Manifest;
  reject(path: readonly (string | number)[], message: string): DistError;
}

/** Reads `dist.json`. Every problem is found at once; the error is `manifest/invalid`, its details hold `file` and `problems` in their order. */
export function parseManifest(bytes: Uint8Array, file: string): ParsedManifest {
  const located = locatedAt(bytes, file);
  const result = manifestSchema.safeParse(located.value);
  const issues = [...(result.success ? [] : result.error.issues.flatMap(flatten)), ...duplicatePaths(located.value)];
  const problems = issues
    .map((issue) => ({ ...located.locate(issue.path), field: renderPath(issue.path), message: issue.message }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
  if (!result.success || problems.length > 0) throw invalid(file, problems);
  return {
    manifest: { ...result.data, version: bareVersion(result.data.version) },
    reject: (path, message) => invalid(file, [{ ...located.locate(path), field: renderPath(path), message }]),
  };
}

function locatedAt(bytes: Uint8Array, file: string): LocatedJson {
  try {
    return parseLocatedJson(decodeUtf8(bytes));
  } catch (error) {
    if (!(error instanceof DistError)) throw error;
    const { line, column } = error.code === "text/invalid-utf8" ? endOf(decodeValidStart(bytes)) : (error.details as unknown as Position);
    throw invalid(file, [{ line, column, field: "", message: error.message.replace(/^line \d+: /, "") }], error);
  }
}

function endOf(text: string): Position {
  const lines = text.split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Entries that name the same file or link. Looks at the plain value, so that they are found beside other mistakes. */
function duplicatePaths(value: unknown): Issue[] {
  const entries: unknown = Object(value).artifacts;
  const seen = new Set<string>();
  return (Array.isArray(entries) ? entries : []).flatMap((entry: unknown, index) => {
    const { path, link } = Object(entry) as { readonly path?: unknown; readonly link?: unknown };
    const key = path ?? link;
    if (typeof key !== "string") return [];
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew ? [] : [{ path: ["artifacts", index], message: `'${key}' is listed twice` }];
  });
}

/** A union's issue says only that nothing fits: show what the member that came closest misses. Unknown keys point at the key itself. */
function flatten(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const closest = [...issue.errors].sort((a, b) => Number(isOtherKind(a)) - Number(isOtherKind(b)) || a.length - b.length)[0] ?? [];
    return closest.flatMap(flatten).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: `there is no field '${key}'` }));
  }
  return [{ path: issue.path, message: issue.message }];
}

/** Whether another member of the union was meant: this one does not know the `path` or `link` that is there. */
function isOtherKind(issues: readonly z.core.$ZodIssue[]): boolean {
  return issues.some((issue) => issue.code === "unrecognized_keys" && (issue.keys.includes("path") || issue.keys.includes("link")));
}

function renderPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

function invalid(file: string, problems: readonly ManifestProblem[], cause?: unknown): DistError {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  const where = first
    ? `${file}:${first.line}:${first.column}: ${first.field === "" ? "" : `${first.field}: `}${first.message}${more}`
    : file;
  return new DistError("manifest/invalid", where, {
    cause,
    details: { file, line: first?.line, column: first?.column, field: first?.field, problems },
  });
}
