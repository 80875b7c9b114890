import { problem } from "../problem.ts";
import { joinSignatures, type SignatureVerdict, type Verdict, VERDICT_CODES, type VerdictProblem } from "../verdict.ts";

/** Of several pieces of code in one artifact: trusted only when all are, whoever joins this verdict with others. */
export function joinAll(signatures: readonly SignatureVerdict[], problems: readonly VerdictProblem[] = []): Verdict {
  const distrusted = signatures.filter(({ trusted }) => !trusted);
  if (signatures.length < 2 || distrusted.length === 0) return joinSignatures(signatures, problems);
  const reasons = distrusted.flatMap((one) => one.problems.filter(({ code }) => VERDICT_CODES[code] === "distrust"));
  return joinSignatures(signatures, [...problems, ...reasons.map(({ code, message, where }) => problem(code, message, where))]);
}
