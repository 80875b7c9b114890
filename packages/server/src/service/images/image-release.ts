import {
  ARCHITECTURES,
  type Architecture,
  type ArtifactFacts,
  DistError,
  type ImageBlob,
  type ImageContent,
  parseArchitecture,
  parseChannelName,
  parseVersion,
  sha256,
  STABLE,
} from "@distd/core";
import { LATEST } from "@distd/feeds";
import type { Selectable } from "kysely";
import type { Schema } from "../../db/schema.ts";
import { act } from "../act.ts";
import { promote } from "../channels/promote.ts";
import { createId } from "../ids.ts";
import type { Caller, Instance } from "../instance.ts";
import { attach, withDraft } from "../releases/drafts.ts";
import { publish } from "../releases/publish.ts";
import { claimBlob, settleBlob } from "../uploads/arrival.ts";
import { rememberInspection } from "../uploads/inspection.ts";
import { findReleaseOfImage } from "./find-release.ts";
import { findImageBlob, findManifest, type Image } from "./images.ts";
import { type Manifest, parseManifest } from "./manifest.ts";

const VERSION = "org.opencontainers.image.version";
const TITLE = "org.opencontainers.image.title";
const MAX_CONFIG_BYTES = 1024 * 1024;
/** Of an image: as OCI and as Docker call it. */
const CONFIG = /config|\.container\.image\./;
/** The tags of tools that keep what belongs to a manifest beside it. */
const ATTACHMENT_TAG = /^sha256-[0-9a-f]{64}(?:\.[a-z]+)?$/;

export type TagMeaning =
  | { readonly kind: "version"; readonly version: string }
  | { readonly kind: "channel"; readonly channel: string }
  | { readonly kind: "attachment" };

/** What a tag pushed to an app means: a version, a channel, or something about another manifest. Anything else is refused by name. */
export function meaningOf(tag: string): TagMeaning {
  if (ATTACHMENT_TAG.test(tag)) return { kind: "attachment" };
  if (tag === LATEST) return { kind: "channel", channel: STABLE };
  if (/^v?[0-9]/.test(tag)) return { kind: "version", version: parseVersion(tag.replace(/^v(?=[0-9])/, "").replaceAll("_", "+")).text };
  try {
    return { kind: "channel", channel: parseChannelName(tag) };
  } catch (cause) {
    throw new DistError("image/tag-refused", `the tag '${tag}' is neither a version nor a channel`, { cause });
  }
}

/** A pushed image becomes a release, and is promoted when the tag is a channel. An image that a release has already is that release. */
export async function releaseImage(instance: Instance, caller: Caller, image: Image, digest: string, tag: string): Promise<void> {
  const meaning = meaningOf(tag);
  if (meaning.kind === "attachment") return;
  const known = await findReleaseOfImage(instance.db.read, image, digest);
  if (known && meaning.kind === "channel") {
    const { release, artifacts: only } = known;
    await promote(instance, caller, image.app.slug, meaning.channel, { release: release.id, exact: false, once: false, only });
    return;
  }
  if (known && meaning.kind === "version" && known.release.version === meaning.version) return;
  const content = await readContent(instance, image, digest);
  const version = meaning.kind === "version" ? meaning.version : content.version;
  if (version === undefined)
    throw new DistError("image/tag-refused", `the image pushed as '${tag}' names no version`, {
      hint: `push it by its version, or label it: --label ${VERSION}=1.2.3`,
    });
  const fileName = `${image.name.text.replaceAll("/", "-")}-${version}.oci`;
  await keepManifest(instance, caller, image, fileName, content);
  const slug = image.app.slug;
  const variant = image.name.text.slice(slug.length + 1);
  const artifact = { name: fileName, digest: `sha256:${sha256(content.top)}`, ...(variant !== "" && { variant }) };
  const channel = meaning.kind === "channel" ? meaning.channel : undefined;
  const release = await withDraft(instance, caller, slug, version, async (draft) => {
    await attach(instance, caller, slug, draft, { artifacts: [artifact] });
    return publish(instance, caller, slug, draft, { overrides: [], ...(channel !== undefined && { channel }) });
  });
  if (channel !== undefined)
    await promote(instance, caller, slug, channel, { release: release.id, exact: false, once: false, only: [sha256(content.top)] });
}

interface Content {
  readonly top: Uint8Array;
  readonly facts: ArtifactFacts;
  readonly image: ImageContent;
  readonly version: string | undefined;
}

