import type { FeedProblem, FeedProblemKind } from "../feed.ts";

/** Something is not as it should be: thrown by those who look, caught where it becomes a finding. */
export class FeedMismatch extends Error {
  readonly problem: FeedProblem;

  constructor(kind: FeedProblemKind, url: string, message: string, sides: Pick<FeedProblem, "expected" | "found"> = {}) {
    super(message);
    this.name = "FeedMismatch";
    this.problem = { kind, url, message, ...sides };
  }
}

/** Throws unless what was found is what was expected; undefined is nothing. `what` is a noun: `the size`. */
export function expectSame(
  kind: FeedProblemKind,
  url: string,
  what: string,
  expected: string | undefined,
  found: string | undefined,
): void {
  if (found === expected) return;
  const sides = { expected: shown(expected), found: shown(found) };
  throw new FeedMismatch(kind, url, `${what} is ${sides.found}, not ${sides.expected}`, sides);
}

const SHOWN_CHARACTERS = 200;

/** A file that is damaged can say anything, at any length. */
function shown(text = "nothing"): string {
  return (text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text).replace(/\p{Cc}/gu, "\uFFFD");
}
