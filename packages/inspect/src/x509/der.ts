// BER, of which DER is the strict form (X.690): tag, length, content. Certificates are DER; Apple's and some Android signers wrap them in
// BER with indefinite lengths, closed by two zero bytes, so both are read. Elements are found lazily: what is not asked for is skipped.
import { broken } from "../broken.ts";

const MAX_DEPTH = 32;

export const TAG = { integer: 0x02, octetString: 0x04, oid: 0x06, sequence: 0x30, set: 0x31 } as const;

export interface DerElement {
  /** The identifier octet: class, constructed bit and number. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly encoded: Uint8Array;
}

/** The elements that follow each other in `bytes`. */
export function parseDer(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const element = elementAt(bytes, offset, 0);
    elements.push(element);
    offset += element.encoded.length;
  }
  return elements;
}

/** The one element at the beginning of `bytes`; signers pad what follows. */
export function parseFirstDer(bytes: Uint8Array): DerElement {
  return elementAt(bytes, 0, 0);
}

export function childrenOf(element: DerElement | undefined, what: string): DerElement[] {
  if (element === undefined || (element.tag & 0x20) === 0) throw broken(`asn.1: ${what} is missing`);
  return parseDer(element.content);
}

/** The content of an OCTET STRING; BER may cut it into pieces. */
export function octets(element: DerElement, depth = 0): Uint8Array {
  if ((element.tag & 0x20) === 0) return element.content;
  if (depth > MAX_DEPTH) throw broken("asn.1: nested too deep");
  const pieces = parseDer(element.content).map((piece) => octets(piece, depth + 1));
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/** Dotted form. */
export function renderOid(content: Uint8Array): string {
  const arcs: bigint[] = [];
  let value = 0n;
  for (const byte of content.subarray(0, 64)) {
    value = (value << 7n) | BigInt(byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (arcs.length === 0) {
      const root = value < 80n ? value / 40n : 2n;
      arcs.push(root, value - root * 40n);
    } else arcs.push(value);
    value = 0n;
  }
  return arcs.join(".");
}

function elementAt(bytes: Uint8Array, start: number, depth: number): DerElement {
  if (depth > MAX_DEPTH) throw broken("asn.1: nested too deep");
  const tag = byteAt(bytes, start);
  let offset = start + 1;
  if ((tag & 0x1f) === 0x1f) throw broken("asn.1: a tag above 30 is not used here");
  const first = byteAt(bytes, offset);
  offset += 1;
  if (first === 0x80) return indefiniteAt(bytes, start, offset, tag, depth);
  let length = first;
  if (first > 0x80) {
    const count = first & 0x7f;
    if (count > 4) throw broken("asn.1: a length is out of range");
    length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + byteAt(bytes, offset + index);
    offset += count;
  }
  if (length > bytes.length - offset) throw broken("asn.1: an element reaches beyond its container");
  return { tag, content: bytes.subarray(offset, offset + length), encoded: bytes.subarray(start, offset + length) };
}

function indefiniteAt(bytes: Uint8Array, start: number, contentStart: number, tag: number, depth: number): DerElement {
  if ((tag & 0x20) === 0) throw broken("asn.1: a primitive element has no length");
  let offset = contentStart;
  while (byteAt(bytes, offset) !== 0 || byteAt(bytes, offset + 1) !== 0) offset += elementAt(bytes, offset, depth + 1).encoded.length;
  return { tag, content: bytes.subarray(contentStart, offset), encoded: bytes.subarray(start, offset + 2) };
}

function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset];
  if (byte === undefined) throw broken("asn.1: cut short");
  return byte;
}
