// minisign's files: comments, and lines of base64 (jedisct1.github.io/minisign, "Signature format", "Public key format").
import { broken } from "../../broken.ts";

const COMMENT = "untrusted comment: ";
const TRUSTED_COMMENT = "trusted comment: ";
const KEY_BYTES = 42;
const SIGNATURE_BYTES = 74;
const GLOBAL_SIGNATURE_BYTES = 64;

export interface MinisignKey {
  /** 16 hexadecimal digits in capitals, as minisign prints it. */
  readonly keyId: string;
  /** 32 bytes, Ed25519. */
  readonly point: Uint8Array;
}

export interface MinisignSignature {
  readonly keyId: string;
  /** Over the BLAKE2b-512 digest of the file; else over the file itself, as minisign did before 0.10. */
  readonly isPrehashed: boolean;
  readonly value: Uint8Array;
  readonly trustedComment: string;
  /** Over the value and the comment. */
  readonly globalValue: Uint8Array;
}

/** The keys among what a caller gave: with a comment in front, or the line alone. Keys of other families are passed over. */
export function readMinisignKeys(texts: readonly string[]): readonly MinisignKey[] {
  return texts.flatMap((text) => {
    const lines = text.split(/\r?\n/).filter((line) => line !== "");
    const own = lines[0]?.startsWith(COMMENT) === true ? lines.slice(1) : lines;
    const bytes = own.length === 1 ? decode(own[0] as string, KEY_BYTES) : undefined;
    if (bytes === undefined || bytes.subarray(0, 2).toString("latin1") !== "Ed") return [];
    return [{ keyId: keyIdIn(bytes), point: bytes.subarray(10) }];
  });
}

/** Anything else than a signature is `artifact/broken`; undefined: of an algorithm that is not known. */
export function parseMinisignSignature(text: string): MinisignSignature | undefined {
  const [comment = "", first = "", trusted = "", second = "", ...rest] = text.split(/\r?\n/);
  if (!comment.startsWith(COMMENT) || !trusted.startsWith(TRUSTED_COMMENT) || rest.some((line) => line !== ""))
    throw broken("minisign: a signature has four lines");
  const bytes = decode(first, SIGNATURE_BYTES);
  const globalValue = decode(second, GLOBAL_SIGNATURE_BYTES);
  if (bytes === undefined || globalValue === undefined) throw broken("minisign: a signature is damaged");
  const algorithm = bytes.subarray(0, 2).toString("latin1");
  if (algorithm !== "Ed" && algorithm !== "ED") return undefined;
  return {
    keyId: keyIdIn(bytes),
    isPrehashed: algorithm === "ED",
    value: bytes.subarray(10),
    trustedComment: trusted.slice(TRUSTED_COMMENT.length),
    globalValue,
  };
}

/** Written in one way only. */
function decode(base64: string, length: number): Buffer | undefined {
  const bytes = Buffer.from(base64, "base64");
  return bytes.length === length && bytes.toString("base64") === base64 ? bytes : undefined;
}

/** A number, little-endian. */
function keyIdIn(bytes: Buffer): string {
  return Buffer.from(bytes.subarray(2, 10)).reverse().toString("hex").toUpperCase();
}
