// Phones of different age look at different schemes: all of them have to say the package is of the same signer, or of one whose key took over
// (AOSP's ApkVerifier, after the schemes).
import type { X509 } from "../x509/certificate.ts";
import { type Issue, issue } from "./issues.ts";
import { isSame, type Lineage } from "./lineage.ts";
import { ownCertificate, type SchemeResult } from "./scheme.ts";

export function compareSchemes(schemes: readonly SchemeResult[], lineage: Lineage | undefined): readonly Issue[] {
  const of = (scheme: string): SchemeResult | undefined => schemes.find((one) => one.scheme === scheme && one.holds);
  const [v1, v2, v3] = [of("v1"), of("v2"), of("v3")];
  return [...(v1 && v2 ? compareV1AndV2(v1, v2) : []), ...(v3 && (v1 || v2) ? comparePast(v1 ?? v2, v3, lineage) : [])];
}

function compareV1AndV2(v1: SchemeResult, v2: SchemeResult): readonly Issue[] {
  const [old, newer] = [certificatesOf(v1), certificatesOf(v2)];
  const problems: Issue[] = [];
  if (old.some((one) => !newer.some((other) => isSame(one, other))))
    problems.push(issue("V2_SIG_MISSING", "A signer of v1 did not sign v2.", "v1"));
  if (newer.some((one) => !old.some((other) => isSame(one, other))))
    problems.push(issue("JAR_SIG_MISSING", "A signer of v2 did not sign v1.", "v2"));
  return problems;
}

/** What older phones see is v3's signer, or the key that its history begins with. */
function comparePast(past: SchemeResult | undefined, v3: SchemeResult, lineage: Lineage | undefined): readonly Issue[] {
  const problems: Issue[] = [];
  const old = past === undefined ? [] : certificatesOf(past);
  const [first] = old;
  if (old.length !== 1) problems.push(issue("V3_SIG_MULTIPLE_PAST_SIGNERS", "v3 has one signer, the older signatures have several."));
  if (lineage !== undefined) {
    if (!first || !lineage[0] || !isSame(lineage[0].certificate, first))
      problems.push(issue("V3_SIG_PAST_SIGNERS_MISMATCH", "The older signatures are not by the key that v3's history begins with."));
    return problems;
  }
  const newer = certificatesOf(v3);
  if (newer.length !== 1) problems.push(issue("V3_SIG_MULTIPLE_SIGNERS", "v3 has several signers and no history that connects them."));
  if (!first || !newer[0] || !isSame(first, newer[0]))
    problems.push(issue("V3_SIG_PAST_SIGNERS_MISMATCH", "The older signatures are by another signer than v3."));
  return problems;
}

function certificatesOf({ signers }: SchemeResult): readonly X509[] {
  return signers.flatMap((signer) => ownCertificate(signer) ?? []);
}
