import type { DistError } from "@distd/core";
import { isBroken, isUnknownKind } from "../broken.ts";
import type { VerdictCode, VerdictProblem } from "./verdict.ts";

export function problem(code: VerdictCode, message: string, where?: string): VerdictProblem {
  return { code, message, ...(where !== undefined && { where }) };
}

/** Why something cannot be read: it is damaged, or of a kind that is not known here. */
export function unreadable(thrown: DistError, where?: string): VerdictProblem {
  return problem(isUnknownKind(thrown) ? "signing/unsupported" : "signing/malformed", thrown.message, where);
}

/** The value, or why it cannot be had. Other errors than damage go on. */
export function reading<T>(code: VerdictCode, part: () => T): { readonly value: T } | { readonly problem: VerdictProblem } {
  try {
    return { value: part() };
  } catch (thrown) {
    if (isBroken(thrown)) return { problem: code === "signing/malformed" ? unreadable(thrown) : problem(code, thrown.message) };
    throw thrown;
  }
}
