import { parseBinaryXml, type XmlAttribute, type XmlElement } from "../../axml/binary-xml.ts";
import type { ResValue } from "../../axml/res-value.ts";
import { broken } from "../../broken.ts";

/** The framework's ids of the attributes read here (public-final.xml of the Android framework). */
const ATTR = {
  label: 0x01010001,
  icon: 0x01010002,
  name: 0x01010003,
  debuggable: 0x0101000f,
  minSdkVersion: 0x0101020c,
  versionCode: 0x0101021b,
  versionName: 0x0101021c,
  targetSdkVersion: 0x01010270,
  maxSdkVersion: 0x01010271,
  testOnly: 0x01010272,
  glEsVersion: 0x01010281,
  required: 0x0101028e,
  isFeatureSplit: 0x0101055b,
  versionCodeMajor: 0x01010576,
} as const;

export interface Feature {
  readonly name: string;
  /** False: wanted, but it installs without. */
  readonly required: boolean;
}

/** What the manifest states, values unresolved. */
export interface Manifest {
  readonly packageName: string;
  readonly split: string | undefined;
  readonly configForSplit: string | undefined;
  readonly isFeatureSplit: boolean;
  readonly usesSplits: readonly string[];
  readonly versionCode: ResValue | undefined;
  readonly versionCodeMajor: ResValue | undefined;
  readonly versionName: ResValue | undefined;
  readonly minSdk: ResValue | undefined;
  readonly targetSdk: ResValue | undefined;
  readonly maxSdk: ResValue | undefined;
  readonly permissions: readonly string[];
  readonly features: readonly Feature[];
  readonly label: ResValue | undefined;
  readonly icon: ResValue | undefined;
  readonly debuggable: ResValue | undefined;
  readonly testOnly: ResValue | undefined;
}

export function parseManifest(bytes: Uint8Array, maxDepth: number): Manifest {
  const root = parseBinaryXml(bytes, maxDepth);
  if (root.name !== "manifest") throw broken(`AndroidManifest.xml begins with <${root.name.slice(0, 40)}>, not <manifest>`);
  const packageName = plain(root, "package");
  if (packageName === undefined || packageName === "") throw broken("AndroidManifest.xml names no package");
  // The platform takes the first <application> and warns about more; of <uses-sdk> the last one stands.
  const application = root.children.find((child) => child.name === "application");
  const usesSdk = root.children.findLast((child) => child.name === "uses-sdk");
  const of = (element: XmlElement | undefined, id: number): ResValue | undefined => element && attribute(element, id)?.value;
  return {
    packageName,
    split: plain(root, "split"),
    configForSplit: plain(root, "configForSplit"),
    isFeatureSplit: isTrue(of(root, ATTR.isFeatureSplit)),
    usesSplits: names(root, ["uses-split"]),
    versionCode: of(root, ATTR.versionCode),
    versionCodeMajor: of(root, ATTR.versionCodeMajor),
    versionName: of(root, ATTR.versionName),
    minSdk: of(usesSdk, ATTR.minSdkVersion),
    targetSdk: of(usesSdk, ATTR.targetSdkVersion),
    maxSdk: of(usesSdk, ATTR.maxSdkVersion),
    permissions: names(root, ["uses-permission", "uses-permission-sdk-23", "uses-permission-sdk-m"]),
    features: features(root),
    label: of(application, ATTR.label),
    icon: of(application, ATTR.icon),
    debuggable: of(application, ATTR.debuggable),
    testOnly: of(application, ATTR.testOnly),
  };
}

function attribute(element: XmlElement, id: number): XmlAttribute | undefined {
  return element.attributes.find((candidate) => candidate.resourceId === id);
}

/** An attribute without namespace: the platform reads the text as written, then the value. */
function plain(element: XmlElement, name: string): string | undefined {
  const found = element.attributes.find((candidate) => candidate.name === name && !candidate.hasNamespace);
  return found?.raw ?? text(found?.value);
}

/** `android:name` of every child called one of `tags`, each once, in order. */
function names(root: XmlElement, tags: readonly string[]): readonly string[] {
  const found = root.children.filter((child) => tags.includes(child.name)).map((child) => text(attribute(child, ATTR.name)?.value));
  return [...new Set(found.filter((name) => name !== undefined))];
}

function features(root: XmlElement): readonly Feature[] {
  const found = new Map<string, Feature>();
  for (const child of root.children.filter(({ name }) => name === "uses-feature")) {
    const glEs = attribute(child, ATTR.glEsVersion)?.value;
    const name =
      text(attribute(child, ATTR.name)?.value) ??
      (glEs?.kind === "integer" ? `OpenGL ES ${glEs.value >> 16}.${glEs.value & 0xffff}` : undefined);
    const required = attribute(child, ATTR.required)?.value;
    if (name !== undefined) found.set(name, { name, required: required === undefined || isTrue(required) });
  }
  return [...found.values()];
}

function text(value: ResValue | undefined): string | undefined {
  return value?.kind === "string" ? value.text : undefined;
}

export function isTrue(value: ResValue | undefined): boolean {
  return value?.kind === "boolean" ? value.value : value?.kind === "integer" && value.value !== 0;
}
