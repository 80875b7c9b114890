// A Windows Installer package: a compound file whose streams are the tables of a database. The Property table says what is installed, the
// summary stream for which processors, the stream \x05DigitalSignature by whom. Followed: MS-CFB, MS-OLEPS and Microsoft's Windows Installer
// reference. docs/formats/msi.md says how each fact is found.
import {
  ARCHITECTURES,
  type Architecture,
  type ArtifactFacts,
  type ArtifactProblem,
  ByteReader,
  type ByteSource,
  type CertificateFacts,
  limitSource,
  memorySource,
} from "@distd/core";
import { attempt, broken, refusingBadText } from "../../broken.ts";
import { isCfb, parseCfbHeader } from "../../cfb/cfb-header.ts";
import { type Cfb, openCfb } from "../../cfb/open-cfb.ts";
import { MAX_ICON_BYTES } from "../../icons/zip-icon.ts";
import type { Inspector } from "../../inspector.ts";
import { readPeIcon } from "../../pe/icon.ts";
import { isPe } from "../../pe/pe-file.ts";
import { present } from "../../present.ts";
import { uniqueCertificates } from "../../x509/certificate.ts";
import { parseSignedData } from "../../x509/signed-data.ts";
import { parseStreamName, type StreamName } from "./stream-name.ts";
import { parseStringPool } from "./string-pool.ts";
import { parseSummary, type Summary } from "./summary.ts";

/** {000C1084-0000-0000-C000-000000000046}, as the file has it. */
const MSI_CLASS = "84100c0000000000c000000000000046";
const CLASS_OFFSET = 80;
const MAX_TABLE_BYTES = 16 * 1024 * 1024;
const MAX_SIGNATURE_BYTES = 8 * 1024 * 1024;
const SUMMARY = "\u0005SummaryInformation";
const SIGNATURE = "\u0005DigitalSignature";
const MAX_PROPERTIES = 100_000;
const MAX_LISTED = 1000;
const ICON = "Icon.";

const PLATFORMS: Readonly<Record<string, Architecture | undefined>> = {
  intel: "x86",
  x64: "x64",
  amd64: "x64",
  arm64: "arm64",
  arm: "armv7",
};

export const msi: Inspector = {
  id: "msi",
  factsVersion: 2,
  extensions: [".msi"],
  sniff({ head, name }) {
    if (hasMsiClass(head)) return "yes";
    return name.endsWith(".msi") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectMsi(limitSource(source, limits.maxReadBytes))),
  readIcon: readMsiIcon,
};

/** Where the directory is among the first bytes; in most packages it is. */
function hasMsiClass(head: Uint8Array): boolean {
  if (!isCfb(head)) return false;
  try {
    const { directoryStart, sectorBytes } = parseCfbHeader(head);
    const at = (directoryStart + 1) * sectorBytes + CLASS_OFFSET;
    return Buffer.from(head.subarray(at, at + 16)).toString("hex") === MSI_CLASS;
  } catch {
    return false;
  }
}

async function inspectMsi(source: ByteSource): Promise<ArtifactFacts> {
  const file = await openCfb(source);
  if (file.classId !== MSI_CLASS) throw broken("msi: a compound file of another kind");
  const streams = [...file.streams.keys()].map((packed) => ({ packed, ...parseStreamName(packed) }));
  const tableAt = (name: string): string => streams.find((stream) => stream.isTable && stream.name === name)?.packed ?? "";
  const properties = await readProperties(file, tableAt);
  const summaryBytes = await file.read(SUMMARY, MAX_TABLE_BYTES);
  if (summaryBytes === undefined) throw broken("msi: there is no summary");
  const summary = parseSummary(summaryBytes);
  const { platforms, languages } = parseTemplate(summary);
  const signature = await readSignature(file);
  const property = (name: string): string | undefined => properties.get(name) || undefined;
  return {
    format: msi.id,
    factsVersion: msi.factsVersion,
    platform: "windows",
    architectures: toArchitectures(platforms),
    ...present({
      identifier: property("UpgradeCode"),
      version: property("ProductVersion"),
      name: property("ProductName"),
      icon: findIcon(streams, property("ARPPRODUCTICON")),
    }),
    signing: {
      state: signature === undefined ? "unsigned" : "unverified",
      schemes: signature === undefined ? [] : ["authenticode"],
      certificates: signature?.certificates ?? [],
    },
    problems: signature?.problems ?? [],
    details: {
      scope: scopeOf(property("ALLUSERS"), property("MSIINSTALLPERUSER")),
      platforms,
      languages,
      streams: streams
        .filter(({ isTable, name }) => !isTable && !name.startsWith("\u0005"))
        .map(({ name }) => name.toWellFormed())
        .sort()
        .slice(0, MAX_LISTED),
      ...present({
        productCode: property("ProductCode"),
        manufacturer: property("Manufacturer"),
        language: property("ProductLanguage"),
        creator: summary.creator,
      }),
    },
  };
}

