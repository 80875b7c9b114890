import type { z } from "zod";
import { DistError } from "../errors/dist-error.ts";
import { parseLocatedJson } from "../json/located-json.ts";
import { decodeUtf8 } from "../text/utf8.ts";
import { bareVersion } from "../version/scheme.ts";
import { isLinkEntry, type Manifest, manifestSchema } from "./schema.ts";

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

/** Reads `dist.json`. Every problem is found at once; the error is `manifest/invalid`, its details hold `file` and `problems`. */
export function parseManifest(bytes: Uint8Array, file: string): ParsedManifest {
  const located = locatedAt(bytes, file);
  const result = manifestSchema.safeParse(located.value);
  const problems = result.success
    ? duplicatePaths(result.data, located.locate)
    : result.error.issues
        .flatMap(flatten)
        .map((issue) => ({ ...located.locate(issue.path), field: renderPath(issue.path), message: issue.message }));
  if (!result.success || problems.length > 0) throw invalid(file, problems);
  return {
    manifest: { ...result.data, version: bareVersion(result.data.version) },
    reject: (path, message) => invalid(file, [{ ...located.locate(path), field: renderPath(path), message }]),
  };
}

function locatedAt(bytes: Uint8Array, file: string) {
  try {
    return parseLocatedJson(decodeUtf8(bytes));
  } catch (error) {
    if (!(error instanceof DistError)) throw error;
    const { line = 1, column = 1 } = error.details as { line?: number; column?: number };
    throw invalid(file, [{ line, column, field: "", message: error.message.replace(/^line \d+: /, "") }], error);
  }
}

function duplicatePaths(manifest: Manifest, locate: (path: readonly PropertyKey[]) => { line: number; column: number }): ManifestProblem[] {
  const seen = new Set<string>();
  return manifest.artifacts.flatMap((entry, index) => {
    const key = isLinkEntry(entry) ? entry.link : entry.path;
    const isNew = !seen.has(key);
    seen.add(key);
    if (isNew) return [];
    const path = ["artifacts", index];
    return [{ ...locate(path), field: renderPath(path), message: `'${key}' is listed twice` }];
  });
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A union's issue says only that nothing fits: show what the member that came closest misses. Unknown keys point at the key itself. */
function flatten(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const closest = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [];
    return closest.flatMap(flatten).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: `there is no field '${key}'` }));
  }
  return [{ path: issue.path, message: issue.message }];
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  // A missing `path` or `link` means another kind of entry was meant; any other complaint means this kind was.
  return issues.some((issue) => issue.code === "invalid_type" && (issue.path[0] === "path" || issue.path[0] === "link")) ? 0 : 1;
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
