// A public key or subkey, version 4 (RFC 9580 §5.5.2), and whether a digest was signed by it.
import { constants, createHash, createPublicKey, type KeyObject, publicDecrypt, verify } from "node:crypto";
import { ByteReader } from "@distd/core";
import { broken } from "../../broken.ts";
import { bitsOf, leftmostBits, numberOf } from "../big-numbers.ts";
import { isDsaSignature } from "../dsa.ts";
import type { HashName } from "../public-key.ts";
import { CURVES, isOnCurve, verifyEcdsa } from "./curves.ts";
import { readNumber } from "./packets.ts";
import { hex } from "./signature-packet.ts";

const [RSA, RSA_SIGN, DSA, ECDSA, EDDSA, ED25519] = [1, 3, 17, 19, 22, 27];
const ED25519_CURVE = "2b06010401da470f01";
const NATIVE_POINT = 0x40;
const UNCOMPRESSED_POINT = 0x04;
const MAX_DSA_BITS = 4096;
/** DigestInfo in front of a digest (RFC 8017, 9.2). */
const DIGEST_INFOS: Readonly<Record<HashName, string>> = {
  md5: "3020300c06082a864886f70d020505000410",
  sha1: "3021300906052b0e03021a05000414",
  sha224: "302d300d06096086480165030402040500041c",
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
  sha512: "3051300d060960864801650304020305000440",
};

export interface OpenPgpKey {
  /** 40 hexadecimal digits in capitals. */
  readonly fingerprint: string;
  /** The last 16 of them. */
  readonly keyId: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly body: Uint8Array;
  /** `rsa-2048`, `ed25519`, `ecdsa-p256`, `dsa-1024`. */
  readonly name: string;
  /** Numbers of the algorithms its signatures may name. */
  readonly algorithms: readonly number[];
  /** Whether the digest was signed by it. */
  signed(hash: HashName, digest: Uint8Array, numbers: readonly Uint8Array[]): boolean;
}

type Material = Pick<OpenPgpKey, "name" | "algorithms" | "signed">;

/** Undefined: of a version or an algorithm that cannot sign, or is not known here. */
export function parseKey(body: Uint8Array): OpenPgpKey | undefined {
  const reader = new ByteReader(body, { littleEndian: false });
  if (reader.u8() !== 4) return undefined;
  const created = reader.u32();
  const material = readMaterial(reader.u8(), reader);
  if (material === undefined) return undefined;
  if (reader.left > 0) throw broken("openpgp: a key is longer than it says");
  const fingerprint = hex(createHash("sha1").update(framedKey(body)).digest());
  return { fingerprint, keyId: fingerprint.slice(-16), created, body, ...material };
}

/** As a key is hashed: for its fingerprint and in signatures over it. */
export function framedKey(body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(0x99, body.length >> 8, body.length & 0xff), body]);
}

function readMaterial(algorithm: number, reader: ByteReader): Material | undefined {
  if (algorithm === RSA || algorithm === RSA_SIGN) return rsa(readNumber(reader), readNumber(reader));
  if (algorithm === DSA) return dsa(readNumber(reader), readNumber(reader), readNumber(reader), readNumber(reader));
  if (algorithm === ED25519) return ed25519(reader.take(32));
  if (algorithm !== ECDSA && algorithm !== EDDSA) return undefined;
  const oid = hex(reader.take(reader.u8())).toLowerCase();
  const point = readNumber(reader);
  if (algorithm === ECDSA) return ecdsa(oid, point);
  if (oid !== ED25519_CURVE) return undefined;
  if (point.length !== 33 || point[0] !== NATIVE_POINT) throw broken("openpgp: a key is damaged");
  return ed25519(point.subarray(1));
}

function rsa(n: Uint8Array, e: Uint8Array): Material {
  const jwk = { kty: "RSA", n: Buffer.from(n).toString("base64url"), e: Buffer.from(e).toString("base64url") };
  const key = usable(() => createPublicKey({ key: jwk, format: "jwk" }));
  return {
    name: `rsa-${bitsOf(numberOf(n))}`,
    algorithms: [1, 3],
    signed(hash, digest, [value]) {
      const info = Buffer.concat([Buffer.from(DIGEST_INFOS[hash], "hex"), digest]);
      const fill = n.length - info.length - 3;
      if (value === undefined || value.length > n.length || fill < 8) return false;
      const wanted = Buffer.concat([Buffer.of(0, 1), Buffer.alloc(fill, 0xff), Buffer.of(0), info]);
      return wanted.equals(withoutFailure(() => publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, padded(value, n.length))));
    },
  };
}

function ed25519(x: Uint8Array): Material {
  const key = usable(() =>
    createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(x).toString("base64url") }, format: "jwk" }),
  );
  return {
    name: "ed25519",
    algorithms: [22, 27],
    signed(_hash, digest, [r, s]) {
      if (r === undefined || s === undefined || r.length > 32 || s.length > 32) return false;
      return verify(null, digest, key, Buffer.concat([padded(r, 32), padded(s, 32)]));
    },
  };
}

function ecdsa(oid: string, encoded: Uint8Array): Material | undefined {
  const curve = CURVES[oid];
  if (curve === undefined) return undefined;
  if (encoded.length !== 1 + 2 * curve.bytes || encoded[0] !== UNCOMPRESSED_POINT) throw broken("openpgp: a key is damaged");
  const point = { x: numberOf(encoded.subarray(1, 1 + curve.bytes)), y: numberOf(encoded.subarray(1 + curve.bytes)) };
  if (!isOnCurve(curve, point)) throw broken("openpgp: a key is no point of its curve");
  return {
    name: `ecdsa-${curve.name}`,
    algorithms: [19],
    signed(_hash, digest, [r, s]) {
      return r !== undefined && s !== undefined && verifyEcdsa(curve, point, leftmostBits(digest, curve.n), numberOf(r), numberOf(s));
    },
  };
}

function dsa(...parts: readonly Uint8Array[]): Material {
  const [p, q, g, y] = parts.map(numberOf) as [bigint, bigint, bigint, bigint];
  if (p < 3n || q < 3n || bitsOf(p) > MAX_DSA_BITS || q >= p) throw broken("openpgp: a key is damaged");
  return {
    name: `dsa-${bitsOf(p)}`,
    algorithms: [17],
    signed: (_hash, digest, [r, s]) =>
      r !== undefined && s !== undefined && isDsaSignature({ p, q, g, y }, digest, numberOf(r), numberOf(s)),
  };
}

function usable(create: () => KeyObject): KeyObject {
  try {
    return create();
  } catch (cause) {
    throw broken("openpgp: a key cannot be used", cause);
  }
}

/** OpenSSL throws for numbers that no key can have made. */
function withoutFailure(compute: () => Uint8Array): Uint8Array {
  try {
    return compute();
  } catch {
    return new Uint8Array();
  }
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  return Buffer.concat([Buffer.alloc(length - bytes.length), bytes]);
}