/** A row of the Icon table is a stream of its own. Which one stands for the product is said by a property, or there is no choice. */
function findIcon(streams: readonly StreamName[], product: string | undefined): string | undefined {
  const icons = streams.filter(({ name, isTable }) => !isTable && name.startsWith(ICON)).map(({ name }) => name.toWellFormed());
  return product === undefined ? (icons.length === 1 ? icons[0] : undefined) : icons.find((name) => name === `${ICON}${product}`);
}

/** An ICO file, or a program that carries the icon. */
async function readMsiIcon(source: ByteSource, icon: string): Promise<Uint8Array | undefined> {
  const file = await openCfb(source);
  const packed = [...file.streams.keys()].find((stream) => parseStreamName(stream).name.toWellFormed() === icon);
  const bytes = packed === undefined ? undefined : await file.read(packed, MAX_ICON_BYTES);
  return bytes !== undefined && isPe(bytes) ? readPeIcon(memorySource(bytes)) : bytes;
}

/** The Property table has two columns of texts; a table is stored column after column. */
async function readProperties(file: Cfb, tableAt: (name: string) => string): Promise<ReadonlyMap<string, string>> {
  const read = async (name: string): Promise<Uint8Array> => {
    const bytes = await file.read(tableAt(name), MAX_TABLE_BYTES);
    if (bytes === undefined) throw broken(`msi: there is no ${name}`);
    return bytes;
  };
  const pool = parseStringPool(await read("_StringPool"), await read("_StringData"));
  const table = new ByteReader(await read("Property"), { littleEndian: true });
  const rows = table.left / (2 * pool.referenceBytes);
  if (rows > MAX_PROPERTIES) throw broken(`msi: ${rows} properties`);
  if (!Number.isInteger(rows)) throw broken("msi: the Property table has half a row");
  const column = (): readonly (string | undefined)[] =>
    Array.from({ length: rows }, () => pool.text(table.u16() + (pool.referenceBytes === 3 ? table.u8() * 0x10000 : 0)));
  const [names, values] = [column(), column()];
  return new Map(names.map((name, row) => [name ?? "", values[row] ?? ""]));
}

/** `x64;1033,1031`; without a platform it is Intel. */
function parseTemplate({ template = "" }: Summary): { readonly platforms: readonly string[]; readonly languages: readonly string[] } {
  const list = (text = ""): readonly string[] =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  const [platforms, languages] = template.split(";");
  return { platforms: list(platforms).length === 0 ? ["Intel"] : list(platforms), languages: list(languages) };
}

function toArchitectures(platforms: readonly string[]): readonly Architecture[] {
  const known = new Set(platforms.map((platform) => PLATFORMS[platform.toLowerCase()]));
  return ARCHITECTURES.filter((architecture) => known.has(architecture));
}

/** ALLUSERS=2 leaves it to the user's rights, unless MSIINSTALLPERUSER decides. */
function scopeOf(allUsers: string | undefined, perUser: string | undefined): string {
  if (allUsers === "1") return "machine";
  if (allUsers === "2") return perUser === "1" ? "user" : "user-or-machine";
  return "user";
}

interface Signature {
  readonly certificates: readonly CertificateFacts[];
  readonly problems: readonly ArtifactProblem[];
}

async function readSignature(file: Cfb): Promise<Signature | undefined> {
  if (!file.streams.has(SIGNATURE)) return undefined;
  const read = await attempt(async () => parseSignedData((await file.read(SIGNATURE, MAX_SIGNATURE_BYTES)) ?? new Uint8Array()).signers);
  if ("value" in read) return { certificates: uniqueCertificates(read.value.map(({ facts }) => facts)), problems: [] };
  return {
    certificates: [],
    problems: [{ code: "msi/signature-damaged", message: `The signature cannot be read: ${read.error.message}` }],
  };
}
