// An AppImage: an ELF program that mounts the file system behind it (type 2: squashfs) or around it (type 1: ISO 9660) and runs what is in
// it. "AI" and the type stand at byte 8. Followed: the AppImage specification (AppImageSpec/draft.md) and the Desktop Entry Specification.
import { type ArtifactFacts, type ArtifactProblem, type ByteSource, limitSource, parseArchitecture, sliceSource } from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import { createBudget } from "../../budget.ts";
import { isElf } from "../../elf/elf-header.ts";
import { type ElfFile, readElf } from "../../elf/read-elf.ts";
import type { ImageFiles } from "../../image-files.ts";
import type { Inspector } from "../../inspector.ts";
import { isIso9660, openIso9660 } from "../../iso9660/open-iso9660.ts";
import type { InspectLimits } from "../../limits.ts";
import { present } from "../../present.ts";
import { openSquashfs } from "../../squashfs/open-squashfs.ts";
import { isSquashfs } from "../../squashfs/superblock.ts";
import { type DesktopEntry, findDesktopEntry } from "./desktop-entry.ts";
import { findIcon, readImageIcon } from "./icon.ts";
import { hasSignature, readUpdateInformation } from "./sections.ts";

const MARK = [0x41, 0x49] as const;

export const appimage: Inspector = {
  id: "appimage",
  factsVersion: 2,
  extensions: [".appimage"],
  sniff({ head, name }) {
    if (isElf(head) && markedType(head) !== undefined) return "yes";
    return name.endsWith(".appimage") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectAppImage(limitSource(source, limits.maxReadBytes), limits)),
  readIcon: readAppImageIcon,
};

function markedType(head: Uint8Array): 1 | 2 | undefined {
  const type = head[10];
  return head[8] === MARK[0] && head[9] === MARK[1] && (type === 1 || type === 2) ? type : undefined;
}

async function inspectAppImage(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const elf = await readElf(source);
  const { type, image } = await openImage(source, elf, limits);
  const found = typeof image === "string" ? undefined : await findDesktopEntry(image);
  const icon = typeof image === "string" ? undefined : await findIcon(image, found?.fields["Icon"]);
  const architecture = parseArchitecture(elf.header.machine);
  const signed = await hasSignature(source, elf);
  return {
    format: appimage.id,
    factsVersion: appimage.factsVersion,
    platform: "linux",
    architectures: architecture === undefined ? [] : [architecture],
    ...present({ version: found?.fields["X-AppImage-Version"], name: found?.fields["Name"], icon }),
    signing: { state: signed ? "unverified" : "unsigned", schemes: signed ? ["gpg"] : [], certificates: [] },
    problems: describeProblems(image, found),
    details: {
      type,
      machine: elf.header.machine,
      ...present({
        desktopFile: found?.path,
        desktopEntry: found?.fields,
        updateInformation: await readUpdateInformation(source, elf, type),
      }),
    },
  };
}

type Image = ImageFiles | string;

/** The file system, or the name of its compressor when that is not read. Old files lack the mark. */
async function openImage(
  source: ByteSource,
  elf: ElfFile,
  limits: InspectLimits,
): Promise<{ readonly type: 1 | 2; readonly image: Image }> {
  const budget = createBudget(limits.maxInflatedBytes);
  const marked = markedType(await source.read(0, Math.min(16, source.size)));
  const behind = sliceSource(source, elf.end, source.size - elf.end);
  if (marked !== 1 && isSquashfs(await behind.read(0, Math.min(4, behind.size))))
    return { type: 2, image: (await openSquashfs(behind, budget)) as Image };
  if (marked !== 2 && (await isIso9660(source))) return { type: 1, image: (await openIso9660(source, budget)) as ImageFiles };
  throw broken("appimage: there is no file system where it has to be");
}

async function readAppImageIcon(source: ByteSource, icon: string, limits: InspectLimits): Promise<Uint8Array | undefined> {
  const { image } = await openImage(source, await readElf(source), limits);
  return typeof image === "string" ? undefined : readImageIcon(image, icon);
}

function describeProblems(image: Image, found: DesktopEntry | undefined): readonly ArtifactProblem[] {
  if (typeof image === "string")
    return [
      { code: "appimage/unread", message: `its file system is compressed with ${image}, which is not read: name and icon are unknown` },
    ];
  if (found === undefined) return [{ code: "appimage/no-desktop-entry", message: "there is no desktop entry: menus cannot show it" }];
  return [];
}
