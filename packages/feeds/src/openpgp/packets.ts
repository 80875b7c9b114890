// OpenPGP packets, version 4, with Ed25519 as algorithm 22 (RFC 4880 and RFC 9580 §5.5.5.5 "EdDSALegacy"): the one kind of key that Debian's
// gpgv of today and of four years ago both accept.
import { createHash, type KeyObject, sign } from "node:crypto";

const EDDSA = 22;
const SHA512 = 10;
/** 1.3.6.1.4.1.11591.15.1, the legacy Ed25519 curve. */
const CURVE = Buffer.from("092b06010401da470f01", "hex");

export const SIGNATURE_TYPES = { binary: 0x00, text: 0x01, certification: 0x13 } as const;
const TAGS = { signature: 2, publicKey: 6, userId: 13 } as const;
const SUBPACKETS = { created: 2, issuer: 16, preferredHashes: 21, keyFlags: 27, issuerFingerprint: 33 } as const;
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
    mpi(Buffer.concat([Buffer.of(0x40), Buffer.from(x, "base64url")])),
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
  const body = publicKeyBody(key);
  const name = Buffer.from(key.userId, "utf8");
  const nameLength = Buffer.alloc(5, 0xb4);
  nameLength.writeUInt32BE(name.length, 1);
  const certified = Buffer.concat([framed(body), nameLength, name]);
  return Buffer.concat([
    packet(TAGS.publicKey, body),
    packet(TAGS.userId, name),
    signaturePacket(key, SIGNATURE_TYPES.certification, certified, key.created, [
      subpacket(SUBPACKETS.keyFlags, Buffer.of(KEY_FLAGS)),
      subpacket(SUBPACKETS.preferredHashes, Buffer.of(SHA512)),
    ]),
  ]);
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
  const trailer = Buffer.alloc(6, 0xff);
  trailer[0] = 4;
  trailer.writeUInt32BE(head.length, 2);
  const digest = createHash("sha512").update(data).update(head).update(trailer).digest();
  const signature = sign(null, digest, key.key);
  return packet(
    TAGS.signature,
    Buffer.concat([head, length16(unhashed), unhashed, digest.subarray(0, 2), mpi(signature.subarray(0, 32)), mpi(signature.subarray(32))]),
  );
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
function framed(body: Buffer): Buffer {
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
