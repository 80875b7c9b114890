import { decodeUtf8, type ImageContent, parseSha256, renderSha256, sha256 as digestOf, STABLE } from "@distd/core";
import { type FeedFinding, type FeedReader, type FeedWanted, LATEST, type WantedArtifact, type WantedRelease } from "../feed.ts";
import { expectSame } from "../verification/feed-mismatch.ts";
import { findEach } from "../verification/find-each.ts";
import { withMetadata } from "../verification/with-metadata.ts";
import { imageName, versionTag } from "./names.ts";
import { pullImage } from "./pull-image.ts";
import { readManifest } from "./read-manifest.ts";

/**
 * As docker and containerd: the tag, the manifest it points to, and by digest all that one names. What the tag has to point to is known from
 * the release: an image that was pushed is its manifest there, and an archive names it in its index.
 */
export function verifyImages(reader: FeedReader, wanted: FeedWanted): Promise<readonly FeedFinding[]> {
  const root = `${new URL(wanted.address).origin}/v2`;
  return findEach(wanted, async (artifact, release) => {
    const digest = await manifestDigestOf(reader, artifact);
    if (digest === undefined) return undefined;
    const base = `${root}/${imageName(release.app.slug, artifact)}`;
    for (const { tag, releases } of tagsOf(wanted, release)) {
      const url = `${base}/manifests/${encodeURIComponent(tag)}`;
      const found = renderSha256(digestOf((await readManifest(reader, url)).bytes));
      const live = await digestsOf(reader, releases, artifact.variant);
      if (!live.includes(found)) expectSame("digest", url, `the manifest under the tag ${tag}`, live.join(" or "), found);
    }
    const { bytes, blobs } = await pullImage(reader, base, digest);
    return {
      url: `${base}/manifests/${digest}`,
      size: bytes,
      sha256: parseSha256(digest),
      compared: ["the manifest's digest in the release", `${blobs} blobs, each by digest and size`],
    };
  });
}

/** Undefined for what is no image, and for an archive that a registry cannot hand out. */
async function manifestDigestOf(reader: FeedReader, artifact: WantedArtifact): Promise<string | undefined> {
  if (artifact.format !== "oci" || artifact.role !== "install") return undefined;
  if (artifact.facts.details["layout"] === "registry") return renderSha256(artifact.sha256);
  const { metadata } = await withMetadata(reader, artifact);
  return metadata && (JSON.parse(decodeUtf8(metadata)) as ImageContent).top;
}

/** All that is live under one name: a tag points to one of them. */
async function digestsOf(reader: FeedReader, releases: readonly WantedRelease[], variant: string): Promise<readonly string[]> {
  const artifacts = releases.flatMap((release) => release.artifacts.filter((artifact) => artifact.variant === variant));
  const digests = await Promise.all(artifacts.map((artifact) => manifestDigestOf(reader, artifact)));
  return digests.filter((digest) => digest !== undefined);
}

/** Tags, and the releases they may point to. */
function tagsOf(
  { channel, releases }: FeedWanted,
  release: WantedRelease,
): readonly { readonly tag: string; readonly releases: readonly WantedRelease[] }[] {
  // A channel that is called as the tag of who names none may have to stand behind `stable`.
  const pointers = channel === STABLE ? [STABLE, LATEST] : channel === LATEST ? [] : [channel];
  // Of several builds of a version the tag is the last one's.
  const versions = release.build === "" ? [versionTag(release.version)] : [];
  return [...pointers.map((tag) => ({ tag, releases })), ...versions.map((tag) => ({ tag, releases: [release] }))];
}
