// in-toto statements (in-toto.io, "Statement"): what is said (the predicate), and of which files, by their digests.
import { broken } from "../../broken.ts";
import { isObject, parseJsonObject, textOf } from "../../json/parse-json.ts";
import type { HashName } from "../public-key.ts";

export const IN_TOTO = "application/vnd.in-toto+json";
const MAX_DEPTH = 64;
const MAX_SUBJECTS = 10_000;
const HASHES: readonly HashName[] = ["sha256", "sha384", "sha512"];

export interface Statement {
  readonly predicateType: string;
  readonly subjects: readonly Subject[];
}

export interface Subject {
  readonly name?: string;
  /** Hexadecimal; those that are known here. */
  readonly digests: ReadonlyMap<HashName, string>;
}

/** What cannot be read is `artifact/broken`. */
export function parseStatement(payload: Uint8Array): Statement {
  const statement = parseJsonObject(payload, MAX_DEPTH, "sigstore: a statement");
  const [predicateType, list] = [textOf(statement["predicateType"]), statement["subject"]];
  if (
    textOf(statement["_type"])?.startsWith("https://in-toto.io/Statement/") !== true ||
    predicateType === undefined ||
    !Array.isArray(list)
  )
    throw broken("sigstore: not an in-toto statement");
  if (list.length > MAX_SUBJECTS) throw broken(`sigstore: a statement of ${list.length} files`);
  return { predicateType, subjects: list.map(readSubject) };
}

function readSubject(value: unknown): Subject {
  const digest = isObject(value) ? value["digest"] : undefined;
  if (!isObject(value) || !isObject(digest)) throw broken("sigstore: a statement names a file without a digest");
  const name = textOf(value["name"]);
  const digests = HASHES.flatMap((hash) => {
    const text = Object.hasOwn(digest, hash) ? textOf(digest[hash]) : undefined;
    return text === undefined ? [] : [[hash, text.toLowerCase()] as const];
  });
  return { ...(name !== undefined && { name }), digests: new Map(digests) };
}

/** The first subject of which all digests that are known here are right; without any nothing is said. */
export function findSubject({ subjects }: Statement, digests: ReadonlyMap<HashName, Uint8Array>): Subject | undefined {
  const isRight = ([hash, digest]: readonly [HashName, string]): boolean => Buffer.from(digests.get(hash) ?? []).toString("hex") === digest;
  return subjects.find((subject) => subject.digests.size > 0 && [...subject.digests].every(isRight));
}
