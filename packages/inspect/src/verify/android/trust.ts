import { createPublicKey } from "node:crypto";
import { sha256 } from "@distd/core";
import type { VerdictProblem } from "../verdict.ts";
import type { Trust } from "../verifier.ts";
import type { X509 } from "../x509/certificate.ts";
import { canonicalKey } from "./keys.ts";

/** Keys that lie in AOSP's public tree (build/target/product/security): everybody can sign with them. SHA-256 of the certificates. */
const PUBLIC_TEST_KEYS: ReadonlyMap<string, string> = new Map([
  ["a40da80a59d170caa950cf15c18c454d47a39b26989d8b640ecd745ba71bf5dc", "testkey"],
  ["c8a2e9bccf597c2fb6dc66bee293fc13f2fc47ec77bc6b2b0d52c11f51192ab8", "platform"],
  ["28bbfe4a7b97e74681dc55c2fbb6ccb8d6c74963733f6af6ae74d8c3a6e879fd", "shared"],
  ["465983f7791f2abeb43ea2cbdc7f21a8260b72bc08a55c839fc1a43bc741a81e", "media"],
]);

/**
 * Why a signer is not trusted; undefined when it is. Android has no roots: a signer is trusted when its own certificate, or its own public key in
 * PEM, is among those the caller trusts. Dates do not matter to phones, nor who issued the certificate.
 */
export function distrust(certificate: X509, { certificates, signers, keys, revoked }: Trust, where: string): VerdictProblem | undefined {
  const { sha256: digest, subject } = certificate.facts;
  if (revoked.has(digest)) return { code: "signing/revoked", message: `'${subject}' was revoked.`, where };
  if (signers?.has(digest) === true || certificates.some((der) => sha256(der) === digest)) return undefined;
  const own = canonicalKey(certificate.publicKey);
  if (keys.some((key) => isKey(key, own))) return undefined;
  const testKey = PUBLIC_TEST_KEYS.get(digest);
  if (testKey !== undefined)
    return { code: "signing/nobody", message: `Signed with Android's public key '${testKey}', which everybody has.`, where };
  return { code: "signing/unknown-signer", message: `Nobody trusted stands for '${subject}'.`, where };
}

/** Keys of other families are none here. */
function isKey(pem: string, spki: Uint8Array): boolean {
  if (!pem.includes("-----BEGIN PUBLIC KEY-----")) return false;
  try {
    return Buffer.compare(createPublicKey(pem).export({ format: "der", type: "spki" }), spki) === 0;
  } catch {
    return false;
  }
}
