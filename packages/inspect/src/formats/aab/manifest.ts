import { broken } from "../../broken.ts";
import { type ProtoAttribute, type ProtoElement, parseProtoXml } from "./proto-xml.ts";

export interface BundleManifest {
  readonly packageName: string;
  readonly versionName?: ProtoAttribute;
  readonly versionCode?: string;
  readonly versionCodeMajor?: string;
  readonly minSdk?: string;
  readonly targetSdk?: string;
  readonly split?: string;
  readonly label?: ProtoAttribute;
  readonly icon?: ProtoAttribute;
  readonly debuggable: boolean;
  readonly permissions: readonly string[];
}

const PERMISSIONS: readonly string[] = ["uses-permission", "uses-permission-sdk-23"];

export function parseBundleManifest(bytes: Uint8Array, maxDepth: number, what: string): BundleManifest {
  const root = parseProtoXml(bytes, maxDepth, what);
  if (root.name !== "manifest") throw broken(`${what} is no manifest`);
  const packageName = root.attributes.get("package")?.value ?? "";
  if (packageName === "") throw broken(`${what} names no package`);
  const application = root.children.find(({ name }) => name === "application");
  const sdk = root.children.find(({ name }) => name === "uses-sdk");
  const text = (element: ProtoElement | undefined, name: string): string | undefined => element?.attributes.get(name)?.value || undefined;
  const granted = root.children.filter(({ name }) => PERMISSIONS.includes(name)).map((element) => text(element, "android:name"));
  const optional = {
    versionName: root.attributes.get("android:versionName"),
    versionCode: text(root, "android:versionCode"),
    versionCodeMajor: text(root, "android:versionCodeMajor"),
    minSdk: text(sdk, "android:minSdkVersion"),
    targetSdk: text(sdk, "android:targetSdkVersion"),
    split: text(root, "split"),
    label: application?.attributes.get("android:label"),
    icon: application?.attributes.get("android:icon"),
  };
  return {
    packageName,
    debuggable: text(application, "android:debuggable") === "true",
    permissions: [...new Set(granted.filter((name) => name !== undefined))],
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<BundleManifest>),
  };
}
