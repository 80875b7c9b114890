// From which API level on phones verify a signature with these algorithms, all later ones too (AOSP's OidConstants, SUPPORTED_SIG_ALG_OIDS;
// combinations that only some levels between know are left out: no file is accepted everywhere with them).
import { childrenOf, type DerElement, parseFirstDer, renderOid, TAG } from "../../../x509/der.ts";

const DIGESTS = {
  md5: "1.2.840.113549.2.5",
  sha1: "1.3.14.3.2.26",
  sha224: "2.16.840.1.101.3.4.2.4",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
} as const;
const RSA = "1.2.840.113549.1.1.1";
const DSA = "1.2.840.10040.4.1";
const EC = "1.2.840.10045.2.1";

const SUPPORTED_FROM: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  [DIGESTS.md5]: { [RSA]: 0, "1.2.840.113549.1.1.4": 21 },
  [DIGESTS.sha1]: { [RSA]: 0, "1.2.840.113549.1.1.5": 0, [DSA]: 0, "1.2.840.10040.4.3": 9, [EC]: 18, "1.2.840.10045.4.1": 18 },
  [DIGESTS.sha224]: {
    [RSA]: 21,
    "1.2.840.113549.1.1.14": 21,
    [DSA]: 22,
    "2.16.840.1.101.3.4.3.1": 21,
    [EC]: 21,
    "1.2.840.10045.4.3.1": 21,
  },
  [DIGESTS.sha256]: {
    [RSA]: 18,
    "1.2.840.113549.1.1.11": 18,
    [DSA]: 22,
    "2.16.840.1.101.3.4.3.2": 21,
    [EC]: 18,
    "1.2.840.10045.4.3.2": 21,
  },
  [DIGESTS.sha384]: { [RSA]: 18, "1.2.840.113549.1.1.12": 21, [EC]: 18, "1.2.840.10045.4.3.3": 21 },
  [DIGESTS.sha512]: { [RSA]: 18, "1.2.840.113549.1.1.13": 21, [EC]: 18, "1.2.840.10045.4.3.4": 21 },
};

export interface SignerAlgorithms {
  /** Dotted. */
  readonly digest: string;
  readonly signature: string;
}

/** Undefined: on no level for good. */
export function supportedFrom({ digest, signature }: SignerAlgorithms): number | undefined {
  return SUPPORTED_FROM[digest]?.[signature];
}

/** Of each signer of a CMS message, as it names them. */
export function readSignerAlgorithms(message: Uint8Array): readonly SignerAlgorithms[] {
  const [, wrapped] = childrenOf(parseFirstDer(message), "a CMS message");
  const signedData = childrenOf(childrenOf(wrapped, "signed data")[0], "signed data");
  const infos = signedData.slice(3).findLast(({ tag }) => tag === TAG.set);
  return childrenOf(infos, "the list of signers").map((info) => {
    const [, , digest, ...rest] = childrenOf(info, "a signer");
    return { digest: oidOf(digest), signature: oidOf(rest.find(({ tag }) => tag === TAG.sequence)) };
  });
}

function oidOf(algorithm: DerElement | undefined): string {
  const [oid] = childrenOf(algorithm, "an algorithm");
  return oid?.tag === TAG.oid ? renderOid(oid.content) : "";
}
