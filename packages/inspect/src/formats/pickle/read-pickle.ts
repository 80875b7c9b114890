import { ByteReader } from "@distd/core";
import { broken } from "../../broken.ts";
import type { ByteStream } from "../../stream/byte-stream.ts";
import { type Argument, ARGUMENTS, OPCODE } from "./opcodes.ts";

const MAX_OPCODES = 500_000;
const MAX_LINE_BYTES = 64 * 1024;
const MAX_NAME_BYTES = 1024;
const MAX_IMPORTS = 1000;

export interface PickleFacts {
  readonly protocol: number;
  /** `module.name` of what it imports, as far as texts on its stack tell. */
  readonly imports: readonly string[];
  /** Whether it was read to its end. */
  readonly complete: boolean;
}

/** One pickle, from its first opcode to STOP. Opcodes are told apart, not executed; only texts are followed, for they name imports. */
export async function readPickle(stream: ByteStream): Promise<PickleFacts> {
  const imports = new Set<string>();
  const recent: string[] = [];
  const memo = new Map<number, string>();
  let protocol = 0;
  for (let count = 0; count < MAX_OPCODES && imports.size < MAX_IMPORTS; count += 1) {
    const opcode = (await stream.take(1))[0] as number;
    if (opcode === OPCODE.stop) return { protocol, imports: [...imports], complete: true };
    const argument = ARGUMENTS.get(opcode);
    if (argument === undefined) throw broken(`pickle: 0x${opcode.toString(16)} is no opcode`);
    const value = await readArgument(stream, argument);
    if (opcode === OPCODE.protocol) protocol = Number(value);
    else if (opcode === OPCODE.global || opcode === OPCODE.instance) imports.add(String(value));
    else if (opcode === OPCODE.stackGlobal) imports.add(recent.slice(-2).join("."));
    else if (opcode === OPCODE.memoize) remember(memo, memo.size, recent);
    else if (opcode === OPCODE.put || opcode === OPCODE.binPut || opcode === OPCODE.longBinPut) remember(memo, Number(value), recent);
    else if (opcode === OPCODE.get || opcode === OPCODE.binGet || opcode === OPCODE.longBinGet)
      push(recent, memo.get(Number(value)) ?? "?");
    else if (typeof value === "string") push(recent, value);
  }
  return { protocol, imports: [...imports], complete: false };
}

/** What was pushed last; a name and its module are pushed right before they are used. */
function push(recent: string[], text: string): void {
  recent.push(text);
  if (recent.length > 8) recent.shift();
}

function remember(memo: Map<number, string>, key: number, recent: readonly string[]): void {
  memo.set(key, recent.at(-1) ?? "?");
}

async function readArgument(stream: ByteStream, argument: Argument): Promise<string | number | undefined> {
  if (argument === "none") return undefined;
  if (argument === "line") return readLine(stream);
  if (argument === "two-lines") return `${await readLine(stream)}.${await readLine(stream)}`;
  if ("fixed" in argument) return toNumber(await stream.take(argument.fixed));
  const length = toNumber(await stream.take(argument.lengthBytes));
  if (!argument.isText || length > MAX_NAME_BYTES) {
    await stream.skip(length);
    return argument.isText ? "?" : undefined;
  }
  return Buffer.from(await stream.take(length)).toString("utf8");
}

function toNumber(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes, { littleEndian: true });
  if (bytes.length === 8) return reader.u32() + reader.u32() * 2 ** 32;
  return bytes.length === 4 ? reader.u32() : bytes.length === 2 ? reader.u16() : reader.u8();
}

async function readLine(stream: ByteStream): Promise<string> {
  const bytes: number[] = [];
  for (;;) {
    const [byte] = await stream.take(1);
    if (byte === 0x0a) break;
    bytes.push(byte as number);
    if (bytes.length > MAX_LINE_BYTES) throw broken("pickle: a line does not end");
  }
  return Buffer.from(bytes).toString("utf8").trimEnd().slice(0, MAX_NAME_BYTES);
}
