// Packets of OpenPGP (RFC 9580 §4.2), in the new form and the old one. None of those read here may come in pieces.
import { ByteReader } from "@distd/core";
import { broken } from "../../broken.ts";

export const PACKET = { signature: 2, publicKey: 6, trust: 12, userId: 13, publicSubkey: 14, userAttribute: 17, padding: 21 } as const;
const MAX_PACKETS = 20_000;
const MAX_NUMBER_BITS = 16_384;

export interface Packet {
  readonly tag: number;
  readonly body: Uint8Array;
}

/** Whether bytes can begin a packet; text never does. */
export function looksLikePackets(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x80) !== 0;
}

export function readPackets(bytes: Uint8Array): readonly Packet[] {
  const reader = new ByteReader(bytes, { littleEndian: false });
  const packets: Packet[] = [];
  while (reader.left > 0) {
    if (packets.length === MAX_PACKETS) throw broken(`openpgp: more than ${MAX_PACKETS} packets`);
    const head = reader.u8();
    if ((head & 0x80) === 0) throw broken("openpgp: there is no packet where one should begin");
    const isNew = (head & 0x40) !== 0;
    const tag = isNew ? head & 0x3f : (head >> 2) & 0x0f;
    packets.push({ tag, body: reader.take(isNew ? readLength(reader) : readOldLength(reader, head & 3)) });
  }
  return packets;
}

/** Of a packet or subpacket: one, two or five bytes. */
export function readLength(reader: ByteReader, { isSubpacket = false } = {}): number {
  const first = reader.u8();
  if (first < 192) return first;
  if (first === 255) return reader.u32();
  if (!isSubpacket && first >= 224) throw broken("openpgp: a packet comes in pieces");
  return ((first - 192) << 8) + reader.u8() + 192;
}

function readOldLength(reader: ByteReader, type: number): number {
  if (type === 0) return reader.u8();
  if (type === 1) return reader.u16();
  if (type === 2) return reader.u32();
  throw broken("openpgp: a packet has no length");
}

/** A multiprecision integer: its bytes, without zeros in front. */
export function readNumber(reader: ByteReader): Uint8Array {
  const bits = reader.u16();
  if (bits > MAX_NUMBER_BITS) throw broken(`openpgp: a number of ${bits} bits`);
  const bytes = reader.take(Math.ceil(bits / 8));
  if (bits > 0 && 32 - Math.clz32(bytes[0] ?? 0) !== ((bits - 1) % 8) + 1) throw broken("openpgp: a number is not as long as it says");
  return bytes;
}
