import { DistError } from "@distd/core";
import type { Tx } from "../../db/database.ts";
import { act } from "../act.ts";
import type { Caller, Instance } from "../instance.ts";
import { findImageBlob, findManifest, type Image, isDigest } from "./images.ts";
import { digestOfManifest, type Manifest, parseManifest } from "./manifest.ts";

export interface PushedManifest {
  readonly digest: string;
  readonly subject: string | undefined;
}

/** Keeps a manifest byte for byte. What it refers to has to be there. `tags` point to it then. */
export async function pushManifest(
  instance: Instance,
  caller: Caller,
  image: Image,
  push: { readonly announced?: string; readonly tags: readonly string[]; readonly contentType: string; readonly body: Uint8Array },
): Promise<PushedManifest> {
  const { announced, tags, contentType, body } = push;
  const digest = digestOfManifest(body, announced?.split(":")[0] ?? "sha256");
  if (announced !== undefined && digest !== announced)
    throw new DistError("blob/digest-mismatch", `the manifest was announced as ${announced}, but is ${digest}`);
  const manifest = parseManifest(body, contentType);
  return act(instance, { principal: caller.principal }, async (tx) => {
    await requireParts(tx, image, manifest);
    await storeManifest(tx, image, digest, manifest, body);
    for (const tag of tags) await pointTag(tx, image, tag, digest);
    return {
      result: { digest, subject: manifest.subject },
      event: {
        action: "image.push",
        app: image.app.slug,
        subject: digest,
        details: { image: image.name.text, tags },
      },
    };
  });
}

/** An index may name images of platforms nobody pushed; an image without its layers is of no use. */
async function requireParts(tx: Tx, image: Image, { config, layers }: Manifest): Promise<void> {
  for (const { digest } of [...(config ? [config] : []), ...layers]) {
    if (!(await findImageBlob(tx, image, digest)))
      throw new DistError("image/blob-unknown", `the manifest names ${digest}, which was not pushed to '${image.name.text}'`, {
        details: { digest },
      });
  }
}

async function storeManifest(tx: Tx, image: Image, digest: string, manifest: Manifest, body: Uint8Array): Promise<void> {
  const { mediaType, subject, artifactType, annotations } = manifest;
  await tx
    .insertInto("image_manifests")
    .values({
      image_id: image.id,
      digest,
      media_type: mediaType,
      body: Buffer.from(body),
      subject: subject ?? null,
      artifact_type: artifactType ?? null,
      annotations: annotations ? JSON.stringify(annotations) : null,
    })
    .onConflict((conflict) => conflict.columns(["image_id", "digest"]).doUpdateSet({ media_type: mediaType }))
    .execute();
}

/** Lets a tag point to a manifest that is there. */
export async function tagImage(instance: Instance, caller: Caller, image: Image, tag: string, digest: string): Promise<void> {
  await act(instance, { principal: caller.principal }, async (tx) => {
    await pointTag(tx, image, tag, digest);
    return {
      result: null,
      event: { action: "image.push", app: image.app.slug, subject: digest, details: { image: image.name.text, tag } },
    };
  });
}

async function pointTag(tx: Tx, image: Image, tag: string, digest: string): Promise<void> {
  await tx
    .insertInto("image_tags")
    .values({ image_id: image.id, tag, digest })
    .onConflict((conflict) => conflict.columns(["image_id", "tag"]).doUpdateSet({ digest }))
    .execute();
}

/** Removes a tag, or a manifest with all tags that point to it. */
export async function deleteManifest(instance: Instance, caller: Caller, image: Image, reference: string): Promise<void> {
  await act(instance, { principal: caller.principal }, async (tx) => {
    const manifest = await findManifest(tx, image, reference);
    if (!manifest) throw new DistError("image/manifest-unknown", `'${image.name.text}' has no manifest '${reference}'`);
    if (isDigest(reference)) {
      await tx.deleteFrom("image_tags").where("image_id", "=", image.id).where("digest", "=", reference).execute();
      await tx.deleteFrom("image_manifests").where("image_id", "=", image.id).where("digest", "=", reference).execute();
    } else await tx.deleteFrom("image_tags").where("image_id", "=", image.id).where("tag", "=", reference).execute();
    const details = { image: image.name.text, reference };
    return { result: null, event: { action: "image.delete", app: image.app.slug, subject: manifest.digest, details } };
  });
}

/** The image no longer has the blob; its bytes go when nothing else holds them. */
export async function deleteImageBlob(instance: Instance, caller: Caller, image: Image, digest: string): Promise<void> {
  await act(instance, { principal: caller.principal }, async (tx) => {
    const blob = await findImageBlob(tx, image, digest);
    if (!blob) throw new DistError("image/blob-unknown", `'${image.name.text}' has no blob ${digest}`);
    await tx.deleteFrom("image_blobs").where("image_id", "=", image.id).where("digest", "=", digest).execute();
    // Another digest of the same bytes may keep them.
    const others = await tx
      .selectFrom("image_blobs")
      .select("digest")
      .where("image_id", "=", image.id)
      .where("sha256", "=", blob.sha256)
      .execute();
    if (others.length === 0)
      await tx
        .deleteFrom("blob_references")
        .where("owner_id", "=", image.id)
        .where("kind", "=", "image")
        .where("sha256", "=", blob.sha256)
        .execute();
    const details = { image: image.name.text, reference: digest };
    return { result: null, event: { action: "image.delete", app: image.app.slug, subject: digest, details } };
  });
}
