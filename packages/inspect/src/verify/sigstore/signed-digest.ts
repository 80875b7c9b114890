// Whether a key signed bytes of which the digest is known: the artifact is hashed once, whatever is to be found out about it.
import { constants, createPublicKey, publicDecrypt } from "node:crypto";
import { broken, unknownKind } from "../../broken.ts";
import { childrenOf, parseFirstDer, TAG } from "../../x509/der.ts";
import { leftmostBits, numberOf } from "../big-numbers.ts";
import { CURVES, isOnCurve, verifyEcdsa } from "../openpgp/curves.ts";
import { type HashName, keyFamily } from "../public-key.ts";

const UNCOMPRESSED_POINT = 0x04;
/** DigestInfo in front of a digest (RFC 8017, 9.2). */
const DIGEST_INFOS: Readonly<Partial<Record<HashName, string>>> = {
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
  sha512: "3051300d060960864801650304020305000440",
};

/** ECDSA or RSA (PKCS #1 v1.5). A key that cannot be used is `artifact/broken`; a signature that cannot be read is none. */
export function isSignedDigest(spki: Uint8Array, hash: HashName, digest: Uint8Array, signature: Uint8Array): boolean {
  const family = keyFamily(spki);
  if (family === "ecdsa") return isEcdsa(spki, digest, signature);
  if (family === "rsa") return isRsa(spki, hash, digest, signature);
  throw unknownKind(`sigstore: a ${family} key signs no digests`);
}

function isEcdsa(spki: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  const [algorithm, bits] = childrenOf(parseFirstDer(spki), "a public key");
  const [, parameters] = childrenOf(algorithm, "a key's algorithm");
  const curve = CURVES[Buffer.from(parameters?.content ?? []).toString("hex")];
  const encoded = bits?.content.subarray(1);
  if (curve === undefined || encoded?.length !== 1 + 2 * curve.bytes || encoded[0] !== UNCOMPRESSED_POINT)
    throw unknownKind("sigstore: a key is of a curve or a form that is not known here");
  const point = { x: numberOf(encoded.subarray(1, 1 + curve.bytes)), y: numberOf(encoded.subarray(1 + curve.bytes)) };
  if (!isOnCurve(curve, point)) throw broken("sigstore: a key is no point of its curve");
  const numbers = readNumbers(signature);
  return numbers !== undefined && verifyEcdsa(curve, point, leftmostBits(digest, curve.n), ...numbers);
}

function readNumbers(signature: Uint8Array): readonly [bigint, bigint] | undefined {
  try {
    const whole = parseFirstDer(signature);
    const [r, s, ...rest] = childrenOf(whole, "a signature");
    const isWhole =
      whole.tag === TAG.sequence &&
      whole.encoded.length === signature.length &&
      rest.length === 0 &&
      r?.tag === TAG.integer &&
      s?.tag === TAG.integer;
    // Negative numbers are none that a signature has.
    return isWhole && [r, s].every(({ content }) => ((content[0] ?? 0x80) & 0x80) === 0)
      ? [numberOf(r.content), numberOf(s.content)]
      : undefined;
  } catch {
    return undefined;
  }
}

function isRsa(spki: Uint8Array, hash: HashName, digest: Uint8Array, signature: Uint8Array): boolean {
  const info = DIGEST_INFOS[hash];
  if (info === undefined) return false;
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  try {
    const found = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
    return found.equals(Buffer.concat([Buffer.from(info, "hex"), digest]));
  } catch {
    // What no key can have made.
    return false;
  }
}
