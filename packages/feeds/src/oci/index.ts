// A registry to pull from: images of releases by version, by channel and by digest. Followed: the OCI distribution specification 1.1. What is
// pushed is the server's business.
import { decodeUtf8, type ImageContent, renderTarget, type Sha256, STABLE } from "@distd/core";
import { type Feed, type FeedArtifact, type FeedFile, type FeedView, type Fragment, joinFragments, LATEST, NOTHING } from "../feed.ts";
import { ociMirror } from "./mirror.ts";
import { imageName, versionTag } from "./names.ts";
import { verifyImages } from "./verify.ts";

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
    phases: false,
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

  leavesOut: () => undefined,

  route: (path) => ({ kind: "file", path }),

  lines({ address, channel, isOpen }) {
    const host = new URL(address).host;
    return [...(isOpen ? [] : [`docker login ${host}`]), `docker pull ${host}/APP:${channel === "" ? STABLE : channel}`];
  },

  mirror: ociMirror,
  verify: verifyImages,
};

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
  const pointing = new Set(pointers.map(({ channel }) => channel));
  const idle = [...view.channels, LATEST].filter((channel) => !pointing.has(channel));
  for (const tag of pointing) await view.lists.set(`${name}/tags.json`, tag, JSON.stringify(tag));
  for (const tag of idle) await view.lists.set(`${name}/tags.json`, tag, undefined);
  const list = await view.lists.get(`${name}/tags.json`);
  const file = (path: string, contentType: string, parts: FeedFile["parts"]): FeedFile => ({
    path: `${name}/${path}`,
    contentType,
    cache: "index",
    parts,
  });
  return [
    file("tags/list", JSON_TYPE, list && [`{"name":${JSON.stringify(name)},"tags":[`, { list, encoding: "plain" }, "]}"]),
    ...idle.map((channel) => file(`manifests/${channel}`, JSON_TYPE, undefined)),
    ...pointers.map(({ channel, value }) => {
      const { mediaType, body } = JSON.parse(value) as Tag;
      return file(`manifests/${channel}`, mediaType, [Buffer.from(body, "base64").toString("utf8")]);
    }),
  ];
}
