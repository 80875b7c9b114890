import { decodeUtf8 } from "@distd/core";
import { broken } from "../broken.ts";
import { untilNul } from "../until-nul.ts";

export const BLOCK_BYTES = 512;

/** One 512-byte header as it stands. POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar's base-256 numbers. */
export interface TarHeader {
  readonly name: Uint8Array;
  readonly type: string;
  readonly bytes: number;
  readonly mode: number;
  readonly linkName: Uint8Array;
}

export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** Whether a block is a header: its checksum is what its bytes add up to. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < BLOCK_BYTES || isZeroBlock(block.subarray(0, BLOCK_BYTES))) return false;
  const stored = /^[ 0]*([0-7]{1,7})[\0 ]/.exec(Buffer.from(block.subarray(148, 156)).toString("latin1"));
  if (stored === null) return false;
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < BLOCK_BYTES; index += 1) {
    const byte = index >= 148 && index < 156 ? 0x20 : (block[index] as number);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const sum = Number.parseInt(stored[1] as string, 8);
  // Old programs added bytes as signed numbers.
  return sum === unsigned || sum === signed;
}

export function parseTarHeader(block: Uint8Array): TarHeader {
  if (!isTarHeader(block)) throw broken("tar: a header's checksum is wrong");
  const isUstar = Buffer.from(block.subarray(257, 263)).toString("latin1") === "ustar\0";
  const prefix = isUstar ? untilNul(block.subarray(345, 500)) : new Uint8Array();
  const name = untilNul(block.subarray(0, 100));
  return {
    name: prefix.length > 0 ? new Uint8Array(Buffer.concat([prefix, Buffer.from("/"), name])) : name,
    type: String.fromCharCode(block[156] as number),
    bytes: parseNumber(block.subarray(124, 136), "size"),
    mode: parseNumber(block.subarray(100, 108), "mode"),
    linkName: untilNul(block.subarray(157, 257)),
  };
}

/** Octal digits; or, with the top bit set, a big-endian number. A negative size has sent readers into endless loops. */
function parseNumber(field: Uint8Array, what: string): number {
  const first = field[0] as number;
  if ((first & 0x80) !== 0) {
    let value = BigInt(first & 0x7f);
    for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte);
    if ((first & 0x40) !== 0 || value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken(`tar: a ${what} is out of range`);
    return Number(value);
  }
  const text = Buffer.from(field)
    .toString("latin1")
    .replace(/[\0 ]+$/, "")
    .trimStart();
  if (!/^[0-7]*$/.test(text)) throw broken(`tar: a ${what} is not a number`);
  return text === "" ? 0 : Number.parseInt(text, 8);
}

/**
 * A path as text. Refused: what leaves the folder it is unpacked in (absolute, drive letter, `..`) and what two programs would read as two
 * names (NUL, line breaks, not UTF-8).
 */
export function parseTarPath(bytes: Uint8Array): string {
  const path = decodeUtf8(bytes);
  const shown = JSON.stringify(path.slice(0, 80));
  if (path === "") throw broken("tar: an entry has no name");
  for (const character of ["\0", "\r", "\n"])
    if (path.includes(character)) throw broken(`tar: the name ${shown} holds ${JSON.stringify(character)}`);
  if (path.startsWith("/") || path.startsWith("\\") || /^[A-Za-z]:/.test(path)) throw broken(`tar: the name ${shown} is absolute`);
  if (path.split(/[/\\]/).includes("..")) throw broken(`tar: the name ${shown} leaves its folder`);
  return path.replace(/^(?:\.\/+)+(?=.)/, "");
}
