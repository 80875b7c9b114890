// A Debian package (deb(5)): an ar archive of `debian-binary`, `control.tar` and `data.tar`, both compressed as their names say; members
// that begin with an underscore hold signatures. Only control.tar is unpacked; of data.tar no more than its first bytes are read.
// Facts agree with `dpkg-deb --info`; docs/formats/deb.md says how each is found.
import {
  type Architecture,
  type ArtifactFacts,
  type ByteSource,
  decodeUtf8,
  limitSource,
  parseArchitecture,
  sliceSource,
} from "@distd/core";
import { type ArMember, readAr } from "../../ar/read-ar.ts";
import { broken, refusingBadText } from "../../broken.ts";
import { detectCodec } from "../../compression/codec.ts";
import { oneField, parseFields } from "../../headers/parse-fields.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { isTarHeader } from "../../tar/tar-header.ts";
import { type ControlArchive, readControlArchive } from "./control-archive.ts";
import { findSignatures } from "./signatures.ts";

const MAX_MEMBERS = 64;
const CODECS: Readonly<Record<string, string>> = {
  "": "none",
  ".gz": "gzip",
  ".xz": "xz",
  ".zst": "zstd",
  ".bz2": "bzip2",
  ".lzma": "lzma",
};

export const deb: Inspector = {
  id: "deb",
  factsVersion: 1,
  extensions: [".deb", ".udeb", ".ddeb"],
  sniff({ head, name }) {
    if (Buffer.from(head.subarray(0, 21)).toString("latin1") === "!<arch>\ndebian-binary") return "yes";
    return deb.extensions.some((extension) => name.endsWith(extension)) ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectDeb(limitSource(source, limits.maxReadBytes), limits)),
  async readMetadata(source, limits) {
    return Buffer.from((await readControl(source, await readAr(source, MAX_MEMBERS), limits)).text, "utf8");
  },
};

function readControl(source: ByteSource, members: readonly ArMember[], limits: InspectLimits): Promise<ControlArchive> {
  const [control] = findTars(members);
  return readControlArchive(sliceSource(source, control.offset, control.bytes), limits);
}

async function inspectDeb(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const members = await readAr(source, MAX_MEMBERS);
  const version = await readFormatVersion(source, members[0]);
  const { text, scripts, conffiles } = await readControl(source, members, limits);
  const [control, data] = findTars(members);
  await checkData(source, data);
  const fields = parseFields(text);
  const field = (name: string): string | undefined => oneField(fields, name);
  const identifier = field("Package");
  if (identifier === undefined) throw broken("deb: the control file names no package");
  const architecture = field("Architecture");
  return {
    format: deb.id,
    factsVersion: deb.factsVersion,
    platform: "linux",
    architectures: toArchitectures(architecture),
    identifier,
    ...present({ version: field("Version") }),
    signing: await findSignatures(source, members),
    problems: [],
    details: {
      ...present({
        architecture,
        source: field("Source"),
        maintainer: field("Maintainer"),
        section: field("Section"),
        priority: field("Priority"),
        installedKib: kibibytes(field("Installed-Size")),
        essential: field("Essential"),
        multiArch: field("Multi-Arch"),
        homepage: field("Homepage"),
        description: field("Description"),
        depends: field("Depends"),
        preDepends: field("Pre-Depends"),
        recommends: field("Recommends"),
        suggests: field("Suggests"),
        enhances: field("Enhances"),
        breaks: field("Breaks"),
        conflicts: field("Conflicts"),
        replaces: field("Replaces"),
        provides: field("Provides"),
        builtUsing: field("Built-Using"),
      }),
      scripts,
      conffiles,
      formatVersion: version,
      controlCompression: compressionOf(control),
      dataCompression: compressionOf(data),
    },
  };
}

async function readFormatVersion(source: ByteSource, member: ArMember | undefined): Promise<string> {
  if (member?.name !== "debian-binary" || member.bytes > 64) throw broken("deb: the archive does not begin with debian-binary");
  const version = decodeUtf8(await source.read(member.offset, member.bytes)).split("\n")[0] as string;
  if (!/^2\.\d+$/.test(version)) throw broken(`deb: format version ${JSON.stringify(version.slice(0, 20))}; 2 is read`);
  return version;
}

/** As dpkg goes through it: control.tar, then data.tar; between and behind them only what begins with an underscore, and what follows data. */
function findTars(members: readonly ArMember[]): readonly [control: ArMember, data: ArMember] {
  const [control, data] = members.slice(1).filter(({ name }) => !name.startsWith("_"));
  if (control === undefined || !control.name.startsWith("control.tar")) throw broken("deb: there is no control.tar after debian-binary");
  if (data === undefined || !data.name.startsWith("data.tar")) throw broken("deb: there is no data.tar after control.tar");
  for (const name of ["control.tar", "data.tar"])
    if (members.filter((member) => member.name.startsWith(name)).length > 1) throw broken(`deb: there is more than one ${name}`);
  return [control, data];
}

function compressionOf(member: ArMember): string {
  const codec = CODECS[member.name.replace(/^(?:control|data)\.tar/, "")];
  if (codec === undefined) throw broken(`deb: ${member.name} is compressed in an unknown way`);
  return codec;
}

/** The files themselves are not unpacked; but what is no archive at all cannot be installed. */
async function checkData(source: ByteSource, data: ArMember): Promise<void> {
  const head = await source.read(data.offset, Math.min(512, data.bytes));
  const claimed = compressionOf(data);
  const isSo = claimed === "none" ? isTarHeader(head) : claimed === "lzma" ? head[0] === 0x5d : detectCodec(head) === claimed;
  if (!isSo) throw broken(`deb: ${data.name} is not what its name says`);
}

function toArchitectures(raw: string | undefined): readonly Architecture[] {
  const architecture = raw === undefined ? undefined : parseArchitecture(raw);
  return architecture === undefined ? [] : [architecture];
}

function kibibytes(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
