// A set of APKs made from one app bundle: a zip with toc.pb, which lists what is for which device, and the APKs. What the app is called is
// read from the one every device gets. Followed: bundletool's commands.proto. docs/formats/apks.md says how each fact is found.
import { type ArtifactFacts, type ByteSource, limitSource, memorySource } from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import { readZipIcon } from "../../icons/zip-icon.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { STORED, type ZipEntry } from "../../zip/directory.ts";
import { openZip, type Zip } from "../../zip/open-zip.ts";
import { apk } from "../apk/index.ts";
import { toArchitectures } from "../apk/native-code.ts";
import { type ApkSetContents, parseContents } from "./toc.ts";

const CONTENTS = "toc.pb";
const MAX_CONTENTS_BYTES = 8 * 1024 * 1024;
const MAX_LISTED = 1000;

export const apks: Inspector = {
  id: "apks",
  factsVersion: 2,
  extensions: [".apks"],
  sniff({ name, zipEntries }) {
    if (zipEntries.includes(CONTENTS) && zipEntries.some((entry) => entry.endsWith(".apk"))) return "yes";
    return name.endsWith(".apks") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectApks(limitSource(source, limits.maxReadBytes), limits)),
  readIcon: readApksIcon,
};

async function inspectApks(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const zip = await openZip(source, limits, { contiguous: false });
  const contents = await readContents(zip);
  const missing = contents.apks.find(({ path }) => zip.find(path) === undefined);
  if (missing !== undefined) throw broken(`apks: ${JSON.stringify(missing.path.slice(0, 80))} is listed and not there`);
  const main = contents.apks.find(({ module, isMaster }) => module === "base" && isMaster) ?? contents.apks[0];
  const entry = main === undefined ? undefined : zip.find(main.path);
  if (main === undefined || entry === undefined) throw broken("apks: it lists no APK");
  const { icon, ...facts } = await apk.inspect(await openEntry(zip, entry), { ...limits, maxInflatedBytes: zip.inflatableBytes });
  if (contents.packageName !== undefined && contents.packageName !== facts.identifier)
    throw broken(`apks: the list is of ${contents.packageName}, the APK is ${facts.identifier ?? "nameless"}`);
  const abis = [...new Set([...(facts.details["nativeAbis"] as readonly string[]), ...contents.apks.flatMap((one) => one.abis)])].sort();
  return {
    ...facts,
    ...(icon === undefined ? {} : { icon: `${main.path}/${icon}` }),
    format: apks.id,
    factsVersion: apks.factsVersion,
    architectures: toArchitectures(abis),
    details: {
      main: main.path,
      modules: [...new Set(contents.apks.map(({ module }) => module))],
      nativeAbis: abis,
      apkCount: contents.apks.length,
      apks: contents.apks.slice(0, MAX_LISTED).map(({ path, module, kind }) => ({ path, module, kind })),
      debuggable: facts.details["debuggable"],
      ...present({ bundletool: contents.bundletool }),
    },
  };
}

/** The path of the APK, then that of the icon in it. */
async function readApksIcon(source: ByteSource, icon: string, limits: InspectLimits): Promise<Uint8Array | undefined> {
  const zip = await openZip(source, limits, { contiguous: false });
  const entry = zip.entries.find(({ name }) => name.endsWith(".apk") && icon.startsWith(`${name}/`));
  if (entry === undefined) return undefined;
  return readZipIcon(await openEntry(zip, entry), icon.slice(entry.name.length + 1), { ...limits, maxInflatedBytes: zip.inflatableBytes });
}

async function readContents(zip: Zip): Promise<ApkSetContents> {
  const entry = zip.find(CONTENTS);
  if (entry === undefined) throw broken(`apks: there is no ${CONTENTS}`);
  if (entry.bytes > MAX_CONTENTS_BYTES) throw broken(`${CONTENTS} claims ${entry.bytes} bytes, at most ${MAX_CONTENTS_BYTES} are read`);
  return parseContents(await zip.read(entry));
}

/** bundletool stores APKs as they are, so they can be read in place; a compressed one has to be inflated whole. */
async function openEntry(zip: Zip, entry: ZipEntry): Promise<ByteSource> {
  return entry.method === STORED ? zip.forward(entry) : memorySource(await zip.read(entry));
}
