const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const CODE_AT = HEADER_BYTES + SEGMENT_BYTES;
/** Where the file is put in memory. */
const BASE = 0x40_0000n;
/** The largest page of the machines below. */
const ALIGNMENT = 0x1_0000n;
const LOADED = 1;
const READ_AND_EXECUTE = 5;

/** Code that writes the text behind it to stdout, and ends with 0. */
interface Machine {
  readonly elf: number;
  code(length: number): Buffer;
}

const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = {
  x64: {
    elf: 62,
    code(length) {
      // mov eax, 1; mov edi, 1; lea rsi, [rip + 16]; mov edx, length; syscall; mov eax, 60; xor edi, edi; syscall
      const code = Buffer.from("b801000000bf01000000488d3510000000ba000000000f05b83c00000031ff0f05", "hex");
      code.writeUInt32LE(length, 18);
      return code;
    },
  },
  arm64: {
    elf: 183,
    code(length) {
      // mov x0, 1; adr x1, . + 28; mov x2, length; mov x8, 64; svc 0; mov x0, 0; mov x8, 93; svc 0
      const words = [0xd2800020, 0x100000e1, 0xd2800002 | (length << 5), 0xd2800808, 0xd4000001, 0xd2800000, 0xd2800ba8, 0xd4000001];
      const code = Buffer.alloc(4 * words.length);
      for (const [index, word] of words.entries()) code.writeUInt32LE(word >>> 0, 4 * index);
      return code;
    },
  },
};

/** A program for Linux that prints a text, and needs nothing: no library, no interpreter, no other file. What comes after it is not read. */
export function makeStaticProgram(text: string, rest: Buffer): Buffer {
  const machine = MACHINES[process.arch];
  if (!machine) throw new Error(`nobody wrote a program for ${process.arch}`);
  const printed = Buffer.from(text);
  const body = Buffer.concat([machine.code(printed.length), printed, rest]);
  const start = Buffer.alloc(CODE_AT);
  // A program of 64 bits, little endian, for any system.
  start.write("\x7fELF\x02\x01\x01", "latin1");
  start.writeUInt16LE(2, 16);
  start.writeUInt16LE(machine.elf, 18);
  start.writeUInt32LE(1, 20);
  start.writeBigUInt64LE(BASE + BigInt(CODE_AT), 24);
  start.writeBigUInt64LE(BigInt(HEADER_BYTES), 32);
  start.writeUInt16LE(HEADER_BYTES, 52);
  start.writeUInt16LE(SEGMENT_BYTES, 54);
  start.writeUInt16LE(1, 56);
  // One segment: the whole file.
  start.writeUInt32LE(LOADED, 64);
  start.writeUInt32LE(READ_AND_EXECUTE, 68);
  start.writeBigUInt64LE(BASE, 80);
  start.writeBigUInt64LE(BASE, 88);
  const size = BigInt(CODE_AT + body.length);
  start.writeBigUInt64LE(size, 96);
  start.writeBigUInt64LE(size, 104);
  start.writeBigUInt64LE(ALIGNMENT, 112);
  return Buffer.concat([start, body]);
}
