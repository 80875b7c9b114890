// A Swift package as `swift package archive-source` writes it and registries serve it: a zip with Package.swift at the top or in the one
// folder at the top. Followed: swift-package-manager, Documentation/PackageRegistry/Registry.md, and PackageDescription. The manifest is
// a program; it is not run, and only literals are read from it.
import { type ArtifactFacts, type ByteSource, decodeUtf8, limitSource } from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { openZip } from "../../zip/open-zip.ts";
import { parseManifest } from "./manifest.ts";

const MANIFEST = /^(?:[^/]+\/)?Package\.swift$/;
const VERSIONED = /^(?:[^/]+\/)?Package@swift-(\d+(?:\.\d+){0,2})\.swift$/;
const MAX_MANIFEST_BYTES = 1024 * 1024;

export const swift: Inspector = {
  id: "swift",
  factsVersion: 1,
  extensions: [".zip"],
  sniff: ({ zipEntries }) => (zipEntries.filter((entry) => MANIFEST.test(entry)).length === 1 ? "yes" : "no"),
  inspect: (source, limits) => refusingBadText(() => inspectSwift(limitSource(source, limits.maxReadBytes), limits)),
};

async function inspectSwift(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const zip = await openZip(source, limits, { contiguous: false });
  const [entry, ...others] = zip.entries.filter(({ name }) => MANIFEST.test(name));
  if (entry === undefined || others.length > 0) throw broken("swift: there is not exactly one Package.swift");
  if (entry.bytes > MAX_MANIFEST_BYTES) throw broken(`swift: Package.swift of ${entry.bytes} bytes`);
  const manifest = parseManifest(decodeUtf8(await zip.read(entry)));
  if (manifest.toolsVersion === undefined) throw broken("swift: Package.swift does not begin with a swift-tools-version");
  const versions = zip.entries.flatMap(({ name }) => VERSIONED.exec(name)?.[1] ?? []);
  return {
    format: swift.id,
    factsVersion: swift.factsVersion,
    platform: "any",
    architectures: ["any"],
    ...present({ identifier: manifest.name }),
    signing: { state: "unsigned", schemes: [], certificates: [] },
    problems: [],
    details: {
      toolsVersion: manifest.toolsVersion,
      platforms: manifest.platforms,
      products: manifest.products,
      dependencies: manifest.dependencies,
      versionedManifests: versions.sort(),
    },
  };
}
