// META-INF/X.RSA, .DSA or .EC: a CMS message without content, whose signature is over META-INF/X.SF. Checked as Android does (AOSP's
// V1SchemeVerifier): whose certificate issued whose does not matter, only that the named one made the signature.
import { createHash } from "node:crypto";
import { attempt } from "../../../broken.ts";
import { octets, renderOid, TAG } from "../../../x509/der.ts";
import { ATTRIBUTES, type CmsSigner, readSignedMessage, type SignedMessage } from "../../cms/signed-data.ts";
import { type SignatureAlgorithm, verifySignature } from "../../public-key.ts";
import type { X509 } from "../../x509/certificate.ts";
import { type Issue, issue } from "../issues.ts";
import { issuersOf } from "../issuers.ts";
import { canonicalKey } from "../keys.ts";
import { readSignerAlgorithms, supportedFrom } from "./supported-algorithms.ts";

const N = 24;
const KITKAT = 19;
/** Extensions that Java knows, so that they may be critical: 2.5.29.* of RFC 5280, Netscape's type, access descriptions, OCSP without check. */
const KNOWN_EXTENSION =
  /^(?:2\.5\.29\.(?:9|1[4-9]|2[0147-9]|3[0-357]|36|46|54)|2\.16\.840\.1\.113730\.1\.1|1\.3\.6\.1\.5\.5\.7\.(?:1\.1|1\.11|48\.1\.5))$/;

export interface BlockOutcome {
  readonly certificates: readonly X509[];
  readonly algorithm: SignatureAlgorithm;
}

/** `minSdk`: the lowest API level that has to accept it; undefined: it is no APK, and any algorithm will do. */
export async function verifySignatureBlock(
  files: { readonly block: Uint8Array; readonly signatureFile: Uint8Array; readonly name: string },
  minSdk: number | undefined,
): Promise<BlockOutcome | Issue> {
  const { block, signatureFile, name } = files;
  const algorithms = await attempt(() => readSignerAlgorithms(block));
  if ("error" in algorithms) return issue("JAR_SIG_PARSE_EXCEPTION", `The signature cannot be read: ${algorithms.error.message}.`, name);
  if (algorithms.value.length === 0) return issue("JAR_SIG_NO_SIGNERS", "The signature has no signer.", name);
  // Before N only the first signer is tried.
  const tried = minSdk !== undefined && minSdk < N ? algorithms.value.slice(0, 1) : algorithms.value;
  const unknown = minSdk === undefined ? undefined : tried.find((one) => (supportedFrom(one) ?? Number.POSITIVE_INFINITY) > minSdk);
  if (unknown)
    return issue(
      "JAR_SIG_UNSUPPORTED_SIG_ALG",
      `Not every phone verifies digest ${unknown.digest} with signature ${unknown.signature}.`,
      name,
    );
  const message = await attempt(() => readSignedMessage(block));
  if ("error" in message) return issue("JAR_SIG_PARSE_EXCEPTION", `The signature cannot be read: ${message.error.message}.`, name);
  let outcome: BlockOutcome | undefined;
  for (const signer of message.value.signers.slice(0, tried.length)) {
    const held = await attempt(() => verifySigner(signer, message.value, signatureFile, minSdk ?? N));
    if ("error" in held) return issue("JAR_SIG_VERIFY_EXCEPTION", `The signature cannot be verified: ${held.error.message}.`, name);
    if (typeof held.value === "string") return issue("JAR_SIG_VERIFY_EXCEPTION", `The signature cannot be verified: ${held.value}.`, name);
    if (held.value && signer.certificate)
      outcome ??= { certificates: issuersOf(signer.certificate, message.value.certificates), algorithm: signer.algorithm };
  }
  return outcome ?? issue("JAR_SIG_DID_NOT_VERIFY", "The signature is not the key's over the signature file.", name);
}

/** Text: why nobody may go on with it; false: another signer may. */
function verifySigner(signer: CmsSigner, message: SignedMessage, signatureFile: Uint8Array, minSdk: number): boolean | string {
  const { certificate, signedBytes, algorithm, signature } = signer;
  if (!certificate) return "the signer's certificate is not enclosed";
  const unknown = [...certificate.criticalExtensions].find((oid) => !KNOWN_EXTENSION.test(oid));
  if (unknown !== undefined) return `the certificate has the critical extension ${unknown}`;
  if (!certificate.maySignData) return "the certificate is not for signing data";
  const key = canonicalKey(certificate.publicKey);
  if (signedBytes === undefined) return verifySignature(key, algorithm, signatureFile, signature);
  // Phones before it hash the attributes wrongly; what they accept protects nothing.
  if (minSdk < KITKAT) return `signed attributes are not verified before API level ${KITKAT}`;
  const type = single(signer, ATTRIBUTES.contentType);
  if (type === undefined) return "the signed attributes have no content type";
  if (type.tag !== TAG.oid || renderOid(type.content) !== message.contentType) return false;
  const stated = single(signer, ATTRIBUTES.messageDigest);
  if (stated === undefined) return "the signed attributes have no digest";
  if (Buffer.compare(octets(stated), createHash(signer.hash).update(signatureFile).digest()) !== 0) return false;
  return verifySignature(key, algorithm, signedBytes, signature);
}

function single({ signed }: CmsSigner, type: string) {
  const values = signed.get(type) ?? [];
  return values.length === 1 ? values[0] : undefined;
}
