import { renderTarget } from "@distd/core";
import type { FeedArtifact } from "../feed.ts";
import { stableId } from "./stable-id.ts";

/** Ways to name an artifact, from what people expect to what is surely its own. */
const WAYS: readonly ((artifact: FeedArtifact) => string)[] = [
  ({ name }) => name,
  (artifact) => `${targetOf(artifact)}-${artifact.name}`,
  (artifact) => `${targetOf(artifact)}-${artifact.format}-${artifact.role}-${artifact.name}`,
  ({ id, name }) => `${stableId(id)}-${name}`,
];

/** File names as assets have them: one of a kind in a release. Files that are called the same get their target in front. */
export function assetNames(artifacts: readonly FeedArtifact[]): ReadonlyMap<FeedArtifact, string> {
  const named = new Map<FeedArtifact, string>();
  let unnamed = artifacts;
  for (const nameOf of WAYS) {
    const taken = [...named.values(), ...unnamed.map(nameOf)];
    const isOwn = (artifact: FeedArtifact): boolean => taken.filter((name) => name === nameOf(artifact)).length === 1;
    const own = unnamed.filter(isOwn);
    for (const artifact of own) named.set(artifact, nameOf(artifact));
    unnamed = unnamed.filter((artifact) => !own.includes(artifact));
  }
  return named;
}

function targetOf(artifact: FeedArtifact): string {
  return renderTarget(artifact).replaceAll("/", "-");
}
