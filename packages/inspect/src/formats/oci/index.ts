// A container image in a tar: an OCI image layout (oci-layout, index.json, blobs/), or what `docker save` writes (manifest.json and the
// files it names; newer ones are both). Followed: opencontainers/image-spec, "Image Layout", "Manifest", "Configuration", and moby's
// image/spec/v1.2. Layers are not unpacked.
import {
  ARCHITECTURES,
  type Architecture,
  type ArtifactFacts,
  type ByteSource,
  limitSource,
  parseArchitecture,
  type Platform,
} from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { readDockerArchive } from "./docker-archive.ts";
import type { ImageFacts } from "./image-config.ts";
import { readImageContent } from "./image-content.ts";
import { readImageLayout } from "./image-layout.ts";
import { readSmallFiles } from "./small-files.ts";

const DOCKER_FILE = /^(?:blobs\/sha256\/)?[0-9a-f]{64}(?:\.json|\/layer\.tar)?$/;
const TITLE = "org.opencontainers.image.title";
const VERSION = "org.opencontainers.image.version";

export const oci: Inspector = {
  id: "oci",
  factsVersion: 1,
  extensions: [".oci", ".tar", ".tar.gz", ".tgz"],
  sniff({ name, tarEntries }) {
    if (tarEntries.includes("oci-layout")) return "yes";
    if (tarEntries.includes("manifest.json") && tarEntries.some((entry) => DOCKER_FILE.test(entry))) return "yes";
    return name.endsWith(".oci") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectOci(limitSource(source, limits.maxReadBytes), limits)),
  async readMetadata(source, limits) {
    const content = await readImageContent(source, limits);
    return content && new TextEncoder().encode(JSON.stringify(content));
  },
};

async function inspectOci(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const files = await readSmallFiles(source, limits);
  const isLayout = files.has("oci-layout") && files.has("index.json");
  if (!isLayout && !files.has("manifest.json")) throw broken("oci: there is neither an image layout nor a manifest.json");
  const images = isLayout ? readImageLayout(files, limits.maxDepth) : readDockerArchive(files, limits.maxDepth);
  if (images.length === 0) throw broken("oci: there is no image in it");
  const label = (name: string): string | undefined =>
    images.map(({ labels, annotations }) => annotations?.[name] ?? labels?.[name]).find(Boolean);
  const missing = images.reduce((sum, image) => sum + image.missingLayers, 0);
  return {
    format: oci.id,
    factsVersion: oci.factsVersion,
    platform: platformOf(images),
    architectures: architecturesOf(images),
    ...present({ version: label(VERSION), name: label(TITLE) }),
    signing: { state: "unsigned", schemes: [], certificates: [] },
    problems: missing === 0 ? [] : [{ code: "oci/layer-missing", message: `layers that are not in the archive: ${missing}` }],
    details: { layout: isLayout ? "oci" : "docker", images: images.map(({ missingLayers: _missing, ...shown }) => shown) },
  };
}

function platformOf(images: readonly ImageFacts[]): Platform {
  const systems = new Set(images.map(({ os }) => os));
  const [only] = systems;
  return systems.size === 1 && (only === "linux" || only === "windows") ? only : "any";
}

function architecturesOf(images: readonly ImageFacts[]): readonly Architecture[] {
  const known = new Set(
    images.map(({ architecture, variant }) => {
      if (architecture === "arm") return variant === "v7" || variant === "v8" ? "armv7" : undefined;
      return architecture === undefined ? undefined : parseArchitecture(architecture === "386" ? "i386" : architecture);
    }),
  );
  return ARCHITECTURES.filter((architecture) => known.has(architecture));
}
