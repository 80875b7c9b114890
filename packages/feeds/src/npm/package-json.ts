import { decodeUtf8 } from "@distd/core";
import type { FeedArtifact } from "../feed.ts";

export type Json = { readonly [key: string]: unknown };

/** What npm's clients read when they only install. */
const ABBREVIATED = [
  "name",
  "version",
  "deprecated",
  "dependencies",
  "optionalDependencies",
  "devDependencies",
  "bundleDependencies",
  "bundledDependencies",
  "peerDependencies",
  "peerDependenciesMeta",
  "acceptDependencies",
  "bin",
  "directories",
  "engines",
  "os",
  "cpu",
  "libc",
  "funding",
] as const;
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall"];

/** The package's own description; undefined for what is none. */
export function packageJson(artifact: FeedArtifact): (Json & { readonly name: string; readonly version: string }) | undefined {
  if (faultOf(artifact) !== undefined) return undefined;
  const { name, version, ...rest } = readJson(artifact) ?? {};
  return { ...rest, name: String(name), version: String(version) };
}

/** Why a package has no place in a registry. */
export function faultOf(artifact: FeedArtifact): string | undefined {
  const manifest = readJson(artifact);
  if (!manifest) return "it has no package.json";
  const { name, version } = manifest;
  if (typeof name !== "string" || !isPackageName(name)) return `${JSON.stringify(name)} is not a name that npm takes`;
  if (typeof version !== "string" || !isVersion(version)) return `${JSON.stringify(version)} is not a version as semver.org has it`;
  return undefined;
}

function readJson({ metadata }: FeedArtifact): Json | undefined {
  if (!metadata) return undefined;
  const manifest: unknown = JSON.parse(decodeUtf8(metadata).replace(/^\uFEFF/, ""));
  return typeof manifest === "object" && manifest !== null ? (manifest as Json) : undefined;
}

/** As semver.org has it: clients leave out what else stands in a document's versions. */
function isVersion(version: string): boolean {
  return version.length <= 256 && /^\d+\.\d+\.\d+(?:-[0-9A-Za-z-.]+)?(?:\+[0-9A-Za-z-.]+)?$/.test(version);
}

/** Names the clients take: lower case, nothing that needs escaping in an address, one optional scope. */
export function isPackageName(name: string): boolean {
  return name.length <= 214 && /^(@[a-z0-9-~][a-z0-9-._~]*\/)?[a-z0-9-~][a-z0-9-._~]*$/.test(name);
}

/** `@acme/notes` → `notes-1.2.3.tgz`, as npm calls the file. */
export function tarballPath(name: string, version: string): string {
  return `${name}/-/${name.slice(name.lastIndexOf("/") + 1)}-${version}.tgz`;
}

/** npm wants `bin` as an object; authors may write one path. */
export function normalized(manifest: Json & { readonly name: string }): Json {
  const { bin, name } = manifest;
  return typeof bin === "string" ? { ...manifest, bin: { [name.slice(name.lastIndexOf("/") + 1)]: bin } } : manifest;
}

export function abbreviated(manifest: Json): Json {
  const scripts = manifest["scripts"];
  const hasInstallScript =
    typeof scripts === "object" && scripts !== null && INSTALL_SCRIPTS.some((script) => Object.hasOwn(scripts, script));
  const kept = ABBREVIATED.filter((field) => manifest[field] !== undefined).map((field) => [field, manifest[field]] as const);
  return { ...Object.fromEntries(kept), ...(hasInstallScript && { hasInstallScript }) };
}
