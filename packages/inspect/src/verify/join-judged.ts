// Signatures of a kind whose keys are given, several over the same bytes.
import { problem } from "./problem.ts";
import { joinSignatures, type SignatureVerdict, UNSIGNED, type Verdict, VERDICT_CODES, type VerdictProblem } from "./verdict.ts";

/**
 * What could be computed decides. A signature whose key was not given, or of a form that is not known here, says nothing beside another; where the key is
 * missing for all, the verdict has neither answer.
 */
export function joinJudged(judged: readonly SignatureVerdict[], problems: readonly VerdictProblem[] = []): Verdict {
  const computed = judged.filter(isComputed);
  const others = judged.filter((one) => !isComputed(one));
  const said = judged.length === 0 ? problems : problems.map(ignoredInstead);
  const isFatal = said.some(({ code }) => VERDICT_CODES[code] === "fatal");
  if (computed.length === 0 && !isFatal) return others.length === 0 ? UNSIGNED : { signatures: others, problems: said };
  // What does not hold is told of with all there is.
  if (isFatal || !computed.every(({ intact }) => intact)) return joinSignatures([...computed, ...others], said);
  const passedOver = others.flatMap((one) => one.problems.map(({ message, where }) => problem("signing/ignored", message, where)));
  return joinSignatures(computed, [...said, ...passedOver]);
}

/** Else the key was not given, and nothing can be said of the bytes. */
export function isComputed({ intact }: SignatureVerdict): boolean {
  return intact !== undefined;
}

function ignoredInstead({ code, message, where }: VerdictProblem): VerdictProblem {
  return problem(code === "signing/unsupported" ? "signing/ignored" : code, message, where);
}
