import { ByteReader } from "@distd/core";
import { broken } from "../broken.ts";

/** e_machine, as `uname -m` and compilers call it. */
const MACHINES: ReadonlyMap<number, string> = new Map([
  [2, "sparc"],
  [3, "i386"],
  [8, "mips"],
  [20, "ppc"],
  [21, "ppc64"],
  [22, "s390x"],
  [40, "arm"],
  [43, "sparc64"],
  [62, "x86_64"],
  [183, "aarch64"],
  [243, "riscv"],
  [258, "loongarch64"],
]);
/** Floating point numbers in registers: what Debian calls armhf, and the only 32-bit ARM there is a word for. */
const ARM_HARD_FLOAT = 0x400;
const ARM = 40;
const X86_64 = 62;
/** System V, which nearly everything says, and Linux itself. */
const LINUX_ABIS: readonly number[] = [0, 3];

export interface ElfHeader {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** 1 object, 2 executable, 3 shared or position independent, 4 core dump. */
  readonly type: number;
  readonly machine: string;
  readonly isLinux: boolean;
  readonly segments: ElfTable;
  readonly sections: ElfTable;
  readonly sectionNames: number;
}

export interface ElfTable {
  readonly offset: number;
  readonly count: number;
  readonly rowBytes: number;
}

export const ELF_HEADER_BYTES = 64;

export function isElf(head: Uint8Array): boolean {
  return head.length >= 52 && head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

/** The System V ABI's file header; `head` holds the first 64 bytes, or all there are. */
export function parseElfHeader(head: Uint8Array): ElfHeader {
  if (!isElf(head)) throw broken("elf: not an executable");
  const [, , , , wide, order, , abi] = head;
  if ((wide !== 1 && wide !== 2) || (order !== 1 && order !== 2)) throw broken("elf: the header is damaged");
  const bits = wide === 1 ? 32 : 64;
  const reader = new ByteReader(head, { littleEndian: order === 1 }).seek(16);
  const word = (): number => (bits === 64 ? reader.u64() : reader.u32());
  const [type, machine] = [reader.u16(), reader.u16()];
  reader.skip(4);
  word();
  const [segmentOffset, sectionOffset] = [word(), word()];
  const flags = reader.u32();
  reader.skip(2);
  const [segmentBytes, segmentCount, sectionBytes, sectionCount, sectionNames] = Array.from({ length: 5 }, () => reader.u16()) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    bits,
    littleEndian: order === 1,
    type,
    machine: machineName(machine, bits, flags),
    isLinux: LINUX_ABIS.includes(abi as number),
    segments: { offset: segmentOffset, count: segmentCount, rowBytes: segmentBytes },
    sections: { offset: sectionOffset, count: sectionCount, rowBytes: sectionBytes },
    sectionNames,
  };
}

function machineName(machine: number, bits: 32 | 64, flags: number): string {
  if (machine === ARM && (flags & ARM_HARD_FLOAT) !== 0) return "armhf";
  if (machine === X86_64 && bits === 32) return "x32";
  return MACHINES.get(machine) ?? `machine-${machine}`;
}
