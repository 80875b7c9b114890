// Bytes as text between dashed lines (RFC 9580 §6.2), with a checksum behind that older writers add.
import { broken } from "../../broken.ts";

const BLOCK = /^-----BEGIN PGP ([A-Z ]{1,40})-----[ \t]*\r?$/gm;
const CRC24_START = 0xb704ce;
const CRC24_POLYNOMIAL = 0x1864cfb;

export interface ArmorBlock {
  /** `SIGNATURE`, `PUBLIC KEY BLOCK` … */
  readonly kind: string;
  readonly bytes: Uint8Array;
}

/** Every block of a text, in order; what stands between them is passed over. A damaged block is `artifact/broken`. */
export function readArmor(text: string): readonly ArmorBlock[] {
  const blocks: ArmorBlock[] = [];
  for (const match of text.matchAll(BLOCK)) {
    const kind = match[1] as string;
    // A text that is signed in the same file: the block behind it is found by itself.
    if (kind === "SIGNED MESSAGE") {
      blocks.push({ kind, bytes: new Uint8Array() });
      continue;
    }
    const start = match.index + match[0].length;
    const end = text.indexOf(`-----END PGP ${kind}-----`, start);
    if (end === -1) throw broken("openpgp: an armoured block does not end");
    blocks.push({ kind, bytes: decode(text.slice(start, end)) });
  }
  return blocks;
}

function decode(content: string): Uint8Array {
  const lines = content.split("\n").map((line) => line.trim());
  const blank = lines.indexOf("", 1);
  const body = blank === -1 ? [] : lines.slice(blank + 1).filter((line) => line !== "");
  const last = body.at(-1);
  const sum = last !== undefined && /^=[A-Za-z0-9+/]{4}$/.test(last) ? body.pop() : undefined;
  const base64 = body.join("");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) throw broken("openpgp: an armoured block is damaged");
  const bytes = new Uint8Array(Buffer.from(base64, "base64"));
  if (sum !== undefined && sum.slice(1) !== checksum(bytes)) throw broken("openpgp: an armoured block is not what its checksum says");
  return bytes;
}

function checksum(bytes: Uint8Array): string {
  let crc = CRC24_START;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= CRC24_POLYNOMIAL;
    }
  }
  return Buffer.of((crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff).toString("base64");
}
