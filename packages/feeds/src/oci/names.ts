import type { FeedArtifact } from "../feed.ts";

/** `notes`, or `notes/worker` for a release of several images. */
export function imageName(app: string, { variant }: Pick<FeedArtifact, "variant">): string {
  return variant === "" ? app : `${app}/${variant}`;
}

/** A version as a tag, which knows no `+`. */
export function versionTag(version: string): string {
  return version.replaceAll("+", "_");
}
