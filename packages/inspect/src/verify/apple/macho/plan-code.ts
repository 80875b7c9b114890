// What to look at in a Mach-O file: each signed slice against each of its code directories, and all that lies around them.
import { isBroken } from "../../../broken.ts";
import { problem, unreadable } from "../../problem.ts";
import type { VerdictProblem } from "../../verdict.ts";
import { type CodeSignature, readCodeSignature } from "../code-signature/read-signature.ts";
import { pagesStretch, type Stretch, uncoveredStretch } from "./code-sweep.ts";
import type { CodeLayout, CodeSlice } from "./layout.ts";

export interface SignedSlice {
  readonly slice: CodeSlice;
  /** Undefined: not signed, or not readable. */
  readonly signature: CodeSignature | undefined;
}

export interface CodePlan {
  readonly slices: readonly SignedSlice[];
  readonly isSigned: boolean;
  readonly stretches: readonly Stretch[];
  readonly problems: readonly VerdictProblem[];
}

/** `where`: the file's path in its archive. */
export function planCode(layout: CodeLayout, where?: string): CodePlan {
  const { slices, tableBytes, bytes } = layout;
  const problems: VerdictProblem[] = [];
  const stretches: Stretch[] = [];
  const signed: SignedSlice[] = [];
  const isSigned = slices.some(({ signature }) => signature !== undefined);
  let free = tableBytes;
  for (const slice of slices) {
    const place = sliceName(layout, slice, where);
    stretches.push(uncoveredStretch(free, slice.offset - free, "bytes lie between the slices that no signature covers", where));
    free = slice.offset + slice.bytes;
    if (slice.signature === undefined || slice.signatureAt === undefined) {
      if (isSigned) problems.push(problem("signing/uncovered", `the slice for ${slice.machine} is not signed, another one is`, place));
      signed.push({ slice, signature: undefined });
      continue;
    }
    try {
      const signature = readCodeSignature(slice.signature);
      const limit = Math.min(...signature.directories.map(({ codeLimit }) => codeLimit));
      const tooFar = signature.directories.some(({ codeLimit }) => codeLimit > (slice.signatureAt?.offset ?? 0));
      if (tooFar) problems.push(problem("signing/malformed", "the code directory covers more than there is code", place));
      else for (const directory of signature.directories) stretches.push(pagesStretch({ ...slice, directory, where: place }));
      const end = slice.signatureAt.offset + slice.signatureAt.bytes;
      const gap = Math.max(0, slice.signatureAt.offset - limit);
      stretches.push(
        uncoveredStretch(slice.offset + limit, gap, "bytes lie between the code and its signature that nobody signed", place),
        uncoveredStretch(slice.offset + end, slice.bytes - end, "bytes follow the signature that nobody signed", place),
      );
      signed.push({ slice, signature });
    } catch (thrown) {
      if (!isBroken(thrown)) throw thrown;
      problems.push(unreadable(thrown, place));
      signed.push({ slice, signature: undefined });
    }
  }
  stretches.push(uncoveredStretch(free, bytes - free, "bytes follow the last slice that no signature covers", where));
  return { slices: signed, isSigned, stretches: stretches.filter((stretch) => stretch.bytes > 0), problems };
}

/** Said only where there are several. */
export function sliceName({ slices }: CodeLayout, { machine }: CodeSlice, where?: string): string | undefined {
  if (slices.length === 1) return where;
  return where === undefined ? machine : `${where} (${machine})`;
}
