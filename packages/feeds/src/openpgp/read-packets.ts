// Reads what `packets.ts` writes: version 4, Ed25519 as algorithm 22 (RFC 9580 §4.2.1, §5.2.3, §5.5.2). Anything else in a key or signature
// is refused, not passed over.
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { type ByteWindow, openWindow } from "./byte-window.ts";
import { certifiedBytes, CURVE, EDDSA, framed, NATIVE_POINT, SIGNATURE_TYPES, signedDigest, SUBPACKETS, TAGS } from "./packets.ts";
import { OpenPgpError } from "./openpgp-error.ts";

/** A public key whose owner certified its name. */
export interface PublicKey {
  /** 40 hexadecimal digits. */
  readonly fingerprint: string;
  readonly created: Date;
  /** Absent: never. */
  readonly expires?: Date;
  readonly key: KeyObject;
}

export interface Signature {
  readonly type: number;
  readonly hash: HashName;
  readonly created: Date;
  /** Absent: never. */
  readonly expires?: Date;
  /** Fingerprint of the key that made it, by its own words. */
  readonly issuer: string;
  isBy(key: PublicKey["key"], data: Uint8Array): boolean;
}

/** As a clearsigned text calls them. */
export type HashName = "SHA256" | "SHA384" | "SHA512";
const HASHES: Readonly<Record<number, HashName>> = { 8: "SHA256", 9: "SHA384", 10: "SHA512" };

const SECOND_MS = 1000;
const ED25519_BYTES = 32;
/** Of a subpacket's kind: whoever does not know it must not believe the signature. */
const CRITICAL = 0x80;

/** One or more keys, each followed by its names and their certifications. */
export function readPublicKeys(bytes: Uint8Array): readonly PublicKey[] {
  const groups: Packet[][] = [];
  for (const packet of readPackets(bytes)) {
    if (packet.tag === TAGS.publicKey) groups.push([]);
    groups.at(-1)?.push(packet);
  }
  if (groups.length === 0) throw new OpenPgpError("there is no key");
  return groups.map(readPublicKey);
}

/** One or more signatures. */
export function readSignatures(bytes: Uint8Array): readonly Signature[] {
  return readPackets(bytes).map(({ tag, body }) => {
    if (tag !== TAGS.signature) throw new OpenPgpError("there is something else beside signatures");
    return readSignature(body);
  });
}

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

function readPackets(bytes: Uint8Array): readonly Packet[] {
  const window = openWindow(bytes);
  const packets: Packet[] = [];
  while (window.left() > 0) {
    const head = window.number(1);
    if ((head & 0xc0) !== 0xc0) throw new OpenPgpError("there is no packet where one should begin");
    packets.push({ tag: head & 0x3f, body: window.take(readLength(window)) });
  }
  return packets;
}

/** A packet's or subpacket's, in one, two or five bytes. */
function readLength(window: ByteWindow): number {
  const first = window.number(1);
  if (first < 192) return first;
  if (first < 224) return ((first - 192) << 8) + window.number(1) + 192;
  if (first < 255) throw new OpenPgpError("a packet comes in pieces");
  return window.number(4);
}

function readPublicKey([first, ...others]: readonly Packet[]): PublicKey {
  const body = first?.body ?? Buffer.alloc(0);
  const { created, key } = readKeyBody(body);
  let name: Buffer | undefined;
  let expiresAfterMs: number | undefined;
  let isCertified = false;
  for (const packet of others) {
    if (packet.tag === TAGS.userId) {
      name = packet.body;
      isCertified = false;
      continue;
    }
    if (packet.tag !== TAGS.signature || !name) throw new OpenPgpError("a key has parts that are not known");
    const certification = readSignature(packet.body);
    if (certification.type !== SIGNATURE_TYPES.certification || !certification.isBy(key, certifiedBytes(body, name)))
      throw new OpenPgpError("a key's name is not certified by the key");
    expiresAfterMs = certification.keyExpiresAfterMs ?? expiresAfterMs;
    isCertified = true;
  }
  if (!isCertified) throw new OpenPgpError("a key's name is not certified by the key");
  const fingerprint = createHash("sha1").update(framed(body)).digest("hex");
  return { fingerprint, created, key, ...(expiresAfterMs !== undefined && { expires: new Date(created.getTime() + expiresAfterMs) }) };
}

