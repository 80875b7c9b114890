// The smallest iOS executable that has every part a reader expects: its main returns 0.

// arm64 maps segments in pages of 16 KiB.
const page = 0x4000;
const base = 0x1_0000_0000;
const codeOffset = 0x1000;

function u32(...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) out.writeUInt32LE(value, index * 4);
  return out;
}

function u64(...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) out.writeBigUInt64LE(BigInt(value), index * 8);
  return out;
}

const name16 = (name: string) => Buffer.from(name.padEnd(16, "\0"), "latin1");
const align = (value: number, step: number) => Math.ceil(value / step) * step;

function command(type: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = align(body.length + 8, 8);
  return Buffer.concat([u32(type, size), body], size);
}

function segment(name: string, vm: [number, number], file: [number, number], protection: number, sections: Buffer[] = []): Buffer {
  return command(0x19, name16(name), u64(...vm, ...file), u32(protection, protection, sections.length, 0), ...sections);
}

function section(name: string, offset: number, size: number, alignment: number, flags: number): Buffer {
  return Buffer.concat([name16(name), name16("__TEXT"), u64(base + offset, size), u32(offset, alignment, 0, 0, flags, 0, 0, 0)]);
}

/** The file up to where the signature starts, with load commands that announce `signatureSize` bytes more. */
export function executable(banner: string, uuid: Buffer, signatureSize: number): { bytes: Buffer; textSize: number } {
  const code = u32(0x52800000, 0xd65f03c0); // mov w0, #0; ret
  const text = Buffer.from(`${banner}\0`);

  const names = Buffer.from("\0__mh_execute_header\0_main\0");
  const symbols = Buffer.concat([
    Buffer.concat([u32(1), Buffer.of(0x0f, 1, 0x10, 0), u64(base)]),
    Buffer.concat([u32(21), Buffer.of(0x0f, 1, 0, 0), u64(base + codeOffset)]),
  ]);
  const namesOffset = page + symbols.length;
  // The kernel wants the signature on a multiple of 16.
  const signatureOffset = align(namesOffset + names.length, 16);
  const linkeditSize = signatureOffset + signatureSize - page;

  const commands = [
    segment("__PAGEZERO", [0, base], [0, 0], 0),
    segment("__TEXT", [base, page], [0, page], 5, [
      section("__text", codeOffset, code.length, 2, 0x80000400),
      section("__cstring", codeOffset + code.length, text.length, 0, 2),
    ]),
    segment("__LINKEDIT", [base + page, align(linkeditSize, page)], [page, linkeditSize], 1),
    command(0x80000022, Buffer.alloc(40)), // LC_DYLD_INFO_ONLY: nothing to bind
    command(0x2, u32(page, 2, namesOffset, names.length)), // LC_SYMTAB
    command(0xb, u32(0, 0, 0, 2, 2, 0), Buffer.alloc(48)), // LC_DYSYMTAB: both symbols are external
    command(0xe, u32(12), Buffer.from("/usr/lib/dyld\0")), // LC_LOAD_DYLINKER
    command(0x1b, uuid), // LC_UUID
    command(0x32, u32(2, 0x000f0000, 0x00110000, 0)), // LC_BUILD_VERSION: iOS, from 15.0, made with 17.0
    command(0x80000028, u64(codeOffset, 0)), // LC_MAIN
    command(0xc, u32(24, 2, 0x05000000, 0x00010000), Buffer.from("/usr/lib/libSystem.B.dylib\0")), // LC_LOAD_DYLIB
    command(0x1d, u32(signatureOffset, signatureSize)), // LC_CODE_SIGNATURE
  ];
  const commandBytes = Buffer.concat(commands);

  const bytes = Buffer.alloc(signatureOffset);
  // MH_EXECUTE for arm64; MH_NOUNDEFS, MH_DYLDLINK, MH_TWOLEVEL, MH_PIE
  u32(0xfeedfacf, 0x0100000c, 0, 2, commands.length, commandBytes.length, 0x00200085, 0).copy(bytes);
  commandBytes.copy(bytes, 32);
  code.copy(bytes, codeOffset);
  text.copy(bytes, codeOffset + code.length);
  symbols.copy(bytes, page);
  names.copy(bytes, namesOffset);
  return { bytes, textSize: page };
}
