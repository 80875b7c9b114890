// An Android package: a zip with AndroidManifest.xml (binary XML), resources.arsc, dex code, libraries under lib/, and signatures in
// META-INF/ and before the zip's directory. Followed: the Android framework's ResourceTypes.h and package parser, and the signature scheme
// pages of source.android.com. Facts agree with aapt and apksig; docs/formats/apk.md says how each is found.
import { type ArtifactFacts, type ByteSource, limitSource } from "@distd/core";
import { zipAppFiles } from "../../app-bundle/app-files.ts";
import type { ResValue } from "../../axml/res-value.ts";
import { localizedTexts, resolveText, resolveValue } from "../../axml/resolve.ts";
import { EMPTY_TABLE, parseResourceTable, type ResourceTable } from "../../axml/resource-table.ts";
import { broken, refusingBadText } from "../../broken.ts";
import { readZipIcon } from "../../icons/zip-icon.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { openZip, type Zip } from "../../zip/open-zip.ts";
import { findApkIcon } from "./icon.ts";
import { isTrue, type Manifest, parseManifest } from "./manifest.ts";
import { findNativeAbis, toArchitectures } from "./native-code.ts";
import { readApkSigning } from "./signing.ts";

const MANIFEST = "AndroidManifest.xml";
const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;
/** An Android library (.aar) has a manifest too, as text, beside its code as a jar. */
const LIBRARY_MARK = "classes.jar";

export const apk: Inspector = {
  id: "apk",
  factsVersion: 2,
  extensions: [".apk"],
  sniff({ name, zipEntries }) {
    if (zipEntries.includes(MANIFEST) && !zipEntries.includes(LIBRARY_MARK)) return "yes";
    return name.endsWith(".apk") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectApk(limitSource(source, limits.maxReadBytes), limits)),
  readIcon: readZipIcon,
};

async function inspectApk(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const zip = await openZip(source, limits, { contiguous: false });
  const manifest = await readManifest(zip, limits);
  const resources = await readResources(zip);
  const { signing, problems, lineage, sourceStamp } = await readApkSigning(source, zip);
  const nativeAbis = findNativeAbis(zip);
  const text = (value: ResValue | undefined): string | undefined => resolveText(value, resources) || undefined;
  return {
    format: apk.id,
    factsVersion: apk.factsVersion,
    platform: "android",
    architectures: toArchitectures(nativeAbis),
    identifier: manifest.packageName,
    ...present({
      version: text(manifest.versionName),
      build: longVersionCode(manifest, resources),
      name: text(manifest.label),
      minOs: text(manifest.minSdk),
      targetOs: text(manifest.targetSdk),
      icon: await findApkIcon(manifest.icon, resources, zipAppFiles(zip), limits.maxDepth),
    }),
    permissions: manifest.permissions,
    signing,
    problems,
    details: {
      nativeAbis,
      debuggable: flag(manifest.debuggable, resources),
      testOnly: flag(manifest.testOnly, resources),
      features: manifest.features,
      labels: localizedTexts(manifest.label, resources),
      ...present({
        maxSdk: text(manifest.maxSdk),
        split: manifest.split,
        configForSplit: manifest.configForSplit,
        featureSplit: manifest.isFeatureSplit || undefined,
        usesSplits: manifest.usesSplits.length > 0 ? manifest.usesSplits : undefined,
        lineage,
        sourceStamp,
      }),
    },
  };
}

async function readManifest(zip: Zip, limits: InspectLimits): Promise<Manifest> {
  const entry = zip.find(MANIFEST);
  if (entry === undefined) throw broken(`there is no ${MANIFEST}: this is not an Android package`);
  if (entry.bytes > MAX_MANIFEST_BYTES) throw broken(`${MANIFEST} claims ${entry.bytes} bytes, at most ${MAX_MANIFEST_BYTES} are read`);
  return parseManifest(await zip.read(entry), limits.maxDepth);
}

async function readResources(zip: Zip): Promise<ResourceTable> {
  const entry = zip.find("resources.arsc");
  return entry === undefined ? EMPTY_TABLE : parseResourceTable(await zip.read(entry));
}

/** The long version code: versionCodeMajor in the upper 32 bits, versionCode in the lower. */
function longVersionCode(manifest: Manifest, resources: ResourceTable): string | undefined {
  const part = (value: ResValue | undefined): bigint | undefined => {
    const resolved = value && resolveValue(value, resources);
    return resolved?.kind === "integer" ? BigInt(resolved.value >>> 0) : undefined;
  };
  const minor = part(manifest.versionCode);
  const major = part(manifest.versionCodeMajor);
  return minor === undefined && major === undefined ? undefined : String(((major ?? 0n) << 32n) | (minor ?? 0n));
}

function flag(value: ResValue | undefined, resources: ResourceTable): boolean {
  return isTrue(value && resolveValue(value, resources));
}
