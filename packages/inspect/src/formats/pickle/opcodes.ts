/** How an opcode's argument is written. */
export type Argument =
  | "none"
  | "line"
  | "two-lines"
  | { readonly fixed: number }
  | { readonly lengthBytes: 1 | 4 | 8; readonly isText: boolean };

const table = new Map<number, Argument>();
const add = (argument: Argument, ...codes: readonly (number | string)[]): void => {
  for (const code of codes) for (const byte of typeof code === "string" ? Buffer.from(code, "latin1") : [code]) table.set(byte, argument);
};

// pickletools.py, protocols 0 to 5.
add("none", "(.012RQNabdelostu)]}", 0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x97, 0x98);
add("line", "FILPSVgp");
add("two-lines", "ci");
add({ fixed: 1 }, "Khq", 0x80, 0x82);
add({ fixed: 2 }, "M", 0x83);
add({ fixed: 4 }, "Jjr", 0x84);
add({ fixed: 8 }, "G", 0x95);
add({ lengthBytes: 1, isText: true }, "U", 0x8c);
add({ lengthBytes: 4, isText: true }, "TX");
add({ lengthBytes: 8, isText: true }, 0x8d);
add({ lengthBytes: 1, isText: false }, "C", 0x8a);
add({ lengthBytes: 4, isText: false }, "B", 0x8b);
add({ lengthBytes: 8, isText: false }, 0x8e, 0x96);

export const ARGUMENTS: ReadonlyMap<number, Argument> = table;

export const OPCODE = {
  stop: 0x2e,
  protocol: 0x80,
  global: 0x63,
  instance: 0x69,
  stackGlobal: 0x93,
  memoize: 0x94,
  put: 0x70,
  binPut: 0x71,
  longBinPut: 0x72,
  get: 0x67,
  binGet: 0x68,
  longBinGet: 0x6a,
} as const;
