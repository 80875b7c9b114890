import { createHash } from "node:crypto";
import type { ByteSource, ImageBlob, ImageContent } from "@distd/core";
import { isObject, parseJsonObject, textOf } from "../../json/parse-json.ts";
import type { InspectLimits } from "../../limits.ts";
import { readSmallFiles, type SmallFiles } from "./small-files.ts";

const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const MAX_MANIFESTS = 256;
const MAX_INDEX_DEPTH = 3;

/**
 * Manifests and the places of blobs, for a registry that hands parts of the archive out as they lie there. Undefined for archives of which that is not
 * possible: compressed, of Docker's older kind, or lacking blobs. Blobs that are no manifest are where they are said to be, not verified.
 */
export async function readImageContent(source: ByteSource, limits: InspectLimits): Promise<ImageContent | undefined> {
  const files = await readSmallFiles(source, limits);
  const index = files.find("index.json");
  if (index === undefined || !files.isComplete || files.isCompressed) return undefined;
  const manifests = new Map<string, ImageContent["manifests"][number]>();
  const blobs = new Map<string, ImageBlob>();
  const top = topOf(index, limits.maxDepth);
  if (top.body !== undefined) manifests.set(top.digest, { ...top, body: Buffer.from(top.body).toString("base64") });
  const isWhole = walk(top.digest, top.mediaType, top.body, 0);
  return isWhole ? { top: top.digest, manifests: [...manifests.values()], blobs: [...blobs.values()] } : undefined;

  function walk(digest: string, mediaType: string, given: Uint8Array | undefined, depth: number): boolean {
    const body = given ?? files.find(blobPath(digest));
    if (body === undefined || depth > MAX_INDEX_DEPTH || manifests.size > MAX_MANIFESTS) return false;
    manifests.set(digest, { digest, mediaType, body: Buffer.from(body).toString("base64") });
    const manifest = parseJsonObject(body, limits.maxDepth, "oci: a manifest");
    const list = (field: string): readonly Record<string, unknown>[] =>
      Array.isArray(manifest[field]) ? manifest[field].filter(isObject) : [];
    const children = list("manifests").every((child) =>
      walk(textOf(child["digest"]) ?? "", textOf(child["mediaType"]) ?? MANIFEST_TYPE, undefined, depth + 1),
    );
    const config = isObject(manifest["config"]) ? [manifest["config"]] : [];
    return children && [...config, ...list("layers")].every((blob) => addBlob(files, textOf(blob["digest"]) ?? "", blobs));
  }
}

/** A layout of one image is that image; one of several is an index of its own. */
function topOf(index: Uint8Array, maxDepth: number): { readonly digest: string; readonly mediaType: string; readonly body?: Uint8Array } {
  const entries = parseJsonObject(index, maxDepth, "index.json")["manifests"];
  const [only, ...others] = Array.isArray(entries) ? entries.filter(isObject) : [];
  if (only !== undefined && others.length === 0)
    return { digest: textOf(only["digest"]) ?? "", mediaType: textOf(only["mediaType"]) ?? MANIFEST_TYPE };
  return { digest: `sha256:${createHash("sha256").update(index).digest("hex")}`, mediaType: INDEX_TYPE, body: index };
}

function addBlob(files: SmallFiles, digest: string, blobs: Map<string, ImageBlob>): boolean {
  const place = files.placeOf(blobPath(digest));
  if (place === undefined) return false;
  blobs.set(digest, { digest, size: place.bytes, offset: place.offset });
  return true;
}

function blobPath(digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  return hex === undefined ? "" : `blobs/sha256/${hex}`;
}
