// A Windows program or library: one PE file. What it calls itself is in its version resource, what it demands in its manifest resource,
// who signed it in its certificate table. Followed: Microsoft's "PE Format" and "VS_VERSIONINFO". docs/formats/exe.md says how each fact
// is found.
import { type Architecture, type ArtifactFacts, type ArtifactProblem, ByteReader, type ByteSource, limitSource } from "@distd/core";
import { attempt, broken, refusingBadText } from "../../broken.ts";
import type { Inspector } from "../../inspector.ts";
import { type PeSignatures, readPeSignatures } from "../../pe/certificate-table.ts";
import { findPeIcon, readPeIcon } from "../../pe/icon.ts";
import { DIRECTORY, isPe, type PeFile, readPe } from "../../pe/pe-file.ts";
import { openResources, RESOURCE, type Resources } from "../../pe/resources.ts";
import { parseVersionStrings } from "../../pe/version-info.ts";
import { present } from "../../present.ts";
import { identifyInstaller } from "./installer.ts";

const MAX_VERSION_BYTES = 64 * 1024;
const MAX_MANIFEST_BYTES = 256 * 1024;
const EXECUTION_LEVEL = /<(?:\w+:)?requestedExecutionLevel\b[^>]*?\blevel\s*=\s*["'](\w{1,40})["']/;

const MACHINES: ReadonlyMap<number, readonly [name: string, architecture?: Architecture]> = new Map([
  [0x014c, ["i386", "x86"]],
  [0x8664, ["x86_64", "x64"]],
  [0xaa64, ["arm64", "arm64"]],
  [0x01c4, ["armv7", "armv7"]],
  [0x0200, ["ia64"]],
]);
const SUBSYSTEMS: ReadonlyMap<number, string> = new Map([
  [1, "native"],
  [2, "gui"],
  [3, "console"],
  [9, "windows-ce"],
  [10, "efi"],
  [11, "efi"],
  [12, "efi"],
  [13, "efi"],
  [14, "xbox"],
  [16, "boot"],
]);

export const exe: Inspector = {
  id: "exe",
  factsVersion: 2,
  extensions: [".exe", ".dll"],
  sniff({ head, name }) {
    if (isPe(head)) return "yes";
    return exe.extensions.some((extension) => name.endsWith(extension)) ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectExe(limitSource(source, limits.maxReadBytes))),
  readIcon: readPeIcon,
};

async function inspectExe(source: ByteSource): Promise<ArtifactFacts> {
  const pe = await readPe(source);
  checkWhole(source, pe);
  const resources = openResources(source, pe);
  const problems: ArtifactProblem[] = [];
  const strings = await part(() => readVersion(resources), problems);
  const manifest = (await part(() => readManifest(resources), problems)) ?? "";
  const icon = await part(() => findPeIcon(resources), problems);
  const installer = await part(() => identifyInstaller(source, pe, resources, manifest), problems);
  const signatures = await readPeSignatures(source, pe);
  problems.push(...signatureProblems(signatures, source, pe));
  const dotnet = await readDotnet(source, pe);
  const [machine, architecture] = MACHINES.get(pe.machine) ?? [`machine-0x${pe.machine.toString(16)}`];
  const subsystem = SUBSYSTEMS.get(pe.subsystem) ?? `subsystem-${pe.subsystem}`;
  return {
    format: exe.id,
    factsVersion: exe.factsVersion,
    platform: subsystem === "efi" ? "any" : "windows",
    architectures: dotnet?.anyCpu === true ? ["any"] : architecture === undefined ? [] : [architecture],
    ...present({ version: strings?.["ProductVersion"] ?? strings?.["FileVersion"], name: strings?.["ProductName"], icon }),
    signing: {
      state: signatures === undefined ? "unsigned" : "unverified",
      schemes: signatures === undefined ? [] : ["authenticode"],
      certificates: signatures?.certificates ?? [],
    },
    problems,
    details: {
      kind: pe.isLibrary ? "library" : "program",
      machine,
      subsystem,
      subsystemVersion: pe.subsystemVersion,
      dotnet: dotnet !== undefined,
      ...present({
        installer: installer?.kind,
        silentArguments: installer?.silent,
        executionLevel: EXECUTION_LEVEL.exec(manifest)?.[1],
        fileVersion: strings?.["FileVersion"],
        company: strings?.["CompanyName"],
        description: strings?.["FileDescription"],
        originalName: strings?.["OriginalFilename"],
        copyright: strings?.["LegalCopyright"],
      }),
    },
  };
}

/** Windows maps no program whose sections end beyond the file; a certificate table beyond the end is the mark of a download cut short. */
function checkWhole(source: ByteSource, pe: PeFile): void {
  const table = pe.directory(DIRECTORY.certificates);
  if (pe.imageEnd > source.size || (table !== undefined && table.at + table.bytes > source.size)) throw broken("pe: the file is cut short");
}

/** A damaged resource does not keep Windows from running a program; what it says is unknown then. */
async function part<T>(read: () => Promise<T>, problems: ArtifactProblem[]): Promise<T | undefined> {
  const result = await attempt(read);
  if ("value" in result) return result.value;
  if (!problems.some(({ code }) => code === "exe/resources-damaged"))
    problems.push({ code: "exe/resources-damaged", message: `Its resources cannot be read: ${result.error.message}` });
  return undefined;
}

async function readVersion(resources: Resources): Promise<Readonly<Record<string, string>> | undefined> {
  const bytes = await resources.read(RESOURCE.version, undefined, MAX_VERSION_BYTES);
  return bytes === undefined ? undefined : parseVersionStrings(bytes);
}

/** As Latin-1: only names in ASCII are looked for. */
async function readManifest(resources: Resources): Promise<string | undefined> {
  const bytes = await resources.read(RESOURCE.manifest, undefined, MAX_MANIFEST_BYTES);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("latin1").replaceAll("\0", "");
}

function signatureProblems(signatures: PeSignatures | undefined, source: ByteSource, pe: PeFile): readonly ArtifactProblem[] {
  if (signatures === undefined) return [];
  const problems: ArtifactProblem[] = [];
  const table = pe.directory(DIRECTORY.certificates);
  if (signatures.damage !== undefined)
    problems.push({ code: "exe/signature-damaged", message: `The signature cannot be read: ${signatures.damage}` });
  if (signatures.repeated)
    problems.push({ code: "exe/signature-repeated", message: "The same signature is in the certificate table twice." });
  if (table !== undefined && table.at + table.bytes < source.size)
    problems.push({
      code: "exe/bytes-after-signature",
      message: "The certificate table is not at the end of the file, where signers put it.",
    });
  return problems;
}

/** The header of .NET programs (ECMA-335, II.25.3.3). Code of no processor, not bound to 32 bits, runs on every one. */
async function readDotnet(source: ByteSource, pe: PeFile): Promise<{ readonly anyCpu: boolean } | undefined> {
  const place = pe.directory(DIRECTORY.clr);
  const offset = place === undefined ? undefined : pe.fileOffset(place.at);
  if (offset === undefined || offset + 20 > source.size) return undefined;
  const flags = new ByteReader(await source.read(offset + 16, 4), { littleEndian: true }).u32();
  return { anyCpu: pe.machine === 0x014c && (flags & 0x1) !== 0 && (flags & 0x2) === 0 };
}
