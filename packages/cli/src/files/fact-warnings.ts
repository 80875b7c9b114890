import type { ArtifactFacts } from "@distd/core";

/** What a person should know before relying on this artifact: its own problems, and where its bytes and the release differ. */
export function factWarnings(name: string, facts: ArtifactFacts, release: { readonly version: string; readonly build: string }): string[] {
  const warnings = facts.problems.map(({ message }) => `${name}: ${message}`);
  if (facts.version !== undefined && facts.version !== release.version)
    warnings.push(`${name}: its bytes say version ${facts.version}, the release ${release.version}`);
  if (facts.build !== undefined && release.build !== "" && facts.build !== release.build)
    warnings.push(`${name}: its bytes say build ${facts.build}, the release ${release.build}`);
  return warnings;
}
