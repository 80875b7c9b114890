import type { ArtifactFacts } from "@distd/core";
import type { Verdict } from "./verdict.ts";

/** Facts, with what was found out about the signatures. */
export function withVerdict(facts: ArtifactFacts, { intact, trusted, signatures, problems }: Verdict): ArtifactFacts {
  if (signatures.length === 0 && problems.length === 0) return facts;
  // Read, and nothing could be computed: the key was not given.
  if (intact === undefined || trusted === undefined) {
    const schemes = [...new Set([...facts.signing.schemes, ...signatures.map(({ scheme }) => scheme)])];
    return { ...facts, signing: { ...facts.signing, state: "unverified", schemes, signatures, problems } };
  }
  const found = { intact, trusted, signatures, ...(problems.length > 0 && { problems }) };
  return { ...facts, signing: { ...facts.signing, state: "verified", ...found } };
}
