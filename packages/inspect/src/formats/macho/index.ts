// A program or library for Apple's systems, outside of any bundle: a Mach-O file, thin or universal. Followed: Apple's mach-o/loader.h,
// mach-o/fat.h and cs_blobs.h. docs/formats/macho.md says how each fact is found.
import { type ArtifactFacts, type ArtifactProblem, type ByteSource, limitSource, type Platform } from "@distd/core";
import { attempt, broken, refusingBadText } from "../../broken.ts";
import { identifyExecutable } from "../../executable/identify-executable.ts";
import type { Inspector } from "../../inspector.ts";
import type { InspectLimits } from "../../limits.ts";
import { type MachOSlice, readMachO } from "../../macho/mach-o.ts";
import { summarizeMachO } from "../../macho/summarize.ts";
import { parsePlist } from "../../plist/parse-plist.ts";
import { type PlistDict, stringAt } from "../../plist/plist-value.ts";
import { present } from "../../present.ts";

const KINDS: readonly (string | undefined)[] = ["program", "library", "bundle"];
const SYSTEMS: Readonly<Record<string, Platform | undefined>> = {
  macos: "macos",
  "mac-catalyst": "macos",
  ios: "ios",
  "ios-simulator": "ios",
};
/** Where a slice names no system, it is older than the command that says so. */
const OLD_SYSTEMS: Readonly<Record<string, Platform | undefined>> = { arm: "ios", armv6: "ios", armv7: "ios", armv7s: "ios" };

export const macho: Inspector = {
  id: "macho",
  factsVersion: 1,
  extensions: [".dylib", ".macho"],
  sniff({ head, name }) {
    if (identifyExecutable(head)?.format === "mach-o" && isLinked(head)) return "yes";
    return macho.extensions.some((extension) => name.endsWith(extension)) ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectMachO(limitSource(source, limits.maxReadBytes), limits)),
};

/** Objects on their way to a linker and debugging symbols have the same header and are nothing to install. */
function isLinked(head: Uint8Array): boolean {
  if (head[0] === 0xca) return true;
  const view = Buffer.from(head.subarray(12, 16));
  return [2, 6, 8].includes(head[0] === 0xfe ? view.readUInt32BE() : view.readUInt32LE());
}

async function inspectMachO(source: ByteSource, limits: InspectLimits): Promise<ArtifactFacts> {
  const slices = await readMachO(source, { maxDepth: limits.maxDepth, readableBytes: source.size, embeddedInfo: true });
  for (const slice of slices) check(slice);
  const summary = summarizeMachO(slices);
  const embedded = slices.find(({ embeddedInfo }) => embeddedInfo !== undefined)?.embeddedInfo;
  const read = await attempt(() => (embedded === undefined ? undefined : parsePlist(embedded, limits.maxDepth, "the Info.plist inside")));
  const info: PlistDict = ("value" in read ? read.value : undefined) ?? {};
  return {
    format: macho.id,
    factsVersion: macho.factsVersion,
    platform: platformOf(slices),
    architectures: summary.architectures,
    ...present({
      identifier: stringAt(info, "CFBundleIdentifier") ?? summary.identifier,
      version: stringAt(info, "CFBundleShortVersionString"),
      build: stringAt(info, "CFBundleVersion"),
      name: stringAt(info, "CFBundleName"),
      minOs: summary.minOs,
      entitlements: summary.entitlements,
    }),
    signing: summary.signing,
    problems: problemsOf("error" in read ? read.error.message : undefined, summary.unread),
    details: {
      kind: slices[0]?.kind,
      slices: summary.slices,
      ...present({
        libraryVersion: slices.find(({ libraryVersion }) => libraryVersion !== undefined)?.libraryVersion,
        codeSignature: summary.codeSignature,
      }),
    },
  };
}

function check({ machine, kind, whole }: MachOSlice): void {
  if (!KINDS.includes(kind)) throw broken(`mach-o: neither a program nor a library: ${kind ?? "unknown"}`);
  if (whole === false) throw broken(`mach-o: the slice for ${machine} is cut short`);
}

function platformOf(slices: readonly MachOSlice[]): Platform {
  const systems = slices.map(({ platform, machine }) =>
    platform === undefined ? (OLD_SYSTEMS[machine] ?? "macos") : (SYSTEMS[platform] ?? "any"),
  );
  return new Set(systems).size === 1 ? (systems[0] as Platform) : "any";
}

function problemsOf(info: string | undefined, signature: string | undefined): readonly ArtifactProblem[] {
  return [
    ...(info === undefined ? [] : [{ code: "macho/info-damaged", message: `Its Info.plist cannot be read: ${info}` }]),
    ...(signature === undefined ? [] : [{ code: "macho/signature-damaged", message: `Its code signature cannot be read: ${signature}` }]),
  ];
}
