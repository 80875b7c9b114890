// A Python wheel: a zip with one NAME-VERSION.dist-info folder that holds METADATA, WHEEL and RECORD. Followed: packaging.python.org,
// "Binary distribution format" and "Core metadata specifications". The file name is not part of the bytes, so its tags are not facts.
import { type ArtifactFacts, type ByteSource, decodeUtf8, limitSource } from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import { allFields, oneField, parseFields } from "../../headers/parse-fields.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { MAX_METADATA_BYTES, parseCoreMetadata } from "../../python/core-metadata.ts";
import { openZip, type Zip } from "../../zip/open-zip.ts";
import { readPlatformTags } from "./platform-tags.ts";

const METADATA = /^([^/]+\.dist-info)\/METADATA$/;

export const wheel: Inspector = {
  id: "wheel",
  factsVersion: 1,
  extensions: [".whl"],
  sniff({ name, zipEntries }) {
    const isWheel = zipEntries.some((entry) => METADATA.test(entry)) && zipEntries.some((entry) => /^[^/]+\.dist-info\/WHEEL$/.test(entry));
    if (isWheel) return "yes";
    return name.endsWith(".whl") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectWheel(limitSource(source, limits.maxReadBytes), limits)),
  async readMetadata(source, limits) {
    const zip = await openZip(source, limits, { contiguous: true });
    return readText(zip, `${findFolder(zip)}/METADATA`);
  },
};

async function inspectWheel(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const zip = await openZip(source, limits, { contiguous: true });
  const folder = findFolder(zip);
  const metadata = parseCoreMetadata(await readText(zip, `${folder}/METADATA`), "METADATA");
  const fields = parseFields(decodeUtf8(await readText(zip, `${folder}/WHEEL`)));
  const tags = allFields(fields, "Tag").filter((tag) => tag !== "");
  const purelib = oneField(fields, "Root-Is-Purelib")?.toLowerCase();
  const has = (name: string): boolean => zip.find(`${folder}/${name}`) !== undefined;
  const schemes = [...(has("RECORD.jws") ? ["jws"] : []), ...(has("RECORD.p7s") ? ["p7s"] : [])];
  return {
    format: wheel.id,
    factsVersion: wheel.factsVersion,
    ...readPlatformTags(tags, purelib === "true"),
    identifier: metadata.name,
    version: metadata.version,
    signing: { state: schemes.length === 0 ? "unsigned" : "unverified", schemes, certificates: [] },
    problems: has("RECORD") ? [] : [{ code: "wheel/no-record", message: "there is no RECORD of its files; installers refuse it" }],
    details: {
      ...metadata.details,
      tags,
      record: has("RECORD"),
      // Programs that repair a wheel add themselves.
      generators: allFields(fields, "Generator"),
      ...present({
        wheelVersion: oneField(fields, "Wheel-Version"),
        purelib: purelib === undefined ? undefined : purelib === "true",
        buildTag: oneField(fields, "Build"),
      }),
    },
  };
}

function findFolder(zip: Zip): string {
  const folders = zip.entries.flatMap(({ name }) => METADATA.exec(name)?.[1] ?? []);
  const [folder] = folders;
  if (folder === undefined || folders.length > 1) throw broken(`wheel: there are ${folders.length} .dist-info folders with METADATA`);
  return folder;
}

async function readText(zip: Zip, name: string): Promise<Uint8Array> {
  const entry = zip.find(name);
  if (entry === undefined) throw broken(`wheel: there is no ${name}`);
  if (entry.bytes > MAX_METADATA_BYTES) throw broken(`wheel: ${name} of ${entry.bytes} bytes`);
  return zip.read(entry);
}