/** Everything an image consists of, from what was pushed. */
async function readContent(instance: Instance, image: Image, digest: string): Promise<Content> {
  const db = instance.db.read;
  const manifests = new Map<string, ImageContent["manifests"][number]>();
  const blobs = new Map<string, ImageBlob>();
  const configs: Record<string, unknown>[] = [];
  const annotations: Record<string, string>[] = [];
  const walk = async (name: string): Promise<Uint8Array> => {
    const row = await findManifest(db, image, name);
    if (!row) throw new DistError("image/manifest-unknown", `'${image.name.text}' has no manifest ${name}`);
    const body = new Uint8Array(row.body);
    manifests.set(name, { digest: name, mediaType: row.media_type, body: Buffer.from(body).toString("base64") });
    const manifest: Manifest = parseManifest(body, row.media_type);
    if (manifest.annotations) annotations.push({ ...manifest.annotations });
    for (const blob of [...(manifest.config ? [manifest.config] : []), ...manifest.layers]) {
      const stored = await findImageBlob(db, image, blob.digest);
      if (!stored) throw new DistError("image/blob-unknown", `'${image.name.text}' has no blob ${blob.digest}`);
      blobs.set(blob.digest, { digest: blob.digest, size: stored.size });
      if (blob === manifest.config && CONFIG.test(blob.mediaType)) configs.push(await readConfig(instance, stored));
    }
    for (const child of manifest.manifests) await walk(child.digest);
    return body;
  };
  const top = await walk(digest);
  const label = (key: string): string | undefined =>
    annotations.map((texts) => texts[key]).find(Boolean) ?? configs.map((config) => labelOf(config, key)).find(Boolean);
  const [version, title] = [label(VERSION), label(TITLE)];
  const facts: ArtifactFacts = {
    format: "oci",
    factsVersion: 1,
    platform: platformOf(configs),
    architectures: architecturesOf(configs),
    ...(version !== undefined && { version }),
    ...(title !== undefined && { name: title }),
    signing: { state: "unsigned", schemes: [], certificates: [] },
    problems: [],
    details: { layout: "registry", images: configs.length },
  };
  return { top, facts, image: { top: digest, manifests: [...manifests.values()], blobs: [...blobs.values()] }, version };
}

/** The manifest is the release's artifact: its bytes become a blob, and what it leads to its metadata. */
async function keepManifest(
  instance: Instance,
  caller: Caller,
  image: Image,
  fileName: string,
  { top: bytes, facts, image: content }: Content,
): Promise<void> {
  const digest = sha256(bytes);
  const upload = createId("upl", instance.now());
  const staged = await instance.blobs.stage(upload);
  try {
    await staged.append(bytes);
    await staged.sync();
  } finally {
    await staged.close();
  }
  await claimBlob(instance, { sha256: digest, size: bytes.length, app: image.app.id });
  await instance.blobs.promote(upload, digest);
  await act(instance, { principal: caller.principal }, async (tx) => {
    await settleBlob(tx, digest);
    const metadata = new TextEncoder().encode(JSON.stringify(content));
    await rememberInspection(tx, digest, fileName, { facts, metadata });
    const details = { name: image.name.text, size: bytes.length };
    return { result: null, event: { action: "upload.complete", app: image.app.slug, subject: digest, details } };
  });
}

async function readConfig(
  instance: Instance,
  { sha256: digest, size }: Selectable<Schema["image_blobs"]>,
): Promise<Record<string, unknown>> {
  if (size > MAX_CONFIG_BYTES) return {};
  const source = await instance.blobs.source(digest);
  try {
    const json: unknown = JSON.parse(Buffer.from(await source.read(0, size)).toString("utf8"));
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    // The configuration of something that is no image.
    return {};
  } finally {
    await source.close();
  }
}

function labelOf(config: Record<string, unknown>, key: string): string | undefined {
  const labels = (config["config"] as { Labels?: Record<string, unknown> } | undefined)?.Labels;
  return typeof labels?.[key] === "string" ? labels[key] : undefined;
}

function platformOf(configs: readonly Record<string, unknown>[]): ArtifactFacts["platform"] {
  const systems = new Set(configs.map(({ os }) => os));
  const [only] = systems;
  return systems.size === 1 && (only === "linux" || only === "windows") ? only : "any";
}

function architecturesOf(configs: readonly Record<string, unknown>[]): readonly Architecture[] {
  const known = new Set(
    configs.map(({ architecture }) =>
      typeof architecture === "string" ? parseArchitecture(architecture === "386" ? "i386" : architecture) : undefined,
    ),
  );
  return ARCHITECTURES.filter((architecture) => known.has(architecture));
}
