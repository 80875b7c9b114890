import { ARCHITECTURES, type Architecture } from "@distd/core";
import { broken } from "../../broken.ts";
import { present } from "../../present.ts";
import { childNamed, childrenNamed, childText, descendantsNamed, type XmlElement } from "../../xml/parse-xml.ts";

const WORDS: Readonly<Record<string, Architecture | undefined>> = {
  neutral: "any",
  x86: "x86",
  x64: "x64",
  arm: "armv7",
  arm64: "arm64",
};
/** A manifest written for it; what says nothing is for every processor (the schema's default). */
const DEFAULT_ARCHITECTURE = "neutral";
const RESOURCE_REFERENCE = "ms-resource:";
const MAX_PACKAGES = 10_000;

export interface Identity {
  readonly name: string;
  readonly version?: string;
  readonly publisher?: string;
  readonly architecture?: string;
  readonly resourceId?: string;
}

export interface DeviceFamily {
  readonly name: string;
  readonly minVersion?: string;
  readonly maxVersionTested?: string;
}

export interface BundledPackage {
  readonly file: string;
  readonly type: string;
  readonly version?: string;
  readonly architecture?: string;
}

export function parseIdentity(root: XmlElement): Identity {
  const attributes = childNamed(root, "Identity")?.attributes ?? {};
  const name = attributes["Name"];
  if (name === undefined || name === "") throw broken("msix: the manifest names no package");
  return {
    name,
    ...present({
      version: attributes["Version"],
      publisher: attributes["Publisher"],
      architecture: attributes["ProcessorArchitecture"],
      resourceId: attributes["ResourceId"],
    }),
  };
}

/** Kinds of Windows it is for. Manifests for Windows 8 state one range of versions and no kind. */
export function parseDeviceFamilies(root: XmlElement): readonly DeviceFamily[] {
  const families = descendantsNamed(root, "TargetDeviceFamily").map(({ attributes }) => ({
    name: attributes["Name"] ?? "",
    ...present({ minVersion: attributes["MinVersion"], maxVersionTested: attributes["MaxVersionTested"] }),
  }));
  const old = childNamed(root, "Prerequisites");
  const range = present({ minVersion: childText(old, "OSMinVersion"), maxVersionTested: childText(old, "OSMaxVersionTested") });
  return families.length === 0 && Object.keys(range).length > 0 ? [{ name: "Windows", ...range }] : families;
}

/** Names of capabilities of every kind, each once. */
export function parseCapabilities(root: XmlElement): readonly string[] {
  const names = childNamed(root, "Capabilities")?.children.map(({ attributes }) => attributes["Name"] ?? "") ?? [];
  return [...new Set(names)].filter((name) => name !== "");
}

export function parsePackages(root: XmlElement): readonly BundledPackage[] {
  const packages = childrenNamed(childNamed(root, "Packages"), "Package");
  if (packages.length > MAX_PACKAGES) throw broken(`msix: ${packages.length} packages in a bundle`);
  return packages.map(({ attributes }) => ({
    file: attributes["FileName"] ?? "",
    type: attributes["Type"] ?? "resource",
    ...present({ version: attributes["Version"], architecture: attributes["Architecture"] }),
  }));
}

/** In our words, each once, in their order. `any` stands alone: a package for every processor needs no other. */
export function toArchitectures(names: readonly (string | undefined)[]): readonly Architecture[] {
  const known = new Set(names.map((name) => WORDS[(name ?? DEFAULT_ARCHITECTURE).toLowerCase()]));
  return known.has("any") ? ["any"] : ARCHITECTURES.filter((architecture) => known.has(architecture));
}

/** Text that is a reference into resources.pri is no name. */
export function literalText(text: string | undefined): string | undefined {
  return text?.startsWith(RESOURCE_REFERENCE) === true ? undefined : text;
}

/** The lowest or highest of dotted numbers, as written. */
export function extremeVersion(versions: readonly (string | undefined)[], wanted: "lowest" | "highest"): string | undefined {
  const rank = (version: string): readonly number[] => version.split(".").map(Number);
  const compare = (a: string, b: string): number => {
    const [left, right] = [rank(a), rank(b)];
    const at = [0, 1, 2, 3].find((index) => (left[index] ?? 0) !== (right[index] ?? 0)) ?? 0;
    return (left[at] ?? 0) - (right[at] ?? 0);
  };
  const sorted = versions
    .filter((version): version is string => version !== undefined && /^\d{1,9}(?:\.\d{1,9}){0,3}$/.test(version))
    .sort(compare);
  return wanted === "lowest" ? sorted[0] : sorted.at(-1);
}
