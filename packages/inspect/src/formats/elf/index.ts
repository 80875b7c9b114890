// A program or library for Linux: one ELF file. What it needs of the system is in its dynamic section and its interpreter.
// Facts agree with `readelf`; docs/formats/elf.md says how each is found.
import { type ArtifactFacts, type ByteSource, decodeUtf8, limitSource, parseArchitecture } from "@distd/core";
import { broken, refusingBadText } from "../../broken.ts";
import { readBuildId } from "../../elf/build-id.ts";
import { type DynamicSection, readDynamicSection } from "../../elf/dynamic-section.ts";
import { isElf } from "../../elf/elf-header.ts";
import { type ElfFile, readElf } from "../../elf/read-elf.ts";
import { untilNul } from "../../until-nul.ts";
import type { Inspector } from "../../inspector.ts";
import { present } from "../../present.ts";

const PROGRAM = 2;
const SHARED = 3;
const INTERPRETER = 3;
const MAX_INTERPRETER_BYTES = 4096;
const ANDROID_LINKER = /^\/system\/bin\/linker/;

export const elf: Inspector = {
  id: "elf",
  factsVersion: 1,
  extensions: [".elf"],
  sniff({ head, name }) {
    if (isLinuxProgram(head)) return "yes";
    return name.endsWith(".elf") ? "named" : "no";
  },
  inspect: (source, limits) => refusingBadText(() => inspectElf(limitSource(source, limits.maxReadBytes))),
};

function isLinuxProgram(head: Uint8Array): boolean {
  if (!isElf(head) || head.length < 64 || (head[4] !== 1 && head[4] !== 2) || (head[5] !== 1 && head[5] !== 2)) return false;
  const type = head[5] === 1 ? head[16] : head[17];
  return (head[7] === 0 || head[7] === 3) && (type === PROGRAM || type === SHARED);
}

async function inspectElf(source: ByteSource): Promise<ArtifactFacts> {
  const file = await readElf(source);
  const { type, machine, isLinux } = file.header;
  if (type !== PROGRAM && type !== SHARED) throw broken("elf: neither a program nor a library");
  if (!isLinux) throw broken("elf: a program for another system");
  const interpreter = await readInterpreter(source, file);
  const dynamic = await readDynamicSection(source, file);
  const architecture = parseArchitecture(machine === "arm" && interpreter?.includes("armhf") === true ? "armhf" : machine);
  const isLibrary = type === SHARED && (dynamic?.soname !== undefined || (interpreter === undefined && dynamic?.isPie !== true));
  return {
    format: elf.id,
    factsVersion: elf.factsVersion,
    platform: interpreter !== undefined && ANDROID_LINKER.test(interpreter) ? "android" : "linux",
    architectures: architecture === undefined ? [] : [architecture],
    signing: { state: "unsigned", schemes: [], certificates: [] },
    problems: [],
    details: {
      machine,
      bits: file.header.bits,
      kind: isLibrary ? "library" : "program",
      linking: isLibrary || interpreter !== undefined || (dynamic?.needed.length ?? 0) > 0 ? "dynamic" : "static",
      stripped: !file.sections.some(({ name }) => name === ".symtab"),
      needed: dynamic?.needed ?? [],
      ...present({
        interpreter,
        soname: dynamic?.soname,
        runPath: dynamic?.runPath,
        libc: libcOf(interpreter, dynamic),
        minGlibc: highestGlibc(dynamic),
        buildId: await readBuildId(source, file),
      }),
    },
  };
}

async function readInterpreter(source: ByteSource, file: ElfFile): Promise<string | undefined> {
  const segment = file.segments.find(({ type }) => type === INTERPRETER);
  if (segment === undefined) return undefined;
  if (segment.bytes > MAX_INTERPRETER_BYTES) throw broken(`elf: an interpreter's name of ${segment.bytes} bytes`);
  return decodeUtf8(untilNul(await source.read(segment.offset, segment.bytes)));
}

function libcOf(interpreter: string | undefined, dynamic: DynamicSection | undefined): "musl" | "glibc" | undefined {
  const names = [interpreter ?? "", ...(dynamic?.needed ?? [])];
  if (names.some((name) => /(?:^|\/)(?:ld-musl-|libc\.musl-)/.test(name))) return "musl";
  return names.some((name) => /^libc\.so\.6(?:\.1)?$/.test(name) || /\/ld-linux|\/ld64\.so/.test(name)) ? "glibc" : undefined;
}

/** The newest version of glibc any of its symbols asks for: on an older system it does not start. */
function highestGlibc(dynamic: DynamicSection | undefined): string | undefined {
  const versions = (dynamic?.symbolVersions ?? []).flatMap((version) => {
    const parts = /^GLIBC_(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?$/.exec(version);
    return parts === null ? [] : [parts.slice(1).map((part) => Number(part ?? 0))];
  });
  const rank = ([major = 0, minor = 0, patch = 0]: readonly number[]): number => (major * 10_000 + minor) * 10_000 + patch;
  const highest = versions.sort((a, b) => rank(a) - rank(b)).at(-1);
  return highest === undefined ? undefined : highest.slice(0, highest[2] === 0 ? 2 : 3).join(".");
}
