// What a public key says of a signature. `node:crypto` computes, except DSA, which Bun's has no more: old jar signatures are made with it.
import { constants, createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { broken, unknownKind } from "../broken.ts";
import { childrenOf, parseFirstDer, renderOid, TAG } from "../x509/der.ts";
import { bitsOf, numberOf } from "./big-numbers.ts";
import { type DsaKey, isDsaSignature } from "./dsa.ts";

/** Longer keys would take minutes; FIPS 186-4 knows none above 3072 bits. */
const MAX_DSA_BYTES = 1025;

export type HashName = "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

export interface SignatureAlgorithm {
  readonly family: "rsa" | "rsa-pss" | "ecdsa" | "dsa" | "ed25519";
  /** Of the data; Ed25519 has none of its own. */
  readonly hash: HashName;
  /** Bytes, of RSA-PSS. */
  readonly saltLength?: number;
}

const FAMILIES: Readonly<Record<string, "rsa" | "ecdsa" | "dsa" | "ed25519">> = {
  "1.2.840.113549.1.1.1": "rsa",
  "1.2.840.113549.1.1.10": "rsa",
  "1.2.840.10045.2.1": "ecdsa",
  "1.2.840.10040.4.1": "dsa",
  "1.3.101.112": "ed25519",
};

/** Whether `signature` is the key's over `data`. A key or an algorithm that cannot be used is `artifact/broken` with the reason. */
export function verifySignature(spki: Uint8Array, algorithm: SignatureAlgorithm, data: Uint8Array, signature: Uint8Array): boolean {
  const family = keyFamily(spki);
  const wanted = algorithm.family === "rsa-pss" ? "rsa" : algorithm.family;
  if (family !== wanted) throw broken(`a ${family} key cannot make a ${algorithm.family} signature`);
  if (family === "dsa") return verifyDsa(spki, algorithm.hash, data, signature);
  try {
    const key = publicKeyOf(spki);
    if (algorithm.family === "rsa-pss") {
      const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.saltLength ?? constants.RSA_PSS_SALTLEN_DIGEST };
      return verify(algorithm.hash, data, pss, signature);
    }
    return verify(family === "ed25519" ? null : algorithm.hash, data, key, signature);
  } catch (cause) {
    throw broken(`the key cannot be used: ${(cause as Error).message}`, cause);
  }
}

/** `rsa`, `ecdsa`, `dsa`, `ed25519`; anything else is `artifact/broken`. */
export function keyFamily(spki: Uint8Array): "rsa" | "ecdsa" | "dsa" | "ed25519" {
  const [algorithm] = childrenOf(parseFirstDer(spki), "a public key");
  const [oid] = childrenOf(algorithm, "a key's algorithm");
  const family = oid?.tag === TAG.oid ? FAMILIES[renderOid(oid.content)] : undefined;
  if (family === undefined) throw unknownKind("the key is of a kind that is not known here");
  return family;
}

/** `rsa-2048`, `ecdsa-p256`, `dsa-1024`, `ed25519`. */
export function describeKey(spki: Uint8Array): string {
  const family = keyFamily(spki);
  if (family === "dsa") return `dsa-${bitsOf(dsaKey(spki).p)}`;
  if (family === "ed25519") return family;
  const details = publicKeyOf(spki).asymmetricKeyDetails;
  if (family === "rsa") return `rsa-${details?.modulusLength ?? "unknown"}`;
  const curves: Readonly<Record<string, string>> = { prime256v1: "p256", secp384r1: "p384", secp521r1: "p521" };
  const curve = details?.namedCurve ?? "unknown";
  return `ecdsa-${curves[curve] ?? curve}`;
}

function publicKeyOf(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  } catch (cause) {
    throw broken(`the key cannot be used: ${(cause as Error).message}`, cause);
  }
}

function dsaKey(spki: Uint8Array): DsaKey {
  const [algorithm, bits] = childrenOf(parseFirstDer(spki), "a public key");
  const [, parameters] = childrenOf(algorithm, "a key's algorithm");
  const numbers = childrenOf(parameters, "the parameters of a DSA key");
  if (numbers.some(({ content }) => content.length > MAX_DSA_BYTES)) throw broken("a DSA key is too long");
  const [p, q, g] = numbers.map(({ content }) => numberOf(content));
  if (p === undefined || q === undefined || g === undefined || bits === undefined) throw broken("a DSA key has no parameters");
  return { p, q, g, y: numberOf(parseFirstDer(bits.content.subarray(1)).content) };
}

function verifyDsa(spki: Uint8Array, hash: HashName, data: Uint8Array, signature: Uint8Array): boolean {
  const whole = parseFirstDer(signature);
  const numbers = childrenOf(whole, "a DSA signature");
  // Nothing may follow: another form of the same signature is another signature.
  if (whole.encoded.length !== signature.length || numbers.length !== 2 || numbers.some(({ tag }) => tag !== TAG.integer)) return false;
  const [r, s] = numbers.map(({ content }) => numberOf(content));
  if (r === undefined || s === undefined) return false;
  return isDsaSignature(dsaKey(spki), createHash(hash).update(data).digest(), r, s);
}
