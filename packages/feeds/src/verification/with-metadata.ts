import { DistError } from "@distd/core";
import type { FeedArtifact, FeedReader, WantedArtifact } from "../feed.ts";
import { FeedMismatch } from "./feed-mismatch.ts";

/** The artifact with what it says about itself, as the feed's fragments saw it. */
export async function withMetadata(reader: FeedReader, artifact: WantedArtifact): Promise<FeedArtifact> {
  try {
    const metadata = await reader.metadata(artifact);
    return { ...artifact, digests: {}, ...(metadata && { metadata }) };
  } catch (thrown) {
    if (!(thrown instanceof DistError) || thrown.code !== "artifact/broken") throw thrown;
    throw new FeedMismatch("unreadable", "", `the release's own ${artifact.name} cannot be read: ${thrown.message}`);
  }
}
