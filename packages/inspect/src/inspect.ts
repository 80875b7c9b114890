import { type ArtifactFacts, type ByteSource, limitSource } from "@distd/core";
import { attempt } from "./broken.ts";
import { FORMATS } from "./formats/index.ts";
import type { Inspector, Sniff } from "./inspector.ts";
import { DEFAULT_LIMITS, type InspectLimits, SNIFF_BYTES } from "./limits.ts";
import { sniffTarEntries } from "./tar/sniff-tar.ts";
import { readZipDirectory } from "./zip/directory.ts";

/**
 * What a file is and says. `name` is the file name as its owner gave it. A name that claims a format binds: if the bytes are not that
 * format the artifact is `artifact/broken`, never a plain file. A name that claims nothing leaves it to the bytes.
 */
export async function inspectArtifact(source: ByteSource, name: string, limits: InspectLimits = DEFAULT_LIMITS): Promise<ArtifactFacts> {
  const format = await findFormat(source, name, limits);
  return format.inspect(source, limits);
}

export async function findFormat(source: ByteSource, name: string, limits: InspectLimits = DEFAULT_LIMITS): Promise<Inspector> {
  const sniff = await readSniff(limitSource(source, limits.maxReadBytes), name, limits);
  const claiming = FORMATS.filter((format) => format.extensions.some((extension) => sniff.name.endsWith(extension)));
  // Where formats share an ending the last of them is the most general: what none of the others recognizes has to be that.
  const claimed = claiming.find((format) => format.sniff(sniff) === "yes") ?? claiming.at(-1);
  const format = claimed ?? FORMATS.find((candidate) => candidate.sniff(sniff) !== "no");
  return format as Inspector;
}

async function readSniff(source: ByteSource, name: string, limits: InspectLimits): Promise<Sniff> {
  const head = await source.read(0, Math.min(SNIFF_BYTES, source.size));
  const isZip = head[0] === 0x50 && head[1] === 0x4b;
  const directory = isZip ? await attempt(() => readZipDirectory(source, limits)) : undefined;
  const entries = directory !== undefined && "value" in directory ? directory.value.entries : [];
  const tarEntries = isZip ? [] : await sniffTarEntries(source, head, baseName(name), limits);
  return { head, name: baseName(name), zipEntries: entries.map((entry) => entry.name), tarEntries };
}

function baseName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1).toLowerCase();
}
