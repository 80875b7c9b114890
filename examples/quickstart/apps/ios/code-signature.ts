// The embedded signature of an iOS executable: a code directory with the hashes, entitlements, and a CMS signature over the directory.
import { createHash } from "node:crypto";
import { type PlistDict, type PlistValue, plistXml } from "./plist.ts";

const page = 4096;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();

function be32(...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) out.writeUInt32BE(value, index * 4);
  return out;
}

const blob = (magic: number, ...parts: Uint8Array[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([be32(magic, body.length + 8), body]);
};

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.of(tag, ...length), body]);
}

function derValue(value: PlistValue): Buffer {
  if (typeof value === "string") return der(0x0c, Buffer.from(value));
  if (typeof value === "boolean") return der(0x01, Buffer.of(value ? 255 : 0));
  if (Array.isArray(value)) return der(0x30, ...value.map(derValue));
  throw new Error("entitlements hold strings, booleans and arrays");
}

/** iOS 15 reads entitlements as DER and ignores the property list. */
function derEntitlements(entitlements: PlistDict): Buffer {
  const pairs = Object.entries(entitlements)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => der(0x30, derValue(key), derValue(value)));
  return der(0x70, der(0x02, Buffer.of(1)), der(0xb0, ...pairs));
}

export interface CodeToSign {
  readonly bytes: Buffer;
  readonly textSize: number;
  readonly identifier: string;
  readonly team: string;
  readonly infoPlist: Uint8Array;
  readonly codeResources: Uint8Array;
  readonly entitlements: PlistDict;
  /** Makes a detached CMS signature. */
  readonly sign: (content: Buffer) => Buffer;
}

function codeDirectory(code: CodeToSign, specialHashes: Buffer[]): Buffer {
  const headerSize = 88;
  const identifier = Buffer.from(`${code.identifier}\0`);
  const team = Buffer.from(`${code.team}\0`);
  const hashes: Buffer[] = [];
  for (let offset = 0; offset < code.bytes.length; offset += page) hashes.push(sha256(code.bytes.subarray(offset, offset + page)));
  const hashOffset = headerSize + identifier.length + team.length + specialHashes.length * 32;
  return blob(
    0xfade0c02,
    be32(0x20400, 0, hashOffset, headerSize, specialHashes.length, hashes.length, code.bytes.length),
    Buffer.of(32, 2, 0, 12), // SHA-256, pages of 2^12
    be32(0, 0, headerSize + identifier.length, 0, 0, 0),
    be32(0, 0, 0, code.textSize, 0, 1), // executable segment: start, size, main binary
    identifier,
    team,
    ...specialHashes,
    ...hashes,
  );
}

/** The super blob, padded to `size`. */
export function codeSignature(code: CodeToSign, size: number): Buffer {
  const requirements = blob(0xfade0c01, be32(0));
  const entitlements = blob(0xfade7171, plistXml(code.entitlements));
  const binaryEntitlements = blob(0xfade7172, derEntitlements(code.entitlements));
  // Slots -7 to -1; the unused ones are zero.
  const specialHashes = [
    sha256(binaryEntitlements),
    Buffer.alloc(32),
    sha256(entitlements),
    Buffer.alloc(32),
    sha256(code.codeResources),
    sha256(requirements),
    sha256(code.infoPlist),
  ];
  const directory = codeDirectory(code, specialHashes);
  const slots: [number, Buffer][] = [
    [0, directory],
    [2, requirements],
    [5, entitlements],
    [7, binaryEntitlements],
    [0x10000, blob(0xfade0b01, code.sign(directory))],
  ];
  let offset = 12 + slots.length * 8;
  const index: Buffer[] = [];
  for (const [slot, bytes] of slots) {
    index.push(be32(slot, offset));
    offset += bytes.length;
  }
  const whole = blob(0xfade0cc0, be32(slots.length), ...index, ...slots.map(([, bytes]) => bytes));
  if (whole.length > size) throw new Error(`the signature takes ${whole.length} bytes, ${size} are reserved`);
  return Buffer.concat([whole], size);
}
