// A Python source distribution: a tar.gz, in old ones a zip, with one folder NAME-VERSION that holds PKG-INFO. Followed:
// packaging.python.org, "Source distribution format" and "Core metadata specifications". Its build script is not run.
import { type ArtifactFacts, type ByteSource, limitSource } from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { MAX_METADATA_BYTES, parseCoreMetadata } from "../../python/core-metadata.ts";
import { scanTar } from "../../tar/scan-tar.ts";
import { openZip } from "../../zip/open-zip.ts";

const METADATA = /^[^/]+\/PKG-INFO$/;
const BUILD_FILES = /^[^/]+\/(pyproject\.toml|setup\.py|setup\.cfg)$/;

export const sdist: Inspector = {
  id: "sdist",
  factsVersion: 1,
  extensions: [".tar.gz", ".zip"],
  sniff({ name, tarEntries, zipEntries }) {
    const entries = tarEntries.length > 0 ? tarEntries : zipEntries;
    const isUsual = sdist.extensions.some((extension) => name.endsWith(extension));
    return isUsual && entries.filter((entry) => METADATA.test(entry)).length === 1 ? "yes" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectSdist(limitSource(source, limits.maxReadBytes), limits)),
};

interface Found {
  readonly metadata: readonly Uint8Array[];
  readonly buildFiles: readonly string[];
}

async function inspectSdist(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const [first] = await source.read(0, Math.min(1, source.size));
  const { metadata, buildFiles } = first === 0x50 ? await findInZip(source, limits) : await findInTar(source, limits);
  const [only] = metadata;
  if (only === undefined || metadata.length > 1) throw broken(`sdist: PKG-INFO is there ${metadata.length} times`);
  const { name, version, details } = parseCoreMetadata(only, "PKG-INFO");
  return {
    format: sdist.id,
    factsVersion: sdist.factsVersion,
    platform: "any",
    architectures: ["any"],
    identifier: name,
    version,
    signing: { state: "unsigned", schemes: [], certificates: [] },
    problems: [],
    details: { ...details, buildFiles: [...buildFiles].sort() },
  };
}

async function findInTar(source: ByteSource, limits: InspectLimits): Promise<Found> {
  const metadata: Uint8Array[] = [];
  const buildFiles: string[] = [];
  await scanTar(source, limits, {
    want(entry) {
      if (!METADATA.test(entry.path) || entry.type !== "file") return 0;
      if (entry.bytes > MAX_METADATA_BYTES) throw broken(`sdist: PKG-INFO of ${entry.bytes} bytes`);
      return entry.bytes;
    },
    visit(entry, content) {
      // Copied: the stream's memory is used again.
      if (METADATA.test(entry.path)) metadata.push(content.slice());
      const name = BUILD_FILES.exec(entry.path)?.[1];
      if (name !== undefined) buildFiles.push(name);
    },
  });
  return { metadata, buildFiles };
}

async function findInZip(source: ByteSource, limits: InspectLimits): Promise<Found> {
  const zip = await openZip(source, limits, { contiguous: false });
  const found = zip.entries.filter(({ name }) => METADATA.test(name));
  if (found.some(({ bytes }) => bytes > MAX_METADATA_BYTES)) throw broken("sdist: PKG-INFO is too large");
  return {
    metadata: await Promise.all(found.map((entry) => zip.read(entry))),
    buildFiles: zip.entries.flatMap(({ name }) => BUILD_FILES.exec(name)?.[1] ?? []),
  };
}
