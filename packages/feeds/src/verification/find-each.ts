import type { FeedFinding, FeedGood, FeedWanted, WantedArtifact, WantedRelease } from "../feed.ts";
import { FeedMismatch } from "./feed-mismatch.ts";

/** Looks at the wanted artifacts one after the other. `look` gives undefined for what the feed does not carry. */
export async function findEach(
  { releases }: FeedWanted,
  look: (artifact: WantedArtifact, release: WantedRelease) => Promise<FeedGood | undefined>,
): Promise<readonly FeedFinding[]> {
  const findings: FeedFinding[] = [];
  for (const release of releases) {
    for (const artifact of release.artifacts) {
      const subject = { artifact: artifact.id, name: artifact.name, version: release.version };
      try {
        const good = await look(artifact, release);
        if (good) findings.push({ ...subject, ...good });
      } catch (thrown) {
        if (!(thrown instanceof FeedMismatch)) throw thrown;
        findings.push({ ...subject, problem: thrown.problem });
      }
    }
  }
  return findings;
}
