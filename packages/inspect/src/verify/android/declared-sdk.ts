// What the Android manifest says that decides which signatures are asked for, as AOSP's apksig reads it (ApkUtils).
import { attempt, broken } from "../../broken.ts";
import { parseBinaryXml, type XmlElement } from "../../axml/binary-xml.ts";
import type { ResValue } from "../../axml/res-value.ts";
import type { Zip } from "../../zip/open-zip.ts";
import { VERIFY_LIMITS } from "./apk-file.ts";

const MANIFEST = "AndroidManifest.xml";
const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;
const ATTRIBUTES = { minSdkVersion: 0x0101020c, targetSdkVersion: 0x01010270, targetSandboxVersion: 0x0101054c } as const;
/** The API level before the one that a letter became; later letters count on from O. */
const CODENAMES: readonly (readonly [letter: string, level: number])[] = [
  ["C", 2],
  ["D", 3],
  ["E", 4],
  ["F", 7],
  ["G", 8],
  ["H", 10],
  ["I", 13],
  ["J", 15],
  ["K", 18],
  ["L", 20],
  ["M", 22],
  ["N", 23],
  ["O", 25],
];

export interface DeclaredSdk {
  /** Undefined when the manifest does not say it in a way that can be read. */
  readonly minSdk: number | undefined;
  readonly targetSdk: number;
  readonly targetSandbox: number;
}

/** Of a manifest that means nothing the defaults; a package without one is `artifact/broken`. */
export async function readDeclaredSdk(zip: Zip): Promise<DeclaredSdk> {
  const entry = zip.find(MANIFEST);
  if (entry === undefined) throw broken(`there is no ${MANIFEST}`);
  if (entry.bytes > MAX_MANIFEST_BYTES) throw broken(`${MANIFEST} claims ${entry.bytes} bytes, at most ${MAX_MANIFEST_BYTES} are read`);
  const bytes = await zip.read(entry);
  const parsed = await attempt(() => parseBinaryXml(bytes, VERIFY_LIMITS.maxDepth));
  if ("error" in parsed) return { minSdk: undefined, targetSdk: 1, targetSandbox: 1 };
  const root = parsed.value;
  const usesSdk = root.children.filter(({ name }) => name === "uses-sdk");
  const levels = usesSdk.map((element) => minSdkOf(valueOf(element, ATTRIBUTES.minSdkVersion)));
  const minSdk = levels.reduce<number | undefined>((highest, level) => highest && level && Math.max(highest, level), 1);
  const target = usesSdk.map((element) => valueOf(element, ATTRIBUTES.targetSdkVersion)).find((value) => value !== undefined);
  return {
    minSdk,
    targetSdk: integerOf(target) ?? minSdk ?? 1,
    targetSandbox: integerOf(valueOf(root, ATTRIBUTES.targetSandboxVersion)) ?? 1,
  };
}

function valueOf(element: XmlElement, id: number): ResValue | undefined {
  return element.attributes.find(({ resourceId }) => resourceId === id)?.value;
}

/** The framework takes each element as it comes: the highest counts. */
function minSdkOf(value: ResValue | undefined): number | undefined {
  if (value === undefined) return 1;
  if (value.kind === "integer") return value.value;
  return value.kind === "string" ? levelOfCodename(value.text) : undefined;
}

function levelOfCodename(codename: string): number | undefined {
  const letter = codename.charAt(0);
  if (!/^[A-Z]$/.test(letter)) return undefined;
  const known = CODENAMES.findLast(([first]) => first <= letter);
  return known === undefined ? 1 : known[1] + letter.charCodeAt(0) - known[0].charCodeAt(0);
}

function integerOf(value: ResValue | undefined): number | undefined {
  return value?.kind === "integer" ? value.value : undefined;
}
