import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { type ImageContent, sha256 } from "@distd/core";
import type { FeedArtifact, FeedVersion } from "../feed.ts";
import { sampleArtifact, sampleVersion } from "../test-support/sample-versions.ts";
import { changing, problemsOf, type VerifySamples, verifySamples } from "../test-support/verify-samples.ts";
import { oci } from "./index.ts";

const LIVE = [sampleVersion("1.0.0", {}, ["oci"])];
const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

const kindsOf = async (live: readonly FeedVersion[], options?: VerifySamples) =>
  problemsOf((await verifySamples(oci, live, options)).findings).map(({ kind }) => kind);

const contentOf = ({ metadata }: FeedArtifact): ImageContent => JSON.parse(Buffer.from(metadata ?? "").toString()) as ImageContent;

/** A release of one image with such content, out of the sample's archive. */
function withContent(change: (content: ImageContent) => ImageContent, artifact = sampleArtifact("oci", "1.0.0")): FeedVersion {
  const metadata = Buffer.from(JSON.stringify(change(contentOf(artifact))));
  return { ...sampleVersion("1.0.0"), artifacts: [{ ...artifact, metadata }] };
}

/** The content under an index that lists its manifests. */
function indexed(content: ImageContent, size?: number): ImageContent {
  const manifests = content.manifests.map(({ digest, mediaType, body }) => ({
    mediaType,
    digest,
    size: size ?? Buffer.from(body, "base64").length,
  }));
  const index = JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests });
  const digest = `sha256:${sha256(index)}`;
  const top = { digest, mediaType: INDEX_TYPE, body: Buffer.from(index).toString("base64") };
  return { ...content, top: digest, manifests: [top, ...content.manifests] };
}

describe("an image", () => {
  it("of several machines is an index, and all it leads to", async () => {
    const { findings, asked } = await verifySamples(oci, [withContent((content) => indexed(indexed(content)))]);
    assert.deepEqual(problemsOf(findings), []);
    // Each by digest, and the top by three tags too.
    assert.equal(asked.filter((path) => path.includes("/manifests/")).length, 3 + 3);
    assert.equal(asked.filter((path) => path.includes("/blobs/")).length, 2);
  });

  it("is not an index of indexes without end, nor one that states other sizes", async () => {
    const deep = withContent((content) => indexed(indexed(indexed(indexed(content)))));
    assert.deepEqual(await kindsOf([deep]), ["unreadable"]);
    assert.deepEqual(await kindsOf([withContent((content) => indexed(content, 7))]), ["size"]);
  });

  it("that was pushed is its manifest in the release", async () => {
    const image = sampleArtifact("oci", "1.0.0");
    const pushed: FeedArtifact = {
      ...image,
      sha256: contentOf(image).top.slice(7) as FeedArtifact["sha256"],
      facts: { ...image.facts, details: { layout: "registry" } },
    };
    const offered = LIVE;
    assert.deepEqual(await kindsOf([{ ...sampleVersion("1.0.0"), artifacts: [pushed] }], { offered }), []);
    const other = { ...pushed, sha256: sha256("another") };
    assert.deepEqual(await kindsOf([{ ...sampleVersion("1.0.0"), artifacts: [other] }], { offered }), ["digest"]);
  });

  it("that a registry cannot hand out is not looked for", async () => {
    const { metadata: _, ...bare } = sampleArtifact("oci", "1.0.0");
    assert.deepEqual(await verifySamples(oci, [{ ...sampleVersion("1.0.0"), artifacts: [bare] }]), { findings: [], asked: [] });
  });

  it("is under the channel's tag and its version, and for stable under latest", async () => {
    const [old, young] = ["1.0.0", "1.1.0"].map((version) => sampleVersion(version, {}, ["oci"])) as [FeedVersion, FeedVersion];
    const value = (version: FeedVersion): string => oci.fragment(version, { address: "", sign: {} as never }).tags["lantern"] ?? "";
    const tags = [
      { name: "lantern", channel: "stable", value: value(old) },
      { name: "lantern", channel: "beta", value: value(young) },
    ];
    const offered = [old, young];
    const { findings, asked } = await verifySamples(oci, [old], { offered, tags });
    assert.deepEqual(problemsOf(findings), []);
    for (const tag of ["stable", "latest", "1.0.0"]) assert.ok(asked.includes(`lantern/manifests/${tag}`), tag);
    assert.deepEqual(await kindsOf([young], { offered, tags, channel: "beta" }), []);
    assert.deepEqual(await kindsOf([young], { offered, tags }), ["digest"]);
    // Of two that are live for different machines the tag is one's.
    assert.deepEqual(await kindsOf([old, young], { offered, tags }), []);
  });

  it("is served as what it says it is", async () => {
    const docker = "application/vnd.docker.distribution.manifest.v2+json";
    const other = withContent((content) => ({
      ...content,
      manifests: content.manifests.map((manifest) => ({ ...manifest, mediaType: docker })),
    }));
    assert.deepEqual(await kindsOf([other]), ["contradiction"]);
  });

  it("names nothing without a digest", async () => {
    const onTheWay = changing(/\/manifests\//, (text) => text.replaceAll(/"digest":"[^"]*"/g, '"digest":"latest"'));
    assert.deepEqual(await kindsOf(LIVE, { onTheWay }), ["digest"]);
    const nameless = withContent((content) => {
      const [manifest] = content.manifests;
      const body = Buffer.from(manifest?.body ?? "", "base64")
        .toString()
        .replaceAll(/"digest":"[^"]*"/g, '"digest":"latest"');
      const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
      return {
        ...content,
        top: digest,
        manifests: [{ digest, mediaType: manifest?.mediaType ?? "", body: Buffer.from(body).toString("base64") }],
      };
    });
    assert.deepEqual(await kindsOf([nameless]), ["unreadable"]);
  });
});
