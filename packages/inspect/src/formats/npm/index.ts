// An npm package: a gzip-compressed tar with one folder, usually `package`, that holds package.json. Followed: docs.npmjs.com,
// "package.json", and what npm itself unpacks: the top folder's name does not matter, and of two files of one name the last one counts.
import {
  type Architecture,
  ARCHITECTURES,
  type ArtifactFacts,
  type ByteSource,
  limitSource,
  parseArchitecture,
  type Platform,
} from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import { isObject, parseJsonObject, textOf, textsOf } from "../../json/parse-json.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { scanTar } from "../../tar/scan-tar.ts";

const MAX_MANIFEST_BYTES = 1024 * 1024;
const MANIFEST = /^[^/]+\/package\.json$/;
/** Scripts npm runs when the package is installed. */
const INSTALL_SCRIPTS: readonly string[] = ["preinstall", "install", "postinstall"];
const PLATFORMS: Readonly<Record<string, Platform>> = { android: "android", darwin: "macos", linux: "linux", win32: "windows" };

export const npm: Inspector = {
  id: "npm",
  factsVersion: 1,
  extensions: [".tgz"],
  sniff({ name, tarEntries }) {
    if (tarEntries.includes("package/package.json")) return "yes";
    const tops = new Set(tarEntries.map((entry) => entry.split("/")[0]));
    return name.endsWith(".tgz") && tops.size === 1 && tarEntries.some((entry) => MANIFEST.test(entry)) ? "yes" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectNpm(limitSource(source, limits.maxReadBytes), limits)),
  readMetadata: findManifest,
};

async function inspectNpm(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const manifest = parseJsonObject(await findManifest(source, limits), limits.maxDepth, "package.json");
  const [identifier, version] = [textOf(manifest["name"]), textOf(manifest["version"])];
  if (identifier === undefined || version === undefined) throw broken("npm: package.json lacks a name or version");
  const [systems, processors] = [textList(manifest["os"]), textList(manifest["cpu"])];
  const scripts = textsOf(manifest["scripts"]) ?? {};
  const installScripts = INSTALL_SCRIPTS.filter((name) => Object.hasOwn(scripts, name));
  return {
    format: npm.id,
    factsVersion: npm.factsVersion,
    platform: platformOf(systems),
    architectures: architecturesOf(processors),
    identifier,
    version,
    signing: { state: "unsigned", schemes: [], certificates: [] },
    problems: [],
    details: {
      installScripts,
      ...present({
        description: textOf(manifest["description"]),
        license: licenseOf(manifest["license"]),
        homepage: textOf(manifest["homepage"]),
        repository:
          textOf(manifest["repository"]) ?? (isObject(manifest["repository"]) ? textOf(manifest["repository"]["url"]) : undefined),
        type: textOf(manifest["type"]),
        main: textOf(manifest["main"]),
        types: textOf(manifest["types"]) ?? textOf(manifest["typings"]),
        bin: textOf(manifest["bin"]) ?? textsOf(manifest["bin"]),
        engines: textsOf(manifest["engines"]),
        os: systems,
        cpu: processors,
        libc: textList(manifest["libc"]),
        dependencies: textsOf(manifest["dependencies"]),
        optionalDependencies: textsOf(manifest["optionalDependencies"]),
        peerDependencies: textsOf(manifest["peerDependencies"]),
        bundledDependencies: textList(manifest["bundledDependencies"] ?? manifest["bundleDependencies"]),
        private: manifest["private"] === true ? true : undefined,
      }),
    },
  };
}

async function findManifest(source: ByteSource, limits: InspectLimits): Promise<Uint8Array> {
  let found: Uint8Array | undefined;
  const scan = await scanTar(source, limits, {
    want(entry) {
      if (!MANIFEST.test(entry.path) || entry.type !== "file") return 0;
      if (entry.bytes > MAX_MANIFEST_BYTES) throw broken(`npm: package.json of ${entry.bytes} bytes`);
      return entry.bytes;
    },
    visit(entry, content) {
      if (!MANIFEST.test(entry.path)) return;
      if (found !== undefined || entry.type !== "file") throw broken("npm: package.json is there twice, or is no file");
      // Copied: the stream's memory is used again.
      found = content.slice();
    },
  });
  if (scan.codec !== "gzip") throw broken("npm: not compressed with gzip, which is all npm reads");
  if (found === undefined) throw broken(`npm: there is no package.json${scan.complete ? "" : " in the part that is read"}`);
  return found;
}

/** One text is a list of one. */
function textList(value: unknown): readonly string[] | undefined {
  const list = typeof value === "string" ? [value] : Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  return list.length === 0 ? undefined : list;
}

function licenseOf(value: unknown): string | undefined {
  return textOf(value) ?? (isObject(value) ? textOf(value["type"]) : undefined);
}

/** `!win32` excludes; only a list of one system is about that system. */
function platformOf(systems: readonly string[] | undefined): Platform {
  const [only, ...others] = systems ?? [];
  return (only !== undefined && others.length === 0 && Object.hasOwn(PLATFORMS, only) ? PLATFORMS[only] : undefined) ?? "any";
}

function architecturesOf(processors: readonly string[] | undefined): readonly Architecture[] {
  if (processors === undefined || processors.some((processor) => processor.startsWith("!"))) return ["any"];
  const known = new Set(processors.map((processor) => parseArchitecture(processor === "ia32" ? "i386" : processor)));
  return ARCHITECTURES.filter((architecture) => known.has(architecture));
}
