import { type Architecture, ARCHITECTURES, ByteReader, parseArchitecture, type Platform } from "@distd/core";
import { isElf, parseElfHeader } from "../elf/elf-header.ts";
import { machineArchitectures, machineName } from "../macho/machine.ts";
import { isMachO } from "../macho/mach-o.ts";

/** Enough for every header, and for where Windows programs keep theirs. */
export const EXECUTABLE_HEAD_BYTES = 1024;

export interface ExecutableKind {
  readonly format: "elf" | "mach-o" | "pe";
  readonly platform: Platform;
  /** As the format's own tools call them. */
  readonly machines: readonly string[];
  readonly architectures: readonly Architecture[];
}

const FAT = 0xcafebabe;
const MAX_SLICES = 16;
const PE_MACHINES: ReadonlyMap<number, string> = new Map([
  [0x014c, "i386"],
  [0x01c4, "armv7"],
  [0x8664, "x86_64"],
  [0xaa64, "arm64"],
]);

/** What program the bytes begin, by its header alone; undefined when none, or none of a platform there is a word for. */
export function identifyExecutable(head: Uint8Array): ExecutableKind | undefined {
  if (isElf(head)) return identifyElf(head);
  if (isMachO(head)) return identifyMachO(head);
  return head[0] === 0x4d && head[1] === 0x5a ? identifyPe(head) : undefined;
}

/** Several programs' architectures together: each once, in the order of ARCHITECTURES. */
export function joinArchitectures(kinds: readonly ExecutableKind[]): readonly Architecture[] {
  const known = new Set(kinds.flatMap(({ architectures }) => architectures));
  return ARCHITECTURES.filter((architecture) => known.has(architecture));
}

function identifyElf(head: Uint8Array): ExecutableKind | undefined {
  if (head.length < 64) return undefined;
  if (![1, 2].includes(head[4] as number) || ![1, 2].includes(head[5] as number)) return undefined;
  // Only the first fields are needed; offsets beyond what a file can have are somebody else's problem.
  const front = Uint8Array.from(head.subarray(0, 64));
  front.fill(0, 24, head[4] === 2 ? 48 : 36);
  const { machine, isLinux, type } = parseElfHeader(front);
  if (!isLinux || (type !== 2 && type !== 3)) return undefined;
  const architecture = parseArchitecture(machine);
  return { format: "elf", platform: "linux", machines: [machine], architectures: architecture === undefined ? [] : [architecture] };
}

function identifyMachO(head: Uint8Array): ExecutableKind | undefined {
  if (head.length < 32) return undefined;
  const big = new ByteReader(head, { littleEndian: false });
  const magic = big.u32();
  const machines: string[] = [];
  if (magic === FAT || magic === FAT + 1) {
    const count = big.u32();
    const rowBytes = magic === FAT ? 20 : 32;
    // A Java class begins with the same four bytes; its version is a larger number than there are slices.
    if (count === 0 || count > MAX_SLICES || 8 + count * rowBytes > head.length) return undefined;
    for (let index = 0; index < count; index += 1) machines.push(machineName(big.seek(8 + index * rowBytes).u32(), big.u32()));
  } else {
    const reader = new ByteReader(head, { littleEndian: head[0] !== 0xfe }).seek(4);
    machines.push(machineName(reader.u32(), reader.u32()));
  }
  return { format: "mach-o", platform: "macos", machines, architectures: machineArchitectures(machines) };
}

function identifyPe(head: Uint8Array): ExecutableKind | undefined {
  if (head.length < 64) return undefined;
  const reader = new ByteReader(head, { littleEndian: true });
  const at = reader.seek(60).u32();
  if (at + 6 > head.length || reader.seek(at).u32() !== 0x00004550) return undefined;
  const machine = reader.u16();
  const name = PE_MACHINES.get(machine) ?? `machine-0x${machine.toString(16)}`;
  const architecture = parseArchitecture(name);
  return { format: "pe", platform: "windows", machines: [name], architectures: architecture === undefined ? [] : [architecture] };
}
