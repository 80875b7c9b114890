import { attempt } from "../../broken.ts";
import { childrenOf, parseFirstDer, renderOid, TAG } from "../../x509/der.ts";
import { describeKey, type HashName, type SignatureAlgorithm } from "../public-key.ts";
import type { VerdictProblem } from "../verdict.ts";

const RSA = "1.2.840.113549.1.1.1";
const NULL = Buffer.of(0x05, 0x00);
const LEAST_BITS: Readonly<Record<SignatureAlgorithm["family"], number>> = {
  rsa: 2048,
  "rsa-pss": 2048,
  dsa: 2048,
  ecdsa: 256,
  ed25519: 0,
};

/**
 * A SubjectPublicKeyInfo as Android writes it, whatever the certificate has: strict DER, and an RSA modulus that is positive (old signers forgot
 * the zero byte, and phones accept their keys). What is no public key stays as it is.
 */
export function canonicalKey(spki: Uint8Array): Uint8Array {
  const [algorithm, bits] = childrenOf(parseFirstDer(spki), "a public key");
  if (algorithm === undefined || bits === undefined) return spki;
  const [oid, parameters] = childrenOf(algorithm, "a key's algorithm");
  if (oid?.tag !== TAG.oid || bits.content.length < 2) return spki;
  if (renderOid(oid.content) !== RSA) {
    const kept = parameters === undefined ? [] : [parameters.encoded];
    return encode(TAG.sequence, encode(TAG.sequence, oid.encoded, ...kept), encode(bits.tag, bits.content));
  }
  const numbers = childrenOf(parseFirstDer(bits.content.subarray(1)), "an RSA key").map(({ content }) =>
    encode(TAG.integer, positive(content)),
  );
  const key = Buffer.concat([bits.content.subarray(0, 1), encode(TAG.sequence, ...numbers)]);
  return encode(TAG.sequence, encode(TAG.sequence, oid.encoded, NULL), encode(bits.tag, key));
}

function positive(integer: Uint8Array): Uint8Array {
  const first = integer.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.of(0) : integer.subarray(first);
  return ((digits[0] ?? 0) & 0x80) === 0 ? digits : Buffer.concat([Buffer.of(0), digits]);
}

function encode(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const length: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  const header = content.length < 0x80 ? [tag, content.length] : [tag, 0x80 | length.length, ...length];
  return Buffer.concat([Buffer.from(header), content]);
}

/** `rsa-2048`, `ecdsa-p256`; undefined for what no program knows. */
export async function keyName(spki: Uint8Array): Promise<string | undefined> {
  const name = await attempt(() => describeKey(canonicalKey(spki)));
  return "value" in name ? name.value : undefined;
}

/** `rsa-sha256`, `rsa-pss-sha512`, `ecdsa-p256-sha256`, `dsa-sha1`. */
export function algorithmName({ family, hash }: SignatureAlgorithm, key: string | undefined): string {
  return `${family === "ecdsa" && key?.startsWith("ecdsa-") ? key : family}-${hash}`;
}

/** What is broken or too short today; phones accept it all the same. */
export function weaknesses(
  {
    signature: { family, hash },
    key,
    digests,
  }: { readonly signature: SignatureAlgorithm; readonly key: string | undefined; readonly digests: readonly HashName[] },
  where: string,
): readonly VerdictProblem[] {
  const problems: VerdictProblem[] = [];
  const weak = (code: "signing/weak-algorithm" | "signing/weak-key", message: string): void => void problems.push({ code, message, where });
  if (isBrokenHash(hash)) weak("signing/weak-algorithm", `The signature is made with ${hash.toUpperCase()}, which is broken.`);
  for (const digest of digests.filter(isBrokenHash))
    weak("signing/weak-algorithm", `Files are digested with ${digest.toUpperCase()}, which is broken.`);
  if (family === "dsa") weak("signing/weak-algorithm", "The signature is made with DSA, which is no longer used.");
  const bits = Number(/(\d+)/.exec(key ?? "")?.[1]);
  const least = LEAST_BITS[family];
  if (bits < least) weak("signing/weak-key", `The key has ${bits} bits; ${least} are the least today.`);
  return problems;
}

function isBrokenHash(hash: HashName): boolean {
  return hash === "md5" || hash === "sha1";
}
