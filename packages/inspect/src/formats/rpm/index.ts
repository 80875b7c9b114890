// An rpm package: a 96-byte lead that only file(1) still reads, a header of signatures, the package's own header, and the payload (a
// compressed cpio archive). Everything is in the headers; of the payload only its length is checked. Facts agree with `rpm -qp`.
import { type Architecture, type ArtifactFacts, type ByteSource, limitSource, parseArchitecture } from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import { present } from "../../present.ts";
import { readRpmHeader, type RpmHeader } from "../../rpm/read-header.ts";
import { readRelations } from "./relations.ts";
import { findSchemes } from "./signatures.ts";
import { SCRIPT_TAGS, SIGNATURE_TAG, TAG } from "./tags.ts";

const LEAD_BYTES = 96;
const SOURCE_LEAD = 1;

export const rpm: Inspector = {
  id: "rpm",
  factsVersion: 1,
  extensions: [".rpm"],
  sniff({ head, name }) {
    if (head[0] === 0xed && head[1] === 0xab && head[2] === 0xee && head[3] === 0xdb) return "yes";
    return name.endsWith(".rpm") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectRpm(limitSource(source, limits.maxReadBytes))),
};

async function inspectRpm(source: ByteSource): Promise<ArtifactFacts> {
  if (source.size < LEAD_BYTES) throw broken("rpm: the file is cut short");
  const lead = await source.read(0, LEAD_BYTES);
  if (lead[0] !== 0xed || lead[1] !== 0xab || lead[2] !== 0xee || lead[3] !== 0xdb) throw broken("rpm: not an rpm package");
  const signatures = await readRpmHeader(source, LEAD_BYTES);
  const offset = LEAD_BYTES + Math.ceil(signatures.bytes / 8) * 8;
  const header = await readRpmHeader(source, offset);
  checkLength(source, offset, signatures, header);
  const [name, version, release] = [header.text(TAG.name), header.text(TAG.version), header.text(TAG.release)];
  if (name === undefined || version === undefined || release === undefined)
    throw broken("rpm: the header lacks a name, version or release");
  const isSource = lead[7] === SOURCE_LEAD || header.has(TAG.sourcePackage);
  const architecture = header.text(TAG.architecture);
  const schemes = findSchemes(signatures);
  return {
    format: rpm.id,
    factsVersion: rpm.factsVersion,
    platform: "linux",
    architectures: isSource ? ["any"] : toArchitectures(architecture),
    identifier: name,
    version: `${version}-${release}`,
    signing: { state: schemes.length === 0 ? "unsigned" : "unverified", schemes, certificates: [] },
    problems: [],
    details: {
      source: isSource,
      formatVersion: header.numbers(TAG.formatVersion)[0] ?? lead[4],
      files: header.count(TAG.baseNames) || header.count(TAG.oldFileNames),
      scripts: SCRIPT_TAGS.filter(([, tag]) => header.has(tag)).map(([script]) => script),
      ...present({
        epoch: header.numbers(TAG.epoch)[0],
        architecture,
        os: header.text(TAG.os),
        summary: header.text(TAG.summary),
        description: header.text(TAG.description),
        license: header.text(TAG.license),
        vendor: header.text(TAG.vendor),
        packager: header.text(TAG.packager),
        group: header.text(TAG.group),
        url: header.text(TAG.url),
        sourceRpm: header.text(TAG.sourceRpm),
        rpmVersion: header.text(TAG.rpmVersion),
        buildHost: header.text(TAG.buildHost),
        builtAt: toDate(header.numbers(TAG.buildTime)[0]),
        installedBytes: header.numbers(TAG.longSize)[0] ?? header.numbers(TAG.size)[0],
        payloadFormat: header.text(TAG.payloadFormat),
        payloadCompression: header.text(TAG.payloadCompressor),
        modularity: header.text(TAG.modularityLabel),
      }),
      ...readRelations(header),
    },
  };
}

/** What says how long the package is: version 4 counts header and payload, version 6 the compressed payload. */
function checkLength(source: ByteSource, offset: number, signatures: RpmHeader, header: RpmHeader): void {
  const counted = signatures.numbers(SIGNATURE_TAG.longSize)[0] ?? signatures.numbers(SIGNATURE_TAG.size)[0] ?? 0;
  const payload = header.numbers(TAG.payloadBytes)[0] ?? 0;
  const end = Math.max(offset + counted, offset + header.bytes + payload);
  if (end > source.size) throw broken(`rpm: the package ends at ${end}, the file at ${source.size}`);
  if (counted > 0 && counted < header.bytes) throw broken("rpm: the package is counted smaller than its header");
}

function toArchitectures(raw: string | undefined): readonly Architecture[] {
  // Fedora's and SUSE's names for 32-bit ARM with floating point numbers in registers.
  const architecture = raw === undefined ? undefined : parseArchitecture(/^armv7(?:hl|hnl)$/.test(raw) ? "armhf" : raw);
  return architecture === undefined ? [] : [architecture];
}

function toDate(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