function readKeyBody(body: Buffer): { readonly created: Date; readonly key: KeyObject } {
  const window = openWindow(body);
  const version = window.number(1);
  const created = new Date(window.number(4) * SECOND_MS);
  if (version !== 4 || window.number(1) !== EDDSA || !window.take(CURVE.length).equals(CURVE))
    throw new OpenPgpError("a key is not Ed25519 in version 4");
  const point = readNumber(window);
  if (point[0] !== NATIVE_POINT || point.length !== ED25519_BYTES + 1 || window.left() > 0) throw new OpenPgpError("a key is damaged");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: point.subarray(1).toString("base64url") }, format: "jwk" });
  return { created, key };
}

interface KeySignature extends Signature {
  /** After it was made. */
  readonly keyExpiresAfterMs?: number;
}

function readSignature(body: Buffer): KeySignature {
  const window = openWindow(body);
  const [version, type, algorithm, hashId] = [window.number(1), window.number(1), window.number(1), window.number(1)];
  const hash = HASHES[hashId];
  if (version !== 4 || algorithm !== EDDSA || hash === undefined) throw new OpenPgpError("a signature is not Ed25519 in version 4");
  const hashed = readSubpackets(window.take(window.number(2)));
  const head = body.subarray(0, body.length - window.left());
  readSubpackets(window.take(window.number(2)));
  const prefix = window.take(2);
  const pair = Buffer.concat([padded(readNumber(window)), padded(readNumber(window))]);
  if (window.left() > 0) throw new OpenPgpError("a signature is longer than it says");

  const created = secondsOf(hashed.get(SUBPACKETS.created));
  const expiresAfter = secondsOf(hashed.get(SUBPACKETS.expires));
  const keyExpiresAfter = secondsOf(hashed.get(SUBPACKETS.keyExpires));
  const issuer = hashed.get(SUBPACKETS.issuerFingerprint);
  if (!created || issuer?.[0] !== 4) throw new OpenPgpError("a signature does not say when or by whom it was made");
  return {
    type,
    hash,
    created: new Date(created),
    ...(expiresAfter && { expires: new Date(created + expiresAfter) }),
    ...(keyExpiresAfter && { keyExpiresAfterMs: keyExpiresAfter }),
    issuer: issuer.subarray(1).toString("hex"),
    isBy(key, data) {
      const digest = signedDigest(hash, data, head);
      return digest.subarray(0, 2).equals(prefix) && verify(null, digest, key, pair);
    },
  };
}

/** By kind; of a kind that is there twice the last counts. */
function readSubpackets(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const window = openWindow(bytes);
  const known: readonly number[] = Object.values(SUBPACKETS);
  const found = new Map<number, Buffer>();
  while (window.left() > 0) {
    const body = window.take(readLength(window));
    const kind = body[0] ?? 0;
    if ((kind & CRITICAL) !== 0 && !known.includes(kind & ~CRITICAL))
      throw new OpenPgpError("a signature wants something to be understood that is not known");
    found.set(kind & ~CRITICAL, body.subarray(1));
  }
  return found;
}

/** A number: its length in bits, then its bytes; the first is not zero. */
function readNumber(window: ByteWindow): Buffer {
  const bits = window.number(2);
  const bytes = window.take(Math.ceil(bits / 8));
  if (bits > 0 && 32 - Math.clz32(bytes[0] ?? 0) !== ((bits - 1) % 8) + 1) throw new OpenPgpError("a number is not as long as it says");
  return bytes;
}

function padded(number: Buffer): Buffer {
  if (number.length > ED25519_BYTES) throw new OpenPgpError("a signature is damaged");
  return Buffer.concat([Buffer.alloc(ED25519_BYTES - number.length), number]);
}

/** In milliseconds. */
function secondsOf(bytes: Buffer | undefined): number | undefined {
  return bytes?.length === 4 ? bytes.readUInt32BE(0) * SECOND_MS : undefined;
}
