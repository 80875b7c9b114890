// The pages of a Mach-O file against the hashes of its code directories, and that nothing lies where no hash covers it, in one pass.
import { createHash, type Hash } from "node:crypto";
import { problem } from "../../problem.ts";
import type { VerdictProblem } from "../../verdict.ts";
import type { CodeDirectory } from "../code-signature/code-directory.ts";
import { hasContent } from "../code-signature/super-blob.ts";

/** Takes the bytes of one stretch of a file in order, however cut, and says at its end what is wrong. */
export interface Stretch {
  readonly offset: number;
  readonly bytes: number;
  take(bytes: Uint8Array): void;
  finish(): readonly VerdictProblem[];
}

/** A stretch that no signature covers: only zeros may be there. */
export function uncoveredStretch(offset: number, bytes: number, what: string, where: string | undefined): Stretch {
  let found = false;
  return {
    offset,
    bytes,
    take: (chunk) => void (found ||= hasContent(chunk)),
    finish: () => (found ? [problem("signing/uncovered", what, where)] : []),
  };
}

export interface Pages {
  /** Where the code begins in the file. */
  readonly offset: number;
  readonly directory: CodeDirectory;
  /** What the store encrypted, relative to the code. */
  readonly encryptedAt: { readonly offset: number; readonly bytes: number } | undefined;
  readonly where: string | undefined;
}

/** The pages of one code directory. */
export function pagesStretch({ offset, directory, encryptedAt, where }: Pages): Stretch {
  const { codeLimit, hash, pages } = directory;
  const pageBytes = directory.pageBytes ?? Math.max(codeLimit, 1);
  const bad: number[] = [];
  let index = 0;
  let begun: { hash: Hash; bytes: number } | undefined;
  const end = (digest: Buffer): void => {
    if (index < pages && Buffer.compare(digest.subarray(0, hash.bytes), directory.pageHash(index)) !== 0) bad.push(index);
    index += 1;
  };
  const isEncrypted = (page: number): boolean =>
    encryptedAt !== undefined && page * pageBytes < encryptedAt.offset + encryptedAt.bytes && (page + 1) * pageBytes > encryptedAt.offset;
  return {
    offset,
    bytes: codeLimit,
    take(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const wanted = Math.min(pageBytes, codeLimit - index * pageBytes);
        const part = chunk.subarray(at, at + wanted - (begun?.bytes ?? 0));
        at += part.length;
        if (begun === undefined && part.length === wanted) {
          end(createHash(hash.name).update(part).digest());
          continue;
        }
        begun ??= { hash: createHash(hash.name), bytes: 0 };
        begun.hash.update(part);
        begun.bytes += part.length;
        if (begun.bytes < wanted) continue;
        end(begun.hash.digest());
        begun = undefined;
      }
    },
    finish() {
      const [first] = bad;
      if (first === undefined && index >= pages) return [];
      if (first === undefined) return [problem("signing/digest-mismatch", "the code is shorter than what was signed", where)];
      if (bad.every(isEncrypted))
        return [problem("signing/unsupported", "the store encrypted the code: its pages cannot be verified", where)];
      const text = `${bad.length === 1 ? `page ${first}` : `${bad.length} pages, the first is ${first},`} of the code ${bad.length === 1 ? "is" : "are"} not what was signed`;
      return [problem("signing/digest-mismatch", text, where)];
    },
  };
}
