import { DistError } from "@distd/core";
import { openApp } from "../../service/apps.ts";
import { meaningOf, releaseImage } from "../../service/images/image-release.ts";
import { mountBlob } from "../../service/images/image-uploads.ts";
import { findHolder, findImage, type Image, isDigest, isTag, openImage, parseImageName } from "../../service/images/images.ts";
import { MAX_MANIFEST_BYTES, parseManifest } from "../../service/images/manifest.ts";
import { deleteImageBlob, deleteManifest, pushManifest, tagImage } from "../../service/images/push-manifest.ts";
import type { Caller } from "../../service/instance.ts";
import { adoptReleased } from "./adopt-released.ts";
import type { RegistryContext, RegistryRequest } from "./registry-context.ts";

/** Begins an upload: mounted from another image, whole in one request, or in pieces. */
export async function answerUploads(registry: RegistryContext, asked: RegistryRequest): Promise<Response> {
  const { instance, uploads } = registry;
  const { url, request, name } = asked;
  const image = await openImage(instance, asked.principal, name);
  const [mount, from, digest] = ["mount", "from", "digest"].map((key) => url.searchParams.get(key));
  if (mount && (await isMounted(registry, asked, image, mount, from ?? null))) return created(asked, mount);
  const caller: Caller = { principal: asked.principal };
  const upload = await uploads.begin(caller, image);
  if (!digest) return accepted(asked, upload, 0);
  requireDigest(digest);
  await uploads.append(caller, image, upload, undefined, bodyOf(request));
  await uploads.finish(caller, image, upload, digest);
  return created(asked, digest);
}

/** Where it is mounted from has to be readable to who asks, else it is as if it were not there; unnamed, it is another image of the same app. */
async function isMounted(
  { instance }: RegistryContext,
  { principal }: RegistryRequest,
  image: Image,
  digest: string,
  from: string | null,
): Promise<boolean> {
  if (!isDigest(digest)) return false;
  const source = from === null ? undefined : parseImageName(from);
  const other =
    from === null
      ? await findHolder(instance.db.read, image.app, digest)
      : source && (await findImage(instance.db.read, principal, "download", source).catch(() => undefined));
  return other !== undefined && (await mountBlob(instance, { principal }, other, image, digest));
}

export async function answerUpload(registry: RegistryContext, asked: RegistryRequest, upload: string): Promise<Response> {
  const { instance, uploads } = registry;
  const { request, url } = asked;
  const image = await openImage(instance, asked.principal, asked.name);
  const caller: Caller = { principal: asked.principal };
  switch (request.method) {
    case "GET":
    case "HEAD":
      return progress(asked, upload, await uploads.length(caller, image, upload), 204);
    case "PATCH":
      return accepted(asked, upload, await uploads.append(caller, image, upload, offsetOf(request), bodyOf(request)));
    case "PUT": {
      const digest = url.searchParams.get("digest") ?? "";
      requireDigest(digest);
      if (request.headers.get("content-length") !== "0") await uploads.append(caller, image, upload, offsetOf(request), bodyOf(request));
      await uploads.finish(caller, image, upload, digest);
      return created(asked, digest);
    }
    case "DELETE":
      await uploads.cancel(caller, image, upload);
      return new Response(null, { status: 204 });
    default:
      return new Response(null, { status: 405 });
  }
}

