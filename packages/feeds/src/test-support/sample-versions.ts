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
  const bytes = `${format} ${identifier} ${version}`;
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
  if (format === "oci") return imageOf(version);
  if (format === "npm") return JSON.stringify({ name, version, description });
  if (format === "deb") return `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nDescription: ${description}\n`;
  return `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nSummary: ${description}\nRequires-Python: ${requiresPython}\n`;
}

/** A manifest and one layer. */
function imageOf(version: string): string {
  const manifest = JSON.stringify({ schemaVersion: 2, annotations: { version }, layers: [] });
  const digest = `sha256:${sha256(manifest)}`;
  const content: ImageContent = {
    top: digest,
    manifests: [{ digest, mediaType: "application/vnd.oci.image.manifest.v1+json", body: Buffer.from(manifest).toString("base64") }],
    blobs: [{ digest: `sha256:${sha256(`layer of ${version}`)}`, size: 5, offset: 512 }],
  };
  return JSON.stringify(content);
}
