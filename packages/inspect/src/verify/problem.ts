import { isBroken } from "../broken.ts";
import type { VerdictCode, VerdictProblem } from "./verdict.ts";

export function problem(code: VerdictCode, message: string, where?: string): VerdictProblem {
  return { code, message, ...(where !== undefined && { where }) };
}

/** The value, or why it cannot be had. Other errors than damage go on. */
export function reading<T>(code: VerdictCode, part: () => T): { readonly value: T } | { readonly problem: VerdictProblem } {
  try {
    return { value: part() };
  } catch (thrown) {
    if (isBroken(thrown)) return { problem: problem(code, thrown.message) };
    throw thrown;
  }
}
