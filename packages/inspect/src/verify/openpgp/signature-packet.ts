// A signature packet, version 4 (RFC 9580 §5.2.3) or 3 (§5.2.2), which old rpm packages have.
import { ByteReader } from "@distd/core";
import { broken } from "../../broken.ts";
import type { HashName } from "../public-key.ts";
import { readLength, readNumber } from "./packets.ts";

export const SIGNATURE_TYPE = {
  binary: 0x00,
  text: 0x01,
  firstCertification: 0x10,
  lastCertification: 0x13,
  subkeyBinding: 0x18,
  primaryBinding: 0x19,
  directKey: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
  certificationRevocation: 0x30,
} as const;

const HASHES: Readonly<Record<number, HashName>> = { 1: "md5", 2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512", 11: "sha224" };
/** Kinds of subpackets. */
const KIND = { created: 2, expires: 3, keyExpires: 9, issuer: 16, flags: 27, embedded: 32, issuerFingerprint: 33 } as const;
/** Critical ones that may be there without a change in what is asked: they say something of keys and preferences. */
const HARMLESS: ReadonlySet<number> = new Set([4, 7, 11, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31, 34, 35, ...Object.values(KIND)]);
const CRITICAL = 0x80;
const ED25519 = 27;
const ED25519_SIGNATURE_BYTES = 64;

export interface OpenPgpSignature {
  readonly version: 3 | 4;
  readonly type: number;
  /** Number of the public-key algorithm (§9.1). */
  readonly algorithm: number;
  readonly hash: HashName;
  /** Seconds since 1970. */
  readonly created: number;
  /** Seconds after `created`; absent: never. */
  readonly expiresAfter?: number;
  /** Seconds after the key was made; absent: never. */
  readonly keyExpiresAfter?: number;
  /** What the key may be used for; absent: not said. */
  readonly keyFlags?: number;
  /** 16 hexadecimal digits in capitals. */
  readonly issuer?: string;
  /** 40 hexadecimal digits in capitals. */
  readonly issuerFingerprint?: string;
  /** By a subkey over its primary key, inside a binding. */
  readonly embedded?: Uint8Array;
  /** What is hashed behind the signed bytes. */
  readonly trailer: Uint8Array;
  /** The first two bytes of the digest. */
  readonly digestStart: Uint8Array;
  readonly numbers: readonly Uint8Array[];
}

/** Undefined: of a version or an algorithm that is not known here. What cannot be read is `artifact/broken`. */
export function parseSignature(body: Uint8Array): OpenPgpSignature | undefined {
  const version = body[0];
  if (version === undefined) throw broken("openpgp: an empty signature");
  if (version === 3 || version === 2) return parseVersion3(body);
  return version === 4 ? parseVersion4(body) : undefined;
}

function parseVersion3(body: Uint8Array): OpenPgpSignature | undefined {
  const reader = new ByteReader(body, { littleEndian: false }).skip(1);
  if (reader.u8() !== 5) throw broken("openpgp: an old signature hashes something else than it must");
  const trailer = reader.take(5);
  const issuer = hex(reader.take(8));
  const [algorithm, hash] = [reader.u8(), HASHES[reader.u8()]];
  const digestStart = reader.take(2);
  const numbers = readSignatureNumbers(reader, algorithm);
  if (hash === undefined || numbers === undefined) return undefined;
  const created = Buffer.from(trailer).readUInt32BE(1);
  return { version: 3, type: trailer[0] as number, algorithm, hash, created, issuer, trailer, digestStart, numbers };
}

function parseVersion4(body: Uint8Array): OpenPgpSignature | undefined {
  const reader = new ByteReader(body, { littleEndian: false }).skip(1);
  const [type, algorithm, hash] = [reader.u8(), reader.u8(), HASHES[reader.u8()]];
  const hashed = readSubpackets(reader.take(reader.u16()));
  const head = body.subarray(0, reader.offset);
  const unhashed = readSubpackets(reader.take(reader.u16()));
  const digestStart = reader.take(2);
  const numbers = readSignatureNumbers(reader, algorithm);
  if (hash === undefined || numbers === undefined || hashed.isBeyondUs) return undefined;
  const created = numberIn(hashed.bodies.get(KIND.created));
  if (created === undefined) throw broken("openpgp: a signature does not say when it was made");
  const end = Buffer.alloc(6, Buffer.of(4, 0xff));
  end.writeUInt32BE(head.length, 2);
  const expiresAfter = numberIn(hashed.bodies.get(KIND.expires));
  const keyExpiresAfter = numberIn(hashed.bodies.get(KIND.keyExpires));
  const keyFlags = hashed.bodies.get(KIND.flags)?.[0];
  // Hints to find the key by: what they say is proven by the key that fits. So is an embedded signature.
  const hint = (kind: number): Uint8Array | undefined => hashed.bodies.get(kind) ?? unhashed.bodies.get(kind);
  const [issuer, fingerprint, embedded] = [hint(KIND.issuer), hint(KIND.issuerFingerprint), hint(KIND.embedded)];
  return {
    version: 4,
    type,
    algorithm,
    hash,
    created,
    ...(expiresAfter !== undefined && expiresAfter > 0 && { expiresAfter }),
    ...(keyExpiresAfter !== undefined && keyExpiresAfter > 0 && { keyExpiresAfter }),
    ...(keyFlags !== undefined && { keyFlags }),
    ...(issuer?.length === 8 && { issuer: hex(issuer) }),
    ...(fingerprint?.length === 21 && fingerprint[0] === 4 && { issuerFingerprint: hex(fingerprint.subarray(1)) }),
    ...(embedded !== undefined && { embedded }),
    trailer: Buffer.concat([head, end]),
    digestStart,
    numbers,
  };
}

/** Nothing may follow them. Undefined: of an algorithm that is not known here. */
function readSignatureNumbers(reader: ByteReader, algorithm: number): readonly Uint8Array[] | undefined {
  if (algorithm === ED25519) {
    const bytes = reader.take(ED25519_SIGNATURE_BYTES);
    if (reader.left > 0) throw broken("openpgp: a signature is longer than it says");
    return [bytes.subarray(0, 32), bytes.subarray(32)];
  }
  const count = [1, 3].includes(algorithm) ? 1 : [17, 19, 22].includes(algorithm) ? 2 : 0;
  if (count === 0) return undefined;
  const numbers = Array.from({ length: count }, () => readNumber(reader));
  if (reader.left > 0) throw broken("openpgp: a signature is longer than it says");
  return numbers;
}

interface Subpackets {
  readonly bodies: ReadonlyMap<number, Uint8Array>;
  /** It wants something to be understood that is not known here. */
  readonly isBeyondUs: boolean;
}

/** Of a kind that is there twice the last counts. */
function readSubpackets(bytes: Uint8Array): Subpackets {
  const reader = new ByteReader(bytes, { littleEndian: false });
  const bodies = new Map<number, Uint8Array>();
  let isBeyondUs = false;
  while (reader.left > 0) {
    const body = reader.take(readLength(reader, { isSubpacket: true }));
    const kind = body[0];
    if (kind === undefined) throw broken("openpgp: an empty subpacket");
    if ((kind & CRITICAL) !== 0 && !HARMLESS.has(kind & ~CRITICAL)) isBeyondUs = true;
    bodies.set(kind & ~CRITICAL, body.subarray(1));
  }
  return { bodies, isBeyondUs };
}

function numberIn(bytes: Uint8Array | undefined): number | undefined {
  return bytes?.length === 4 ? Buffer.from(bytes).readUInt32BE(0) : undefined;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").toUpperCase();
}
