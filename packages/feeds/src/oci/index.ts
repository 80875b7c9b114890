// A registry to pull from: images of releases by version, by channel and by digest. Followed: the OCI distribution specification 1.1. What is
// pushed is the server's business.
import { decodeUtf8, type ImageContent, renderTarget, type Sha256, STABLE } from "@distd/core";
import { type Feed, type FeedArtifact, type FeedFile, type FeedView, type Fragment, joinFragments, LATEST, NOTHING } from "../feed.ts";

const JSON_TYPE = "application/json";
const BLOB_TYPE = "application/octet-stream";

/** What a channel's tag points to. */
interface Tag {
  readonly mediaType: string;
  readonly body: string;
}

export const oci: Feed = {
  id: "oci",
  traits: {
    formats: ["oci"],
    scope: "repository",
    keeps: Number.POSITIVE_INFINITY,
    passedOver: "kept",
    digests: [],
    compresses: false,
    signs: "nothing",
    expires: false,
    rollback: "follows",
    serves: "server",
    credentials: "basic",
  },

  fragment({ app, version, artifacts, yanked }): Fragment {
    const images = artifacts.filter(({ format, role }) => format === "oci" && role === "install");
    return joinFragments(images.map((artifact) => imageFragment(imageName(app.slug, artifact), version, artifact, yanked !== undefined)));
  },

  async assemble(view) {
    const files = await Promise.all(view.changed.map((name) => tagFiles(view, name)));
    return files.flat();
  },

  route: (path) => ({ kind: "file", path }),

  lines({ address, channel }) {
    const host = new URL(address).host;
    return [`docker login ${host}`, `docker pull ${host}/APP:${channel === "" ? STABLE : channel}`];
  },
};

/** `notes`, or `notes/worker` for a release of several images. */
export function imageName(app: string, { variant }: Pick<FeedArtifact, "variant">): string {
  return variant === "" ? app : `${app}/${variant}`;
}

/** A version as a tag, which knows no `+`. */
export function versionTag(version: string): string {
  return version.replaceAll("+", "_");
}

function imageFragment(name: string, version: string, artifact: FeedArtifact, isYanked: boolean): Fragment {
  if (!artifact.metadata) return NOTHING;
  const { top, manifests, blobs } = JSON.parse(decodeUtf8(artifact.metadata)) as ImageContent;
  const tag = versionTag(version);
  const text = (path: string, { mediaType, body }: { mediaType: string; body: string }): Fragment["texts"][number] => ({
    path: `${name}/manifests/${path}`,
    text: Buffer.from(body, "base64").toString("utf8"),
    contentType: mediaType,
  });
  const topManifest = manifests.find(({ digest }) => digest === top);
  if (!topManifest) return NOTHING;
  const { mediaType, body } = topManifest;
  return {
    ...NOTHING,
    names: [name],
    // Yanked: still there for who pins it, but no longer listed.
    entries: isYanked ? [] : [{ list: `${name}/tags.json`, key: tag, text: JSON.stringify(tag) }],
    files: blobs.map(({ digest, size, offset }) => ({
      path: `${name}/blobs/${digest}`,
      contentType: BLOB_TYPE,
      ...(offset === undefined ? { blob: hexOf(digest), size } : { artifact: artifact.id, part: { offset, size, sha256: hexOf(digest) } }),
    })),
    texts: [...manifests.map((manifest) => text(manifest.digest, manifest)), text(tag, topManifest)],
    tags: { [name]: JSON.stringify({ mediaType, body } satisfies Tag) },
    targets: { [name]: renderTarget(artifact) },
  };
}

function hexOf(digest: string): Sha256 {
  return digest.slice("sha256:".length) as Sha256;
}

/** The channels of an image as tags, and the list of all tags. */
async function tagFiles(view: FeedView, name: string): Promise<readonly FeedFile[]> {
  const channels = view.tags.filter((tag) => tag.name === name);
  const stable = channels.find(({ channel }) => channel === STABLE);
  const pointers = [...channels, ...(stable ? [{ ...stable, channel: LATEST }] : [])];
  const versions = await view.lists.get(`${name}/tags.json`);
  const tags = pointers.map(({ channel }) => JSON.stringify(channel)).join(",");
  const separator = tags !== "" && versions ? "," : "";
  const list: FeedFile = {
    path: `${name}/tags/list`,
    contentType: JSON_TYPE,
    cache: "index",
    parts:
      versions || tags !== ""
        ? [
            `{"name":${JSON.stringify(name)},"tags":[${tags}${separator}`,
            ...(versions ? [{ list: versions, encoding: "plain" as const }] : []),
            "]}",
          ]
        : undefined,
  };
  const pointing = new Set(pointers.map(({ channel }) => channel));
  const idle = [...view.channels, LATEST].filter((channel) => !pointing.has(channel));
  return [
    list,
    ...idle.map(
      (channel): FeedFile => ({ path: `${name}/manifests/${channel}`, contentType: JSON_TYPE, cache: "index", parts: undefined }),
    ),
    ...pointers.map(({ channel, value }): FeedFile => {
      const { mediaType, body } = JSON.parse(value) as Tag;
      return {
        path: `${name}/manifests/${channel}`,
        contentType: mediaType,
        cache: "index",
        parts: [Buffer.from(body, "base64").toString("utf8")],
      };
    }),
  ];
}
