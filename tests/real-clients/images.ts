import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { writeTar } from "../../fixtures/formats/make/tar-writer.ts";
import { DEBIAN_ARCHITECTURE, NAME } from "./packages.ts";
import { makeStaticProgram } from "./static-program.ts";

/** An image in the layout that tools read from a tar (`oci-archive:`). Its one layer holds one program, which prints the version. */
export interface MadeImage {
  readonly version: string;
  readonly archive: Buffer;
  readonly program: Buffer;
  readonly manifestDigest: string;
  readonly manifest: Buffer;
  readonly config: Buffer;
  readonly layerDigest: string;
  readonly layer: Buffer;
}

export const VERSION_LABEL = "org.opencontainers.image.version";
const TITLE_ANNOTATION = "org.opencontainers.image.title";
const GZIP = Buffer.from([0x1f, 0x8b]);
/** Larger than what is looked at for being a manifest, and incompressible. */
const BALLAST_BLOCKS = 24_000;

function ballast(version: string): Buffer {
  return Buffer.concat(Array.from({ length: BALLAST_BLOCKS }, (_, block) => createHash("sha256").update(`${version} ${block}`).digest()));
}

const made = new Map<string, MadeImage>();

/** Made once for each version. */
export function makeImage(version: string): MadeImage {
  const known = made.get(version) ?? build(version);
  made.set(version, known);
  return known;
}

function build(version: string): MadeImage {
  const program = makeStaticProgram(`${version}\n`, ballast(version));
  const plain = writeTar([{ path: NAME, data: program, mode: 0o755 }]);
  const layer = gzipSync(plain);
  const config = Buffer.from(
    JSON.stringify({
      architecture: DEBIAN_ARCHITECTURE,
      os: "linux",
      config: { Entrypoint: [`/${NAME}`], Labels: { [VERSION_LABEL]: version } },
      rootfs: { type: "layers", diff_ids: [digestOf(plain)] },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: digestOf(config), size: config.length },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digestOf(layer), size: layer.length }],
      annotations: { [TITLE_ANNOTATION]: NAME },
    }),
  );
  const descriptor = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: digestOf(manifest), size: manifest.length };
  const index = JSON.stringify({ schemaVersion: 2, manifests: [descriptor] });
  const blob = (content: Buffer) => ({ path: `blobs/sha256/${digestOf(content).slice(7)}`, data: content });
  const archive = writeTar([
    { path: "oci-layout", data: '{"imageLayoutVersion":"1.0.0"}' },
    { path: "index.json", data: index },
    ...[config, layer, manifest].map(blob),
  ]);
  return { version, archive, program, manifestDigest: digestOf(manifest), manifest, config, layerDigest: digestOf(layer), layer };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** A byte of a part of an image that only a digest tells about: without it the part means as much. Undefined for answers that are no such part. */
export function unreadIn(part: "layer" | "config" | "manifest", path: string, bytes: Buffer): number | undefined {
  if (part === "manifest") return path.includes("/manifests/sha256:") ? bytes.indexOf(NAME) : undefined;
  const isLayer = bytes.subarray(0, GZIP.length).equals(GZIP);
  if (!path.includes("/blobs/sha256:") || isLayer !== (part === "layer")) return undefined;
  // The time in gzip; the label's version.
  return isLayer ? 4 : bytes.indexOf(VERSION_LABEL) + VERSION_LABEL.length + '":"'.length;
}
