// Which algorithm an AlgorithmIdentifier means, in certificates and in CMS.
import { unknownKind } from "../broken.ts";
import { childrenOf, type DerElement, renderOid, TAG } from "../x509/der.ts";
import type { HashName, SignatureAlgorithm } from "./public-key.ts";

const HASHES: Readonly<Record<string, HashName>> = {
  "1.2.840.113549.2.5": "md5",
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.4": "sha224",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

/** Algorithms of signatures. Those without a hash take it from the digest algorithm beside them. */
const SIGNATURES: Readonly<Record<string, { readonly family: SignatureAlgorithm["family"]; readonly hash?: HashName }>> = {
  "1.2.840.113549.1.1.1": { family: "rsa" },
  "1.2.840.113549.1.1.4": { family: "rsa", hash: "md5" },
  "1.2.840.113549.1.1.5": { family: "rsa", hash: "sha1" },
  "1.3.14.3.2.29": { family: "rsa", hash: "sha1" },
  "1.2.840.113549.1.1.14": { family: "rsa", hash: "sha224" },
  "1.2.840.113549.1.1.11": { family: "rsa", hash: "sha256" },
  "1.2.840.113549.1.1.12": { family: "rsa", hash: "sha384" },
  "1.2.840.113549.1.1.13": { family: "rsa", hash: "sha512" },
  "1.2.840.113549.1.1.10": { family: "rsa-pss" },
  "1.2.840.10045.2.1": { family: "ecdsa" },
  "1.2.840.10045.4.1": { family: "ecdsa", hash: "sha1" },
  "1.2.840.10045.4.3.1": { family: "ecdsa", hash: "sha224" },
  "1.2.840.10045.4.3.2": { family: "ecdsa", hash: "sha256" },
  "1.2.840.10045.4.3.3": { family: "ecdsa", hash: "sha384" },
  "1.2.840.10045.4.3.4": { family: "ecdsa", hash: "sha512" },
  "1.2.840.10040.4.1": { family: "dsa" },
  "1.2.840.10040.4.3": { family: "dsa", hash: "sha1" },
  "2.16.840.1.101.3.4.3.1": { family: "dsa", hash: "sha224" },
  "2.16.840.1.101.3.4.3.2": { family: "dsa", hash: "sha256" },
  "1.3.101.112": { family: "ed25519", hash: "sha512" },
};

export function hashOf(algorithm: DerElement | undefined): HashName {
  const [oid] = childrenOf(algorithm, "a digest algorithm");
  const hash = oid?.tag === TAG.oid ? HASHES[renderOid(oid.content)] : undefined;
  if (hash === undefined) throw unknownKind("a digest algorithm that is not known here");
  return hash;
}

export function algorithmOf(element: DerElement, digest: HashName): SignatureAlgorithm {
  const [oid, parameters] = childrenOf(element, "a signature algorithm");
  const known = oid?.tag === TAG.oid ? SIGNATURES[renderOid(oid.content)] : undefined;
  if (known === undefined) throw unknownKind("a signature algorithm that is not known here");
  if (known.family !== "rsa-pss") return { family: known.family, hash: known.hash ?? digest };
  return { family: "rsa-pss", hash: digest, ...pssSaltLength(parameters) };
}

/** RSASSA-PSS-params (RFC 4055): the salt's length is the third field. */
function pssSaltLength(parameters: DerElement | undefined): { readonly saltLength: number } {
  const fields = parameters?.tag === TAG.sequence ? childrenOf(parameters, "the parameters of RSA-PSS") : [];
  const salt = fields.find(({ tag }) => tag === 0xa2);
  const value = salt && childrenOf(salt, "the length of the salt")[0];
  return { saltLength: value ? Number.parseInt(Buffer.from(value.content).toString("hex") || "0", 16) : 20 };
}
