import type { FeedReader } from "../feed.ts";
import { expectSame, FeedMismatch } from "../verification/feed-mismatch.ts";
import { countOf, type JsonObject, listOf, objectOf, textOf } from "../verification/json-values.ts";
import { digestAs } from "./digest-as.ts";
import { readManifest } from "./read-manifest.ts";

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
/** An index of indexes is as deep as anybody builds. */
const MAX_INDEX_DEPTH = 3;

export interface PulledImage {
  /** In all, manifests too. */
  readonly bytes: number;
  readonly blobs: number;
}

/** Fetches everything a manifest leads to, once; throws `FeedMismatch` unless each has the digest and size it is named by. */
export async function pullImage(reader: FeedReader, base: string, top: string): Promise<PulledImage> {
  const sizes = new Map<string, number>();
  const blobs = new Set<string>();

  const pullManifest = async (digest: string, stated: string | undefined, depth: number): Promise<void> => {
    if (sizes.has(digest)) return;
    const url = `${base}/manifests/${digest}`;
    const { bytes, json } = await readManifest(reader, url);
    expectSame("digest", url, "its digest", digest, digestAs(digest, bytes));
    if (stated !== undefined) expectSame("size", url, "its size", stated, String(bytes.length));
    sizes.set(digest, bytes.length);
    const children = listOf(json["manifests"]).map(objectOf);
    if (children.length > 0 && depth === MAX_INDEX_DEPTH) throw new FeedMismatch("unreadable", url, "indexes stand in indexes without end");
    for (const child of children) await pullManifest(digestOf(url, child), countOf(child["size"]), depth + 1);
    const config = json["config"] === undefined ? [] : [objectOf(json["config"])];
    for (const blob of [...config, ...listOf(json["layers"]).map(objectOf)]) await pullBlob(url, blob);
  };

  const pullBlob = async (from: string, descriptor: JsonObject): Promise<void> => {
    const digest = digestOf(from, descriptor);
    if (blobs.has(digest)) return;
    const url = `${base}/blobs/${digest}`;
    const isLong = digest.startsWith("sha512:");
    const found = await reader.digest(url, isLong ? ["sha512"] : []);
    if (!found) throw new FeedMismatch("missing", url, "there is nothing");
    expectSame("digest", url, "its digest", digest, isLong ? `sha512:${found.digests.sha512}` : `sha256:${found.sha256}`);
    expectSame("size", url, "its size", countOf(descriptor["size"]) ?? "a size", String(found.size));
    blobs.add(digest);
    sizes.set(digest, found.size);
  };

  await pullManifest(top, undefined, 0);
  return { bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0), blobs: blobs.size };
}

function digestOf(url: string, descriptor: JsonObject): string {
  const digest = textOf(descriptor["digest"]);
  if (digest === undefined || !DIGEST.test(digest)) throw new FeedMismatch("unreadable", url, "it names something without a digest");
  return digest;
}
