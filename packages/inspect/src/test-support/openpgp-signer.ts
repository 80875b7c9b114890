// A key made in a test, and signatures by it: for files that no tool writes (RFC 9580 §5.2, §5.5). Version 4, Ed25519.
import { createHash, generateKeyPairSync, sign } from "node:crypto";

const CREATED = 1_767_225_600;

export interface TestSigner {
  /** Binary, as Latin-1. */
  readonly key: string;
  /** A signature packet over bytes. */
  sign(data: Uint8Array): Uint8Array;
}

export function openPgpSigner(name: string, hash: "sha256" | "md5" = "sha256"): TestSigner {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const key = Buffer.concat([Buffer.of(4), u32(CREATED), Buffer.of(27), point]);
  const framed = Buffer.concat([Buffer.of(0x99), u16(key.length), key]);
  const issuer = Buffer.concat([Buffer.of(4), createHash("sha1").update(framed).digest()]);
  const make = (type: number, data: Uint8Array, ...more: readonly Buffer[]): Buffer => {
    const hashed = Buffer.concat([subpacket(2, u32(CREATED + 60)), subpacket(33, issuer), ...more]);
    const head = Buffer.concat([Buffer.of(4, type, 27, hash === "md5" ? 1 : 8), u16(hashed.length), hashed]);
    const digest = createHash(hash).update(data).update(head).update(Buffer.of(4, 0xff)).update(u32(head.length)).digest();
    return packet(2, Buffer.concat([head, u16(0), digest.subarray(0, 2), sign(null, digest, privateKey)]));
  };
  const user = Buffer.from(name);
  const certified = make(0x13, Buffer.concat([framed, Buffer.of(0xb4), u32(user.length), user]), subpacket(27, Buffer.of(2)));
  return {
    key: Buffer.concat([packet(6, key), packet(13, user), certified]).toString("latin1"),
    sign: (data) => make(0, data),
  };
}

function packet(tag: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0xc0 | tag, 0xff), u32(body.length), body]);
}

function subpacket(kind: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(body.length + 1, kind), body]);
}

function u16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