/** Keeps a manifest; a tag on an app whose images are releases makes one. Tags come as the reference, or beside a digest (`?tag=…`). */
export async function putManifest(registry: RegistryContext, asked: RegistryRequest, reference: string): Promise<Response> {
  const { instance } = registry;
  const { principal, name, request, url } = asked;
  const image = await openImage(instance, principal, name);
  const caller: Caller = { principal };
  const announced = isDigest(reference) ? reference : undefined;
  const tags = announced === undefined ? [reference] : url.searchParams.getAll("tag");
  const isRaw = image.app.registry === "raw";
  // Refused before anything is stored.
  for (const tag of tags) requireTag(tag, isRaw);
  const [contentType, body] = [request.headers.get("content-type") ?? "", await readManifest(request)];
  if (!isRaw) await adoptReleased(registry, asked, image, parseManifest(body, contentType));
  const pushed = await pushManifest(instance, caller, image, {
    ...(announced !== undefined && { announced }),
    tags: isRaw ? tags : [],
    contentType,
    body,
  });
  for (const tag of isRaw ? [] : tags) {
    await releaseImage(instance, caller, image, pushed.digest, tag);
    if (meaningOf(tag).kind !== "channel") await tagImage(instance, caller, image, tag, pushed.digest);
  }
  const headers = new Headers({ location: `/v2/${name.text}/manifests/${pushed.digest}`, "docker-content-digest": pushed.digest });
  if (pushed.subject !== undefined) headers.set("oci-subject", pushed.subject);
  if (tags.length > 0) headers.set("oci-tag", tags.join(", "));
  return new Response(null, { status: 201, headers });
}

function requireTag(tag: string, isRaw: boolean): void {
  if (!isTag(tag)) throw new DistError("image/tag-refused", `'${tag.slice(0, 200)}' is not a tag`);
  if (!isRaw) meaningOf(tag);
}

export async function removeManifest({ instance }: RegistryContext, asked: RegistryRequest, reference: string): Promise<Response> {
  const image = await openRawImage(asked, instance);
  await deleteManifest(instance, { principal: asked.principal }, image, reference);
  return new Response(null, { status: 202 });
}

export async function removeBlob({ instance }: RegistryContext, asked: RegistryRequest, digest: string): Promise<Response> {
  const image = await openRawImage(asked, instance);
  await deleteImageBlob(instance, { principal: asked.principal }, image, digest);
  return new Response(null, { status: 202 });
}

/** A published release never changes: only images that are no releases lose parts. */
async function openRawImage({ principal, name }: RegistryRequest, instance: RegistryContext["instance"]): Promise<Image> {
  const app = await openApp(instance.db.read, principal, "publish", name.app);
  if (app.registry !== "raw") throw new DistError("auth/forbidden", `the images of '${app.slug}' are releases; yank the release instead`);
  const image = await findImage(instance.db.read, principal, "publish", name);
  if (!image) throw new DistError("image/manifest-unknown", `there is no image '${name.text}'`);
  return image;
}

function requireDigest(digest: string): void {
  if (!isDigest(digest))
    throw new DistError("blob/digest-mismatch", `'${digest.slice(0, 200)}' is no digest this registry knows: sha256 or sha512`);
}

async function readManifest(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(request)) {
    size += chunk.length;
    if (size > MAX_MANIFEST_BYTES) throw new DistError("image/manifest-invalid", `a manifest has at most ${MAX_MANIFEST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  if (request.body) yield* request.body as unknown as AsyncIterable<Uint8Array>;
}

/** `Content-Range: 0-99`, without unit and total, as this specification has it. */
function offsetOf(request: Request): number | undefined {
  const header = request.headers.get("content-range");
  if (header === null) return undefined;
  const start = /^(\d{1,15})-\d{1,15}$/.exec(header.replace(/^bytes[ =]/, ""))?.[1];
  if (start === undefined) throw new DistError("upload/offset-mismatch", `'${header.slice(0, 80)}' is no range`);
  return Number(start);
}

function created({ name }: RegistryRequest, digest: string): Response {
  return new Response(null, { status: 201, headers: { location: `/v2/${name.text}/blobs/${digest}`, "docker-content-digest": digest } });
}

function accepted(asked: RegistryRequest, upload: string, length: number): Response {
  return progress(asked, upload, length, 202);
}

function progress({ name }: RegistryRequest, upload: string, length: number, status: number): Response {
  const headers = {
    location: `/v2/${name.text}/blobs/uploads/${upload}`,
    range: `0-${Math.max(0, length - 1)}`,
    "docker-upload-uuid": upload,
  };
  return new Response(null, { status, headers });
}
