// A Windows app package (MSIX, before that APPX) or a bundle of them: a zip with a manifest, a map of block hashes and a signature. Followed:
// Microsoft's package manifest schemas and the MSIX SDK. docs/formats/msix.md says how each fact is found.
import { type ArtifactFacts, type ByteSource, limitSource } from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import { readZipIcon } from "../../icons/zip-icon.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { childNamed, childText, parseXml, type XmlElement } from "../../xml/parse-xml.ts";
import { openZip, type Zip } from "../../zip/open-zip.ts";
import { findLogo } from "./logo.ts";
import {
  extremeVersion,
  literalText,
  parseCapabilities,
  parseDeviceFamilies,
  parseIdentity,
  parsePackages,
  toArchitectures,
} from "./manifest.ts";
import { readSignature } from "./signature.ts";

const MANIFEST = "AppxManifest.xml";
const BUNDLE_MANIFEST = "AppxMetadata/AppxBundleManifest.xml";
const BLOCK_MAP = "AppxBlockMap.xml";
const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;

export const msix: Inspector = {
  id: "msix",
  factsVersion: 2,
  extensions: [".msix", ".appx", ".msixbundle", ".appxbundle"],
  sniff({ name, zipEntries }) {
    if (zipEntries.includes(BLOCK_MAP) && (zipEntries.includes(MANIFEST) || zipEntries.includes(BUNDLE_MANIFEST))) return "yes";
    return msix.extensions.some((extension) => name.endsWith(extension)) ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectMsix(limitSource(source, limits.maxReadBytes), limits)),
  readIcon: readZipIcon,
};

async function inspectMsix(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const zip = await openZip(source, limits, { contiguous: false });
  const isBundle = zip.find(BUNDLE_MANIFEST) !== undefined;
  const manifest = await readManifest(zip, isBundle ? BUNDLE_MANIFEST : MANIFEST, limits.maxDepth);
  if (manifest.name !== (isBundle ? "Bundle" : "Package")) throw broken(`msix: the manifest describes <${manifest.name.slice(0, 40)}>`);
  if (zip.find(BLOCK_MAP) === undefined) throw broken(`msix: there is no ${BLOCK_MAP}; Windows installs none without`);
  const identity = parseIdentity(manifest);
  const families = parseDeviceFamilies(manifest);
  const packages = isBundle ? parsePackages(manifest) : undefined;
  const properties = childNamed(manifest, "Properties");
  const displayName = childText(properties, "DisplayName");
  const { signing, problems } = await readSignature(zip);
  return {
    format: msix.id,
    factsVersion: msix.factsVersion,
    platform: families.length > 0 && !families.some(({ name }) => /^(?:Windows|MSIXCore)/.test(name)) ? "any" : "windows",
    architectures: toArchitectures(
      packages?.filter(({ type }) => type === "application").map(({ architecture }) => architecture) ?? [identity.architecture],
    ),
    identifier: identity.name,
    ...present({
      version: identity.version,
      name: literalText(displayName),
      minOs: extremeVersion(
        families.map(({ minVersion }) => minVersion),
        "lowest",
      ),
      targetOs: extremeVersion(
        families.map(({ maxVersionTested }) => maxVersionTested),
        "highest",
      ),
      icon: findLogo(zip, childText(properties, "Logo")),
    }),
    ...(isBundle ? {} : { permissions: parseCapabilities(manifest) }),
    signing,
    problems,
    details: {
      kind: isBundle ? "bundle" : "package",
      deviceFamilies: families,
      ...present({
        publisher: identity.publisher,
        displayName,
        publisherDisplayName: childText(properties, "PublisherDisplayName"),
        processor: identity.architecture,
        resourceId: identity.resourceId,
        packages,
      }),
    },
  };
}

async function readManifest(zip: Zip, name: string, maxDepth: number): Promise<XmlElement> {
  const entry = zip.find(name);
  if (entry === undefined) throw broken(`msix: there is no ${name}`);
  if (entry.bytes > MAX_MANIFEST_BYTES) throw broken(`${name} claims ${entry.bytes} bytes, at most ${MAX_MANIFEST_BYTES} are read`);
  return parseXml(await zip.read(entry), maxDepth, name);
}
