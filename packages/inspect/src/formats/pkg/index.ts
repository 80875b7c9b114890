// A macOS installer package: a xar archive with PackageInfo (one component) or Distribution (a product of several, each in a folder). Followed:
// Apple's Distribution Definition reference and pkgbuild(1), productbuild(1). docs/formats/pkg.md says how each fact is found.
import { inflateSync, constants } from "node:zlib";
import { type ArtifactFacts, type ArtifactProblem, ByteReader, type ByteSource, limitSource, type SigningFacts } from "@distd/core";
import { attempt, broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { uniqueCertificates } from "../../x509/certificate.ts";
import { isXar, openXar, type Xar, type XarFile } from "../../xar/open-xar.ts";
import { findXarSignatures, readXarSigners } from "../../xar/signature.ts";
import { parseXml, type XmlElement } from "../../xml/parse-xml.ts";
import { type Component, type Distribution, parseComponent, parseDistribution } from "./descriptions.ts";

const MAX_DESCRIPTION_BYTES = 4 * 1024 * 1024;
const MAX_COMPONENTS = 100;
const MAX_LISTED = 1000;
const MAX_SNIFFED_BYTES = 64 * 1024;
const TRAILER_BYTES = 16;

export const pkg: Inspector = {
  id: "pkg",
  factsVersion: 1,
  extensions: [".pkg"],
  sniff({ head, name }) {
    if (isXar(head) && describesPackage(head)) return "yes";
    return name.endsWith(".pkg") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectPkg(limitSource(source, limits.maxReadBytes), limits)),
};

/** Whether the table of contents, as far as it is among the first bytes, names what only installers have. */
function describesPackage(head: Uint8Array): boolean {
  try {
    const start = new ByteReader(head, { littleEndian: false }).seek(4).u16();
    const text = inflateSync(head.subarray(start), { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_SNIFFED_BYTES });
    return /<name>(?:PackageInfo|Distribution)<\/name>/.test(text.toString("latin1"));
  } catch {
    return false;
  }
}

async function inspectPkg(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const xar = await openXar(source, limits);
  if (xar.end > source.size) throw broken("xar: cut short");
  const distribution = await readDistribution(xar, limits);
  const components = await readComponents(xar, limits);
  const [only] = components.length === 1 ? components : [];
  if (distribution === undefined && components.length === 0) throw broken("pkg: there is neither Distribution nor PackageInfo");
  const { signing, problems } = await readSigning(xar);
  const isFlat = distribution === undefined;
  return {
    format: pkg.id,
    factsVersion: pkg.factsVersion,
    platform: "macos",
    architectures: distribution?.architectures ?? [],
    ...present({
      identifier: isFlat ? only?.identifier : distribution.identifier,
      version: isFlat ? only?.version : distribution.version,
      name: distribution?.title,
      minOs: distribution?.minOs,
    }),
    signing,
    problems,
    details: {
      kind: isFlat ? "component" : "product",
      stapled: await isStapled(source),
      components,
      files: xar.files
        .filter(({ data }) => data !== undefined)
        .map(({ path }) => path)
        .slice(0, MAX_LISTED),
      ...present({
        packages: distribution?.packages,
        hostArchitectures: distribution?.hostArchitectures,
      }),
    },
  };
}

async function readXml(xar: Xar, file: XarFile, maxDepth: number): Promise<XmlElement> {
  return parseXml(await xar.read(file, MAX_DESCRIPTION_BYTES), maxDepth, file.path);
}

async function readDistribution(xar: Xar, limits: InspectLimits): Promise<Distribution | undefined> {
  const file = xar.files.find(({ path }) => path === "Distribution");
  return file === undefined ? undefined : parseDistribution(await readXml(xar, file, limits.maxDepth));
}

async function readComponents(xar: Xar, limits: InspectLimits): Promise<readonly (Component & { readonly path?: string })[]> {
  const files = xar.files.filter(({ path, data }) => /^(?:[^/]+\/)?PackageInfo$/.test(path) && data !== undefined);
  if (files.length > MAX_COMPONENTS) throw broken(`pkg: ${files.length} components`);
  const components = [];
  for (const file of files) {
    const root = await readXml(xar, file, limits.maxDepth);
    if (root.name !== "pkg-info") throw broken(`${file.path} describes no component`);
    const folder = file.path.includes("/") ? file.path.slice(0, file.path.indexOf("/")) : undefined;
    components.push({ ...present({ path: folder }), ...parseComponent(root) });
  }
  return components;
}

/** A notarization ticket is put behind the archive, and ends in a mark of its own. */
async function isStapled(source: ByteSource): Promise<boolean> {
  const trailer = await source.read(Math.max(0, source.size - TRAILER_BYTES), Math.min(TRAILER_BYTES, source.size));
  return Buffer.from(trailer.subarray(0, 4)).toString("latin1") === "t8lr";
}

async function readSigning(xar: Xar): Promise<{ readonly signing: SigningFacts; readonly problems: readonly ArtifactProblem[] }> {
  const signatures = findXarSignatures(xar);
  const problems: ArtifactProblem[] = [];
  const certificates = [];
  for (const signature of signatures) {
    const read = await attempt(() => readXarSigners(xar, signature));
    if ("value" in read) certificates.push(...read.value);
    else problems.push({ code: "pkg/signature-damaged", message: `A signature cannot be read: ${read.error.message}` });
  }
  const isSigned = signatures.length > 0;
  return {
    signing: {
      state: isSigned ? "unverified" : "unsigned",
      schemes: isSigned ? ["productsign"] : [],
      certificates: uniqueCertificates(certificates),
    },
    problems,
  };
}
