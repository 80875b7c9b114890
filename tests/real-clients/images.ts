import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { writeTar } from "../../fixtures/formats/make/tar-writer.ts";

/** An image in the layout that tools read from a tar (`oci-archive:`), with one layer that holds the version in a file. */
export interface MadeImage {
  readonly archive: Buffer;
  readonly manifestDigest: string;
  readonly manifest: Buffer;
  readonly layerDigest: string;
  readonly layer: Buffer;
}

/** Larger than what is looked at for being a manifest, and incompressible. */
const BALLAST_BLOCKS = 24_000;

function ballast(version: string): Buffer {
  return Buffer.concat(Array.from({ length: BALLAST_BLOCKS }, (_, block) => createHash("sha256").update(`${version} ${block}`).digest()));
}

export function makeImage(version: string, { isLabelled = true } = {}): MadeImage {
  const plain = writeTar([
    { path: "version", data: `${version}\n` },
    { path: "ballast", data: ballast(version) },
  ]);
  const layer = gzipSync(plain);
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Cmd: ["/bin/true"], ...(isLabelled && { Labels: { "org.opencontainers.image.version": version } }) },
      rootfs: { type: "layers", diff_ids: [digestOf(plain)] },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: digestOf(config), size: config.length },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digestOf(layer), size: layer.length }],
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
  return { archive, manifestDigest: digestOf(manifest), manifest, layerDigest: digestOf(layer), layer };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
