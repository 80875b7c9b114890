// OpenPGP packets, version 4, with Ed25519 as algorithm 22 (RFC 4880 and RFC 9580 §5.5.5.5 "EdDSALegacy"): the one kind of key that Debian's
// gpgv of today and of four years ago both accept.
import { createHash, type KeyObject, sign } from "node:crypto";

export const EDDSA = 22;
const SHA512 = 10;
/** 1.3.6.1.4.1.11591.15.1, the legacy Ed25519 curve. */
export const CURVE = Buffer.from("092b06010401da470f01", "hex");
/** Before a point that is written as its 32 bytes alone. */
export const NATIVE_POINT = 0x40;

export const SIGNATURE_TYPES = { binary: 0x00, text: 0x01, certification: 0x13 } as const;
export const TAGS = { signature: 2, secretKey: 5, publicKey: 6, userId: 13 } as const;
export const SUBPACKETS = {
  created: 2,
  expires: 3,
  keyExpires: 9,
  issuer: 16,
  preferredHashes: 21,
  keyFlags: 27,
  issuerFingerprint: 33,
} as const;
/** May certify and sign. */
const KEY_FLAGS = 0x03;

/** A signing key as OpenPGP sees it: the time it was made is part of its identity. */
export interface OpenPgpKey {
  readonly key: KeyObject;
  readonly created: Date;
  readonly userId: string;
}

export function publicKeyBody({ key, created }: OpenPgpKey): Buffer {
  const { x = "" } = key.export({ format: "jwk" }) as { x?: string };
  return Buffer.concat([
    Buffer.of(4),
    seconds(created),
    Buffer.of(EDDSA),
    CURVE,
    mpi(Buffer.concat([Buffer.of(NATIVE_POINT), Buffer.from(x, "base64url")])),
  ]);
}

/** 40 hexadecimal digits. */
export function fingerprint(key: OpenPgpKey): string {
  return createHash("sha1")
    .update(framed(publicKeyBody(key)))
    .digest("hex");
}

/** The public key with its name, certified by itself. */
export function publicKeyPackets(key: OpenPgpKey): Buffer {
  return Buffer.concat([packet(TAGS.publicKey, publicKeyBody(key)), ...namePackets(key)]);
}

/** The same with the secret in it, in the clear. */
export function secretKeyPackets(key: OpenPgpKey): Buffer {
  const { d = "" } = key.key.export({ format: "jwk" }) as { d?: string };
  const secret = mpi(Buffer.from(d, "base64url"));
  const checksum = Buffer.alloc(2);
  checksum.writeUInt16BE(secret.reduce((sum, byte) => (sum + byte) & 0xffff, 0));
  return Buffer.concat([packet(TAGS.secretKey, Buffer.concat([publicKeyBody(key), Buffer.of(0), secret, checksum])), ...namePackets(key)]);
}

function namePackets(key: OpenPgpKey): readonly Buffer[] {
  const body = publicKeyBody(key);
  const name = Buffer.from(key.userId, "utf8");
  return [
    packet(TAGS.userId, name),
    signaturePacket(key, SIGNATURE_TYPES.certification, certifiedBytes(body, name), key.created, [
      subpacket(SUBPACKETS.keyFlags, Buffer.of(KEY_FLAGS)),
      subpacket(SUBPACKETS.preferredHashes, Buffer.of(SHA512)),
    ]),
  ];
}

export function signaturePacket(key: OpenPgpKey, type: number, data: Uint8Array, at: Date, more: readonly Buffer[] = []): Buffer {
  const id = Buffer.from(fingerprint(key), "hex");
  const hashed = Buffer.concat([
    subpacket(SUBPACKETS.created, seconds(at)),
    subpacket(SUBPACKETS.issuerFingerprint, Buffer.concat([Buffer.of(4), id])),
    ...more,
  ]);
  const unhashed = subpacket(SUBPACKETS.issuer, id.subarray(-8));
  const head = Buffer.concat([Buffer.of(4, type, EDDSA, SHA512), length16(hashed), hashed]);
  const digest = signedDigest("sha512", data, head);
  const signature = sign(null, digest, key.key);
  return packet(
    TAGS.signature,
    Buffer.concat([head, length16(unhashed), unhashed, digest.subarray(0, 2), mpi(signature.subarray(0, 32)), mpi(signature.subarray(32))]),
  );
}

/** What a key signs of some bytes: them, and what the signature says of itself up to the end of its hashed part. */
export function signedDigest(algorithm: string, data: Uint8Array, head: Uint8Array): Buffer {
  const trailer = Buffer.alloc(6, 0xff);
  trailer[0] = 4;
  trailer.writeUInt32BE(head.length, 2);
  return createHash(algorithm).update(data).update(head).update(trailer).digest();
}

/** What a certification signs: the key and its name. */
export function certifiedBytes(keyBody: Buffer, name: Buffer): Buffer {
  const nameLength = Buffer.alloc(5, 0xb4);
  nameLength.writeUInt32BE(name.length, 1);
  return Buffer.concat([framed(keyBody), nameLength, name]);
}

function packet(tag: number, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([Buffer.of(0xc0 | tag, 0xff), length, body]);
}

function subpacket(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(body.length + 1, type), body]);
}

/** As keys are hashed. */
export function framed(body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x99), length16(body), body]);
}

function length16(body: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return length;
}

/** A number: its length in bits, then its bytes without leading zeros. */
function mpi(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const trimmed = start === -1 ? Buffer.alloc(0) : bytes.subarray(start);
  const bits = trimmed.length === 0 ? 0 : trimmed.length * 8 - Math.clz32(trimmed[0] ?? 0) + 24;
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bits);
  return Buffer.concat([length, trimmed]);
}

function seconds(at: Date): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(Math.floor(at.getTime() / 1000));
  return bytes;
}
