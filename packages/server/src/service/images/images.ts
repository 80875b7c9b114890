import { DistError, type Principal, type Use } from "@distd/core";
import type { Selectable } from "kysely";
import type { Read, Tx } from "../../db/database.ts";
import type { Schema } from "../../db/schema.ts";
import type { Action, Instance } from "../instance.ts";
import { type AppRow, openApp } from "../apps.ts";
import { createId } from "../ids.ts";

export type ManifestRow = Selectable<Schema["image_manifests"]>;

/** `notes`, or `notes/worker`: the app, and a name of its own when the app has several images. */
export interface ImageName {
  readonly text: string;
  readonly app: string;
}

export interface Image {
  readonly id: string;
  readonly name: ImageName;
  readonly app: AppRow;
}

/** The specification's names, of which the first part is an app. */
export function parseImageName(text: string): ImageName | undefined {
  const part = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  if (text.length > 255 || !new RegExp(`^${part}(?:/${part})*$`).test(text)) return undefined;
  return { text, app: text.split("/")[0] ?? "" };
}

/** Of both kinds the specification demands; bytes are kept by SHA-256 whatever they are called. */
export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text) || /^sha512:[0-9a-f]{128}$/.test(text);
}

export function isTag(text: string): boolean {
  return /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(text);
}

/** Undefined when nothing was ever pushed under that name; throws for who may not do this with the app. */
export async function findImage(db: Read | Tx, principal: Principal, action: Action | Use, name: ImageName): Promise<Image | undefined> {
  const app = await openApp(db, principal, action, name.app);
  const row = await db.selectFrom("images").select("id").where("app_id", "=", app.id).where("name", "=", name.text).executeTakeFirst();
  return row && { id: row.id, name, app };
}

/** Made by the first push. */
export async function openImage(instance: Instance, principal: Principal, name: ImageName): Promise<Image> {
  const there = await findImage(instance.db.read, principal, "publish", name);
  if (there) return there;
  return instance.db.write(async (tx) => {
    const app = await openApp(tx, principal, "publish", name.app);
    const row = { id: createId("img", instance.now()), app_id: app.id, name: name.text };
    await tx
      .insertInto("images")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const found = await findImage(tx, principal, "publish", name);
    if (!found) throw new DistError("internal/bug", `the image ${name.text} is not there after it was made`);
    return found;
  });
}

export async function findManifest(db: Read | Tx, image: Pick<Image, "id">, reference: string): Promise<ManifestRow | undefined> {
  const digest = isDigest(reference)
    ? reference
    : (await db.selectFrom("image_tags").select("digest").where("image_id", "=", image.id).where("tag", "=", reference).executeTakeFirst())
        ?.digest;
  if (digest === undefined) return undefined;
  return db.selectFrom("image_manifests").selectAll().where("image_id", "=", image.id).where("digest", "=", digest).executeTakeFirst();
}

export async function findImageBlob(
  db: Read | Tx,
  image: Pick<Image, "id">,
  digest: string,
): Promise<Selectable<Schema["image_blobs"]> | undefined> {
  return db.selectFrom("image_blobs").selectAll().where("image_id", "=", image.id).where("digest", "=", digest).executeTakeFirst();
}

/** Any image of the app that has the blob. */
export async function findHolder(db: Read | Tx, app: AppRow, digest: string): Promise<Image | undefined> {
  const row = await db
    .selectFrom("images")
    .innerJoin("image_blobs", "image_blobs.image_id", "images.id")
    .select(["images.id", "images.name"])
    .where("images.app_id", "=", app.id)
    .where("image_blobs.digest", "=", digest)
    .limit(1)
    .executeTakeFirst();
  return row && { id: row.id, app, name: { text: row.name, app: app.slug } };
}

export async function tagsOfImage(db: Read | Tx, image: Pick<Image, "id">): Promise<string[]> {
  const rows = await db.selectFrom("image_tags").select("tag").where("image_id", "=", image.id).orderBy("tag").execute();
  return rows.map(({ tag }) => tag);
}

/** What was pushed about a manifest: signatures, bills of materials. */
export async function referrersOf(db: Read | Tx, image: Pick<Image, "id">, subject: string): Promise<ManifestRow[]> {
  return db
    .selectFrom("image_manifests")
    .selectAll()
    .where("image_id", "=", image.id)
    .where("subject", "=", subject)
    .orderBy("digest")
    .execute();
}

/** Tags of tools that keep what belongs to a manifest beside it: `sha256-….sig`. */
const ATTACHMENT_TAGS = "sha256-%";

/** Whether it is, or is in, something that was pushed about another manifest. A tag that names its own manifest says nothing about another. */
export async function isPartOfAttachment(db: Read | Tx, image: Pick<Image, "id">, digest: string): Promise<boolean> {
  const manifests = db
    .selectFrom("image_manifests")
    .select(["image_manifests.digest", "body"])
    .where("image_manifests.image_id", "=", image.id);
  const referrers = await manifests.where("subject", "is not", null).execute();
  const tagged = await manifests
    .innerJoin("image_tags", (join) =>
      join.onRef("image_tags.image_id", "=", "image_manifests.image_id").onRef("image_tags.digest", "=", "image_manifests.digest"),
    )
    .select("tag")
    .where("tag", "like", ATTACHMENT_TAGS)
    .execute();
  const attachments = [...referrers, ...tagged.filter((row) => !row.tag.startsWith(row.digest.replace(":", "-")))];
  return attachments.some((row) => row.digest === digest || Buffer.from(row.body).includes(`"${digest}"`));
}
