// An Android App Bundle: what a store makes APKs from; no device installs it. A zip with a folder per module, manifests and resources as
// protocol buffers, and a JAR signature. Followed: bundletool's documentation and Resources.proto, Configuration.proto and config.proto of
// AOSP. docs/formats/aab.md says how each fact is found.
import { type ArtifactFacts, type ArtifactProblem, type ByteSource, limitSource, type SigningFacts } from "@distd/core";
import { attempt, broken, refusingBadText } from "../../broken.ts";
import { readZipIcon } from "../../icons/zip-icon.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { messageAt, textAt } from "../../protobuf/wire.ts";
import { uniqueCertificates } from "../../x509/certificate.ts";
import { openZip, type Zip } from "../../zip/open-zip.ts";
import { findJarSigners, readJarCertificates } from "../apk/jar-signature.ts";
import { toArchitectures } from "../apk/native-code.ts";
import { findAabIcon } from "./icon.ts";
import { type BundleManifest, parseBundleManifest } from "./manifest.ts";
import { createLookupBudget, type LookupBudget, parseReference, resolveReference } from "./proto-resources.ts";
import type { ProtoAttribute } from "./proto-xml.ts";

const BASE_MANIFEST = "base/manifest/AndroidManifest.xml";
const CONFIG = "BundleConfig.pb";
const MODULE_MANIFEST = /^([^/]+)\/manifest\/AndroidManifest\.xml$/;
const NATIVE_LIBRARY = /^[^/]+\/lib\/([^/]+)\/./;
const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;
const MAX_RESOURCE_BYTES = 16 * 1024 * 1024;
const MAX_CONFIG_BYTES = 1024 * 1024;
const MAX_MODULES = 200;

export const aab: Inspector = {
  id: "aab",
  factsVersion: 2,
  extensions: [".aab"],
  sniff({ name, zipEntries }) {
    if (zipEntries.includes(BASE_MANIFEST) && zipEntries.includes(CONFIG)) return "yes";
    return name.endsWith(".aab") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectAab(limitSource(source, limits.maxReadBytes), limits)),
  readIcon: readZipIcon,
};

async function inspectAab(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const zip = await openZip(source, limits, { contiguous: false });
  const modules = await readModules(zip, limits.maxDepth);
  const base = modules.get("base");
  if (base === undefined) throw broken("aab: there is no base module");
  const bundletool = await readBundletoolVersion(zip);
  const table = await readTable(zip);
  const budget = createLookupBudget();
  const abis = [...new Set(zip.entries.map(({ name }) => NATIVE_LIBRARY.exec(name)?.[1]).filter((abi) => abi !== undefined))].sort();
  const { signing, problems } = await readSigning(zip);
  return {
    format: aab.id,
    factsVersion: aab.factsVersion,
    platform: "android",
    architectures: toArchitectures(abis),
    identifier: base.packageName,
    ...present({
      version: textOf(base.versionName, table, budget),
      build: longVersionCode(base),
      name: textOf(base.label, table, budget),
      minOs: base.minSdk,
      targetOs: base.targetSdk,
      icon: await findAabIcon(base.icon, table, zip, budget, limits.maxDepth),
    }),
    permissions: [...new Set([...modules.values()].flatMap(({ permissions }) => permissions))],
    signing,
    problems,
    details: {
      installable: false,
      modules: [...modules.keys()],
      nativeAbis: abis,
      debuggable: base.debuggable,
      ...present({ bundletool }),
    },
  };
}

async function readModules(zip: Zip, maxDepth: number): Promise<ReadonlyMap<string, BundleManifest>> {
  const modules = new Map<string, BundleManifest>();
  for (const entry of zip.entries) {
    const name = MODULE_MANIFEST.exec(entry.name)?.[1];
    if (name === undefined) continue;
    if (modules.size === MAX_MODULES) throw broken(`aab: more than ${MAX_MODULES} modules`);
    if (entry.bytes > MAX_MANIFEST_BYTES) throw broken(`${entry.name} claims ${entry.bytes} bytes, at most ${MAX_MANIFEST_BYTES} are read`);
    modules.set(name, parseBundleManifest(await zip.read(entry), maxDepth, entry.name));
  }
  return modules;
}

/** BundleConfig: the first field describes the tool, whose second is its version. */
async function readBundletoolVersion(zip: Zip): Promise<string | undefined> {
  const entry = zip.find(CONFIG);
  if (entry === undefined) throw broken(`aab: there is no ${CONFIG}`);
  if (entry.bytes > MAX_CONFIG_BYTES) throw broken(`${CONFIG} claims ${entry.bytes} bytes, at most ${MAX_CONFIG_BYTES} are read`);
  return textAt(messageAt(await zip.read(entry), 1), 2);
}

/** Undefined when there is none or it is too large to look names up in. */
async function readTable(zip: Zip): Promise<Uint8Array | undefined> {
  const entry = zip.find("base/resources.pb");
  return entry === undefined || entry.bytes > Math.min(MAX_RESOURCE_BYTES, zip.inflatableBytes) ? undefined : zip.read(entry);
}

function textOf(attribute: ProtoAttribute | undefined, table: Uint8Array | undefined, budget: LookupBudget): string | undefined {
  const reference = parseReference(attribute?.item);
  if (reference === undefined) return attribute?.value || undefined;
  return table === undefined ? undefined : resolveReference(table, reference, budget)[0];
}

function longVersionCode({ versionCode, versionCodeMajor }: BundleManifest): string | undefined {
  const part = (text: string | undefined): bigint | undefined => (/^\d{1,10}$/.test(text ?? "") ? BigInt(text ?? "") : undefined);
  const [minor, major] = [part(versionCode), part(versionCodeMajor)];
  return minor === undefined && major === undefined ? undefined : String(((major ?? 0n) << 32n) | (minor ?? 0n));
}

async function readSigning(zip: Zip): Promise<{ readonly signing: SigningFacts; readonly problems: readonly ArtifactProblem[] }> {
  const signers = findJarSigners(zip);
  const problems: ArtifactProblem[] = [];
  const certificates = [];
  for (const signer of signers) {
    const read = await attempt(() => readJarCertificates(zip, signer));
    if ("value" in read) certificates.push(...read.value.map(({ facts }) => facts));
    else problems.push({ code: "aab/signature-damaged", message: `${signer.block.name} cannot be read: ${read.error.message}` });
  }
  const isSigned = signers.length > 0;
  return {
    signing: {
      state: isSigned ? "unverified" : "unsigned",
      schemes: isSigned ? ["jar"] : [],
      certificates: uniqueCertificates(certificates),
    },
    problems,
  };
}
