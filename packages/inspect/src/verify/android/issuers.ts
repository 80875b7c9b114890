import { isBroken } from "../../broken.ts";
import type { X509 } from "../x509/certificate.ts";
import { canonicalKey } from "./keys.ts";
import { isSame } from "./lineage.ts";

const MAX_CHAIN = 10;
/** Certificates beside the signer's that are looked at. */
const MAX_ENCLOSED = 20;

/** The signer's certificate, and of those that came along the ones that really issued it, each the one before. Android asks for none. */
export function issuersOf(signer: X509, enclosed: readonly X509[]): readonly X509[] {
  const chain = [signer];
  const candidates = enclosed.slice(0, MAX_ENCLOSED);
  while (chain.length < MAX_CHAIN) {
    const last = chain.at(-1) ?? signer;
    const issuer = candidates.find(
      (one) => !chain.some((other) => isSame(one, other)) && one.subject === last.issuer && isIssued(last, one),
    );
    if (issuer === undefined) break;
    chain.push(issuer);
  }
  return chain;
}

function isIssued(certificate: X509, by: X509): boolean {
  try {
    return certificate.isSignedBy({ ...by, publicKey: canonicalKey(by.publicKey) });
  } catch (thrown) {
    if (isBroken(thrown)) return false;
    throw thrown;
  }
}
