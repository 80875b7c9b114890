import { createHash } from "node:crypto";
import { type ImageContent, sha256 } from "@distd/core";
import type { FeedArtifact, FeedVersion } from "../feed.ts";

/** Text that comes from people and packages. */
export interface SampleText {
  readonly appName?: string;
  readonly notes?: string;
  readonly yanked?: string | undefined;
  /** What the packages say of themselves, in one line. */
  readonly description?: string;
  readonly requiresPython?: string;
}

const FORMATS = ["deb", "oci", "wheel", "sdist", "npm"] as const;
export type SampleFormat = (typeof FORMATS)[number];

/** A release of `lantern`, with an artifact of each format. */
export function sampleVersion(version: string, text: SampleText = {}, formats: readonly SampleFormat[] = FORMATS): FeedVersion {
  return {
    app: { slug: "lantern", name: text.appName ?? "Lantern" },
    version,
    build: "",
    sortKey: `1 ${version}`,
    publishedAt: "2026-11-20T08:00:00.000Z",
    notes: text.notes ?? "",
    ...(text.yanked !== undefined && { yanked: text.yanked }),
    artifacts: formats.map((format) => sampleArtifact(format, version, text)),
  };
}

const CONTENTS = new Map<string, Buffer>();

/** The bytes of a sample. */
export function sampleBytes({ sha256: digest }: Pick<FeedArtifact, "sha256">): Buffer {
  return CONTENTS.get(digest) ?? Buffer.alloc(0);
}

const NAMES: Readonly<Record<SampleFormat, (version: string) => string>> = {
  deb: (version) => `lantern_${version}_amd64.deb`,
  wheel: (version) => `lantern-${version}-py3-none-any.whl`,
  sdist: (version) => `lantern-${version}.tar.gz`,
  npm: (version) => `lantern-${version}.tgz`,
  oci: (version) => `lantern-${version}.oci.tar`,
};

export function sampleArtifact(
  format: SampleFormat,
  version: string,
  { description = "keeps a light on – 灯", requiresPython = ">=3.10" }: SampleText = {},
  change: { readonly metadata?: string; readonly name?: string; readonly identifier?: string } = {},
): FeedArtifact {
  const identifier = change.identifier ?? "lantern";
  const metadata = change.metadata ?? metadataOf(format, identifier, version, description, requiresPython);
  const bytes = format === "oci" ? imageOf(version).archive : Buffer.from(`${format} ${identifier} ${version}`);
  CONTENTS.set(sha256(bytes), bytes);
  return {
    id: `art_${format}_${identifier}_${version}`,
    name: change.name ?? NAMES[format](version),
    size: bytes.length,
    sha256: sha256(bytes),
    digests: { sha512: createHash("sha512").update(bytes).digest("hex"), sha1: createHash("sha1").update(bytes).digest("hex") },
    platform: format === "deb" ? "linux" : "any",
    arch: format === "deb" ? "x64" : "any",
    format,
    variant: "",
    role: "install",
    metadata: Buffer.from(metadata),
    facts: {
      format,
      factsVersion: 1,
      platform: format === "deb" ? "linux" : "any",
      architectures: ["any"],
      identifier,
      version,
      signing: { state: "unsigned", schemes: [], certificates: [] },
      problems: [],
      details: format === "deb" ? { architecture: "amd64" } : { requiresPython },
    },
  };
}

function metadataOf(format: SampleFormat, name: string, version: string, description: string, requiresPython: string): string {
  if (format === "oci") return JSON.stringify(imageOf(version).content);
  if (format === "npm") return JSON.stringify({ name, version, description });
  if (format === "deb") return `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nDescription: ${description}\n`;
  return `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nSummary: ${description}\nRequires-Python: ${requiresPython}\n`;
}

/** A manifest, a configuration and one layer; the archive has the last two somewhere in it. */
function imageOf(version: string): { readonly archive: Buffer; readonly content: ImageContent } {
  const [config, layer] = [`{"config of":"${version}"}`, `layer of ${version}`];
  const digestOf = (text: string): string => `sha256:${sha256(text)}`;
  const describe = (mediaType: string, text: string) => ({ mediaType, digest: digestOf(text), size: text.length });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: describe("application/vnd.oci.image.config.v1+json", config),
    layers: [describe("application/vnd.oci.image.layer.v1.tar", layer)],
    annotations: { version },
  });
  const before = "archive ";
  const blob = (text: string, offset: number) => ({ digest: digestOf(text), size: text.length, offset });
  const content: ImageContent = {
    top: digestOf(manifest),
    manifests: [{ digest: digestOf(manifest), mediaType, body: Buffer.from(manifest).toString("base64") }],
    blobs: [blob(config, before.length), blob(layer, before.length + config.length)],
  };
  return { archive: Buffer.from(`${before}${config}${layer}`), content };
}
