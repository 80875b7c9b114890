import type { SignatureFacts, SigningFacts, SigningProblem } from "@distd/core";
import { describeSignature, describeSigning } from "@distd/inspect/verify";
import type { Style } from "./output.ts";

/** The verdict first, then each signature, and what is wrong with it. */
export function renderSigning(signing: SigningFacts, style: Style): string {
  const verdict = describeSigning(signing);
  const isGood = signing.intact === true && signing.trusted === true;
  const lines = [`${isGood ? style.good("✓") : style.bad("✗")} ${style.bold(verdict)}`];
  for (const problem of signing.problems ?? []) lines.push(problemLine(problem, style));
  for (const signature of signing.signatures ?? []) {
    lines.push(`  ${describeSignature(signature)}: ${stateOf(signature)}`);
    if (signature.signer) lines.push(`    ${signature.signer.name}`);
    for (const { subject, sha256 } of signature.signer?.certificates ?? [])
      lines.push(style.dim(`      ${sha256.slice(0, 16)}  ${subject}`));
    for (const problem of signature.problems) lines.push(`  ${problemLine(problem, style)}`);
  }
  return `${lines.join("\n")}\n`;
}

function stateOf({ intact, trusted }: SignatureFacts): string {
  if (intact === undefined) return "not computed, for want of the key";
  return `${intact ? "intact" : "not intact"}, ${trusted === true ? "trusted" : "identity not verified"}`;
}

function problemLine({ message, code, where }: SigningProblem, style: Style): string {
  return `  ${style.bad("!")} ${where === undefined ? "" : `${where}: `}${message} ${style.dim(code)}`;
}
