import type { Architecture, Platform } from "@distd/core";
import { parseArchitecture } from "@distd/core";
import { broken } from "../../broken.ts";
import { present } from "../../present.ts";
import { childNamed, childrenNamed, childText, type XmlElement } from "../../xml/parse-xml.ts";

const MAX_DEPENDENCIES = 5000;
/** Velopack's words for systems. */
const SYSTEMS: Readonly<Record<string, Platform | undefined>> = { win: "windows", osx: "macos", linux: "linux" };

export interface Dependency {
  /** Absent when it is for every framework. */
  readonly framework?: string;
  readonly id: string;
  /** A version or a range, as written. */
  readonly version?: string;
}

/** `<package><metadata>`; namespaces differ by the age of the tool that wrote it, and do not matter. */
export function findMetadata(root: XmlElement, what: string): XmlElement {
  const metadata = childNamed(root, "metadata");
  if (root.name !== "package" || metadata === undefined) throw broken(`${what} describes no package`);
  return metadata;
}

/** Listed flat, or in groups by the framework they are for. */
export function parseDependencies(metadata: XmlElement): readonly Dependency[] {
  const list = childNamed(metadata, "dependencies");
  const groups = childrenNamed(list, "group").map((group) => ({ framework: group.attributes["targetFramework"], items: group }));
  const found = [{ framework: undefined, items: list }, ...groups].flatMap(({ framework, items }) =>
    childrenNamed(items, "dependency").map(({ attributes }) => ({
      id: attributes["id"] ?? "",
      ...present({ framework, version: attributes["version"] }),
    })),
  );
  if (found.length > MAX_DEPENDENCIES) throw broken(`nupkg: ${found.length} dependencies`);
  return found;
}

/** An SPDX expression, a file in the package, or an address of old. */
export function parseLicense(metadata: XmlElement): string | undefined {
  return childText(metadata, "license") ?? childText(metadata, "licenseUrl");
}

/** Velopack writes what a package runs on; a library says nothing of the kind. */
export function parseTarget(metadata: XmlElement): { readonly platform: Platform; readonly architectures: readonly Architecture[] } {
  const platform = SYSTEMS[childText(metadata, "os") ?? ""];
  const architecture = parseArchitecture(childText(metadata, "machineArchitecture") ?? "");
  return { platform: platform ?? "any", architectures: architecture === undefined ? ["any"] : [architecture] };
}
