// A Singularity Image Format file: a launch script of 32 bytes, a header, a table of descriptors of 585 bytes, and what they describe:
// file systems, signatures, labels, the recipe. Followed: sylabs/sif, pkg/sif/sif.go. Facts agree with `siftool header` and `siftool list`.
import { type ArtifactFacts, type ByteSource, limitSource, parseArchitecture } from "@distd/core";
import { refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import { parseJsonObject, textsOf } from "../../json/parse-json.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { type SifDescriptor, readDescriptors } from "./descriptor.ts";
import { readSifHeader } from "./header.ts";

const MAGIC = "SIF_MAGIC\0";
const MAX_LABELS_BYTES = 1024 * 1024;
const CLEAR_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----";

export const sif: Inspector = {
  id: "sif",
  factsVersion: 1,
  extensions: [".sif"],
  sniff({ head, name }) {
    if (Buffer.from(head.subarray(32, 42)).toString("latin1") === MAGIC) return "yes";
    return name.endsWith(".sif") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectSif(limitSource(source, limits.maxReadBytes), limits)),
};

async function inspectSif(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const header = await readSifHeader(source);
  const descriptors = await readDescriptors(source, header);
  const architecture = header.architecture === undefined ? undefined : parseArchitecture(header.architecture.replace(/^386$/, "i386"));
  const schemes = new Set<string>();
  for (const descriptor of descriptors.filter(({ type }) => type === "signature"))
    schemes.add((await startsWith(source, descriptor, CLEAR_SIGNED)) ? "pgp" : "dsse");
  return {
    format: sif.id,
    factsVersion: sif.factsVersion,
    platform: "linux",
    architectures: architecture === undefined ? [] : [architecture],
    signing: { state: schemes.size === 0 ? "unsigned" : "unverified", schemes: [...schemes].sort(), certificates: [] },
    problems: [],
    details: {
      formatVersion: header.version,
      objects: descriptors.map(({ offset: _offset, ...shown }) => shown),
      definition: descriptors.some(({ type }) => type === "definition"),
      ...present({
        id: header.id,
        architecture: header.architecture,
        launchScript: header.launchScript,
        createdAt: header.createdAt,
        modifiedAt: header.modifiedAt,
        labels: await readLabels(source, descriptors, limits),
      }),
    },
  };
}

async function startsWith(source: ByteSource, { offset, bytes }: SifDescriptor, text: string): Promise<boolean> {
  return Buffer.from(await source.read(offset, Math.min(bytes, text.length))).toString("latin1") === text;
}

async function readLabels(
  source: ByteSource,
  descriptors: readonly SifDescriptor[],
  limits: InspectLimits,
): Promise<Readonly<Record<string, string>> | undefined> {
  const labels = descriptors.find(({ type, bytes }) => type === "labels" && bytes > 0 && bytes <= MAX_LABELS_BYTES);
  if (labels === undefined) return undefined;
  return textsOf(parseJsonObject(await source.read(labels.offset, labels.bytes), limits.maxDepth, "sif: the labels object"));
}
