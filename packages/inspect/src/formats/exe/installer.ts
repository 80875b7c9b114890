import type { ByteSource } from "@distd/core";
import type { PeFile } from "../../pe/pe-file.ts";
import type { Resources } from "../../pe/resources.ts";

/** The programs that make installers, by the marks their makers document or their own unpackers look for. */
export type InstallerKind = "7z-sfx" | "inno" | "nsis" | "squirrel" | "velopack" | "wix-burn";

/** Arguments that install without questions; a 7-Zip archive's depend on what is in it. */
const SILENT: Readonly<Record<InstallerKind, readonly string[] | undefined>> = {
  "7z-sfx": undefined,
  inno: ["/VERYSILENT", "/SUPPRESSMSGBOXES", "/NORESTART"],
  nsis: ["/S"],
  squirrel: ["--silent"],
  velopack: ["--silent"],
  "wix-burn": ["/quiet", "/norestart"],
};

const OVERLAY_HEAD_BYTES = 4096;
const MAX_SCANNED_BYTES = 1024 * 1024;
const SEVEN_ZIP = Buffer.from("377abcaf271c", "hex");
const SEVEN_ZIP_CONFIG = Buffer.from(";!@Install@!UTF-8!");
const NSIS = Buffer.from("efbeadde4e756c6c736f6674496e7374", "hex");
const ZIP = Buffer.from("504b0304", "hex");
/** SHA-256 of "squirrel bundle": Velopack's setup finds its own package by it. */
const VELOPACK = Buffer.from("94f0b17b6893e02937eb34ef53aae7d42b54f5707ef5d6f57854983e5e94ed7d", "hex");
/** Inno Setup's loader keeps its table of offsets in this resource. */
const INNO_OFFSETS = 11111;
const RCDATA = 10;
/** Squirrel.Windows keeps its packages in this resource. */
const SQUIRREL_PACKAGES = 131;

export interface Installer {
  readonly kind: InstallerKind;
  readonly silent?: readonly string[];
}

/** `manifest`: the manifest resource's text, where makers name themselves. */
export async function identifyInstaller(
  source: ByteSource,
  pe: PeFile,
  resources: Resources,
  manifest: string,
): Promise<Installer | undefined> {
  const kind = await identify(source, pe, resources, manifest);
  if (kind === undefined) return undefined;
  const silent = SILENT[kind];
  return silent === undefined ? { kind } : { kind, silent };
}

async function identify(source: ByteSource, pe: PeFile, resources: Resources, manifest: string): Promise<InstallerKind | undefined> {
  if (pe.sections.some(({ name }) => name === ".wixburn")) return "wix-burn";
  const start = Math.min(pe.imageEnd, source.size);
  const overlay = Buffer.from(await source.read(start, Math.min(OVERLAY_HEAD_BYTES, source.size - start)));
  if (overlay.includes(NSIS) || manifest.includes('"Nullsoft.NSIS.exehead"')) return "nsis";
  if (manifest.includes('"JR.Inno.Setup"') || (await resources.list(RCDATA)).includes(INNO_OFFSETS)) return "inno";
  if ((await resources.list("DATA")).includes(SQUIRREL_PACKAGES)) return "squirrel";
  const begins = (mark: Buffer): boolean => overlay.subarray(0, mark.length).equals(mark);
  if (begins(SEVEN_ZIP) || begins(SEVEN_ZIP_CONFIG)) return "7z-sfx";
  return begins(ZIP) && (await holds(source, pe, VELOPACK)) ? "velopack" : undefined;
}

/** Whether initialized data holds the mark: the setup program is small, its package lies behind it. */
async function holds(source: ByteSource, pe: PeFile, mark: Buffer): Promise<boolean> {
  for (const { offset, bytes } of pe.sections.filter(({ name }) => name === ".data" || name === ".rdata")) {
    const length = Math.max(0, Math.min(bytes, MAX_SCANNED_BYTES, source.size - offset));
    if (length > 0 && Buffer.from(await source.read(offset, length)).includes(mark)) return true;
  }
  return false;
}
