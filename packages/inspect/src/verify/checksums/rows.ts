// Lines of a list of digests: GNU's (`digest  name`, `digest *name`, a backslash in front where the name is escaped) and BSD's
// (`SHA256 (name) = digest`), as sha256sum of coreutils reads both. The digest alone is one of a single file.
import type { HashName } from "../public-key.ts";

const BY_DIGITS: Readonly<Record<number, HashName>> = { 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512" };
const BY_TAG: Readonly<Record<string, HashName>> = { SHA224: "sha224", SHA256: "sha256", SHA384: "sha384", SHA512: "sha512" };
const GNU = /^(\\?)([0-9A-Fa-f]{56,128}) [ *](.+)$/;
const BSD = /^(\\?)(?:SHA|SHA2-)(224|256|384|512) ?\((.+)\) ?= ([0-9A-Fa-f]{56,128})$/;
const ALONE = /^[0-9A-Fa-f]{56,128}$/;
const ESCAPES: Readonly<Record<string, string>> = { "\\\\": "\\", "\\n": "\n", "\\r": "\r" };

export interface Row {
  /** Absent: the digest stands alone. */
  readonly name?: string;
  readonly hash: HashName;
  /** Hexadecimal, in small letters. */
  readonly digest: string;
}

/** Those that can be read, in order; others are passed over, as sha256sum does. */
export function parseRows(lines: readonly string[]): readonly Row[] {
  return lines.flatMap((raw) => {
    const line = raw.replace(/\r$/, "");
    const read = parseGnu(line) ?? parseBsd(line) ?? parseAlone(line);
    return read ? [read] : [];
  });
}

/**
 * Those that tell of a file: under its own name, or, where there are none, in whatever folder. `isOfFile`: the list is the file's own, and a digest
 * alone is its.
 */
export function rowsOf(
  rows: readonly Row[],
  fileName: string,
  isOfFile: boolean,
): { readonly rows: readonly Row[]; readonly isExact: boolean } {
  const exact = rows.filter(({ name }) =>
    name === undefined ? isOfFile && rows.length === 1 : name.replace(/^(?:\.\/)+/, "") === fileName,
  );
  if (exact.length > 0) return { rows: exact, isExact: true };
  return { rows: rows.filter(({ name }) => name !== undefined && name.slice(name.lastIndexOf("/") + 1) === fileName), isExact: false };
}

function parseGnu(line: string): Row | undefined {
  const [, mark, digest = "", name = ""] = GNU.exec(line) ?? [];
  return row(mark, name, digest, BY_DIGITS[digest.length]);
}

function parseBsd(line: string): Row | undefined {
  const [, mark, bits = "", name = "", digest = ""] = BSD.exec(line) ?? [];
  const hash = BY_TAG[`SHA${bits}`];
  return hash === BY_DIGITS[digest.length] ? row(mark, name, digest, hash) : undefined;
}

function parseAlone(line: string): Row | undefined {
  const digest = line.trim();
  const hash = BY_DIGITS[digest.length];
  return ALONE.test(digest) && hash !== undefined ? { hash, digest: digest.toLowerCase() } : undefined;
}

function row(mark: string | undefined, name: string, digest: string, hash: HashName | undefined): Row | undefined {
  if (mark === undefined || hash === undefined) return undefined;
  const own = mark === "" ? name : unescaped(name);
  return own === undefined ? undefined : { name: own, hash, digest: digest.toLowerCase() };
}

/** Undefined: it ends within, or has one that is not known. */
function unescaped(name: string): string | undefined {
  if (!/^(?:[^\\]|\\[\\nr])*$/.test(name)) return undefined;
  return name.replace(/\\[\\nr]/g, (escape) => ESCAPES[escape] as string);
}
