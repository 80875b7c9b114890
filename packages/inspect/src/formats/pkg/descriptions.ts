import { type Architecture } from "@distd/core";
import { machineArchitectures } from "../../macho/machine.ts";
import { lowestVersion } from "../../macho/summarize.ts";
import { present } from "../../present.ts";
import { childNamed, childrenNamed, childText, descendantsNamed, type XmlElement } from "../../xml/parse-xml.ts";

const MAX_BUNDLES = 1000;

/** What installer scripts of a component run when. */
const SCRIPTS: readonly string[] = ["preinstall", "postinstall", "preflight", "postflight", "preupgrade", "postupgrade"];

export interface Component {
  readonly identifier?: string;
  readonly version?: string;
  readonly installLocation?: string;
  /** `root`: the installer asks for an administrator. */
  readonly auth?: string;
  readonly scripts: readonly string[];
  readonly bundles: readonly { readonly identifier?: string; readonly path?: string; readonly version?: string }[];
}

/** `PackageInfo`: one component. */
export function parseComponent(root: XmlElement): Component {
  const { attributes } = root;
  return {
    ...present({
      identifier: attributes["identifier"],
      version: attributes["version"],
      installLocation: attributes["install-location"],
      auth: attributes["auth"],
    }),
    scripts: (childNamed(root, "scripts")?.children ?? []).map(({ name }) => name).filter((name) => SCRIPTS.includes(name)),
    bundles: childrenNamed(root, "bundle")
      .slice(0, MAX_BUNDLES)
      .map(({ attributes: bundle }) =>
        present({
          identifier: bundle["id"],
          path: bundle["path"],
          version: bundle["CFBundleShortVersionString"] ?? bundle["CFBundleVersion"],
        }),
      ),
  };
}

export interface Distribution {
  readonly identifier?: string;
  readonly version?: string;
  readonly title?: string;
  readonly minOs?: string;
  readonly architectures: readonly Architecture[];
  /** Processors the installer itself may run on, as written. */
  readonly hostArchitectures?: string;
  readonly packages: readonly { readonly identifier: string; readonly version?: string }[];
}

/** `Distribution`: the description of a whole installer. A product has a name of its own; without one its only package stands for it. */
export function parseDistribution(root: XmlElement): Distribution {
  const packages = mergeReferences(childrenNamed(root, "pkg-ref"));
  const product = childNamed(root, "product")?.attributes ?? {};
  const only = packages.length === 1 ? packages[0] : undefined;
  const hostArchitectures = childNamed(root, "options")?.attributes["hostArchitectures"];
  const systems = descendantsNamed(root, "allowed-os-versions").flatMap((list) => childrenNamed(list, "os-version"));
  return {
    packages,
    architectures: machineArchitectures((hostArchitectures ?? "").split(",").map((word) => word.trim())),
    ...present({
      identifier: product["id"] ?? only?.identifier,
      version: product["version"] ?? only?.version,
      title: childText(root, "title"),
      minOs: lowestVersion(
        systems.map(({ attributes }) => attributes["min"]).filter((min) => /^\d{1,4}(?:\.\d{1,4}){0,2}$/.test(min ?? "")),
      ),
      hostArchitectures,
    }),
  };
}

/** What a document says of one package is spread over several elements. */
function mergeReferences(references: readonly XmlElement[]): Distribution["packages"] {
  const versions = new Map<string, string | undefined>();
  for (const { attributes } of references) {
    const id = attributes["id"] ?? "";
    versions.set(id, versions.get(id) ?? attributes["version"]);
  }
  return [...versions].map(([identifier, version]) => ({ identifier, ...present({ version }) }));
}
