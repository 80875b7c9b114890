import { DistError, isAllowed } from "@distd/core";
import { fileResponse } from "../../delivery/file-response.ts";
import { openApp } from "../../service/apps.ts";
import {
  findImage,
  findImageBlob,
  findManifest,
  type Image,
  isDigest,
  isTag,
  type ManifestRow,
  referrersOf,
  tagsOfImage,
  isPartOfAttachment,
} from "../../service/images/images.ts";
import type { RegistryContext, RegistryRequest } from "./registry-context.ts";

const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
const MAX_TAGS = 10_000;

/** A manifest of a release by version, channel or digest; else one that was pushed. */
export async function answerManifest(registry: RegistryContext, asked: RegistryRequest, reference: string): Promise<Response> {
  if (!isDigest(reference) && !isTag(reference)) throw unknownManifest(asked, reference);
  const { images } = registry;
  const released =
    (await images.manifest(asked.principal, asked.name, reference)) ??
    // Versions are often tagged with a letter before them.
    (/^v[0-9]/.test(reference) ? await images.manifest(asked.principal, asked.name, reference.slice(1)) : undefined);
  // What is asked for by a digest is answered under that one, whichever its algorithm.
  if (released) return manifestResponse(asked.request, released.body, released.type, isDigest(reference) ? reference : released.digest);
  const db = registry.instance.db.read;
  const image = await findImage(db, asked.principal, "download", asked.name);
  const row = image && (await findManifest(db, image, reference));
  if (!row || !(await mayReadPushed(registry, asked, image, row.digest))) throw unknownManifest(asked, reference);
  return manifestResponse(asked.request, new Uint8Array(row.body), row.media_type, row.digest);
}

function manifestResponse(request: Request, body: Uint8Array<ArrayBuffer>, type: string, digest: string): Response {
  const headers = {
    "content-type": type,
    "content-length": String(body.length),
    "docker-content-digest": digest,
    etag: `"${digest}"`,
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
  };
  if (request.headers.get("if-none-match") === headers.etag) return new Response(null, { status: 304, headers });
  return new Response(request.method === "HEAD" ? null : body, { headers });
}

/** Some clients sign in only when they are asked to, and what is not there for everyone may be there for who may push. */
function unknownManifest({ name, request }: RegistryRequest, reference: string): DistError {
  if (request.headers.get("authorization") === null)
    return new DistError("auth/required", `'${name.text}' has no manifest '${reference.slice(0, 200)}' for everyone`);
  return new DistError("image/manifest-unknown", `'${name.text}' has no manifest '${reference.slice(0, 200)}'`);
}

export async function answerBlob(registry: RegistryContext, asked: RegistryRequest, digest: string): Promise<Response> {
  const { instance, small } = registry;
  const released = isDigest(digest) ? await registry.images.file(asked.request, asked.principal, asked.name, `blobs/${digest}`) : undefined;
  if (released) {
    released.headers.set("docker-content-digest", digest);
    return released;
  }
  const image = isDigest(digest) ? await findImage(instance.db.read, asked.principal, "download", asked.name) : undefined;
  const row = image && (await findImageBlob(instance.db.read, image, digest));
  if (!row || !(await mayReadPushed(registry, asked, image, digest)))
    throw new DistError("image/blob-unknown", `'${asked.name.text}' has no blob ${digest.slice(0, 200)}`);
  const headers = {
    etag: `"${row.digest}"`,
    "accept-ranges": "bytes",
    "docker-content-digest": row.digest,
    "cache-control": "private, max-age=31536000, immutable",
  };
  return fileResponse(
    asked.request,
    { digest: row.sha256, size: row.size, contentType: "application/octet-stream", headers },
    instance.blobs,
    small,
  );
}

/**
 * What was pushed and no channel offers is seen by who may push. What was pushed about a manifest (signatures, bills of materials) is for
 * every reader, and so is everything in images that are kept as they are.
 */
async function mayReadPushed(
  { instance }: RegistryContext,
  { principal }: RegistryRequest,
  image: Image,
  digest: string,
): Promise<boolean> {
  if (image.app.registry === "raw" || isAllowed(principal, "publish", { app: image.app })) return true;
  return isPartOfAttachment(instance.db.read, image, digest);
}

export async function answerTags(registry: RegistryContext, asked: RegistryRequest): Promise<Response> {
  const { instance } = registry;
  // All of it, also for who asks for the headers alone.
  const released = await registry.images.file(new Request(asked.request.url), asked.principal, asked.name, "tags/list");
  const listed = released ? ((await released.json()) as { tags: string[] }).tags : [];
  const image = await findImage(instance.db.read, asked.principal, "download", asked.name);
  // What no channel offers is seen by who may push.
  const seesPushed = image && (image.app.registry === "raw" || isAllowed(asked.principal, "publish", { app: image.app }));
  const pushed = image && seesPushed ? await tagsOfImage(instance.db.read, image) : [];
  if (!released && !image) throw new DistError("app/not-found", `there is no image '${asked.name.text}'`);
  return pageOfTags(
    asked,
    [...new Set([...listed, ...pushed])].toSorted((a, b) => (a < b ? -1 : 1)),
  );
}

function pageOfTags({ url, name }: RegistryRequest, tags: readonly string[]): Response {
  const [count, last] = [url.searchParams.get("n"), url.searchParams.get("last")];
  if (count !== null && !/^[0-9]{1,9}$/.test(count)) throw new DistError("usage/invalid", `'${count.slice(0, 20)}' is no number of tags`);
  const limit = Math.min(MAX_TAGS, count === null ? MAX_TAGS : Number(count));
  const rest = last === null ? tags : tags.filter((tag) => tag > last);
  const page = rest.slice(0, limit);
  const final = page.at(-1);
  const headers = new Headers();
  if (final !== undefined && page.length < rest.length)
    headers.set("link", `</v2/${name.text}/tags/list?n=${limit}&last=${encodeURIComponent(final)}>; rel="next"`);
  return Response.json({ name: name.text, tags: page }, { headers });
}

/** Never 404: an image nobody said anything about has an empty list. */
export async function answerReferrers(
  { instance }: RegistryContext,
  { principal, name, url }: RegistryRequest,
  digest: string,
): Promise<Response> {
  if (!isDigest(digest)) throw new DistError("usage/invalid", `'${digest.slice(0, 200)}' is no digest`);
  await openApp(instance.db.read, principal, "download", name.app);
  const image: Image | undefined = await findImage(instance.db.read, principal, "download", name);
  const rows = image ? await referrersOf(instance.db.read, image, digest) : [];
  const type = url.searchParams.get("artifactType");
  const shown = type === null ? rows : rows.filter((row) => row.artifact_type === type);
  const index = { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: shown.map(descriptorOf) };
  const headers: Record<string, string> = { "content-type": INDEX_TYPE, ...(type !== null && { "oci-filters-applied": "artifactType" }) };
  return new Response(JSON.stringify(index), { headers });
}

function descriptorOf(row: ManifestRow): Record<string, unknown> {
  return {
    mediaType: row.media_type,
    digest: row.digest,
    size: row.body.length,
    ...(row.artifact_type !== null && { artifactType: row.artifact_type }),
    ...(row.annotations !== null && { annotations: JSON.parse(row.annotations) as unknown }),
  };
}
