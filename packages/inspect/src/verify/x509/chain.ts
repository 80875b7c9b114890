import type { VerdictCode } from "../verdict.ts";
import type { Trust } from "../verifier.ts";
import { readCertificate, type X509 } from "./certificate.ts";

export interface ChainQuestion {
  readonly signer: X509;
  /** Certificates that came along. */
  readonly enclosed: readonly X509[];
  /** Roots that stand for this kind of signature, beside those the caller trusts. */
  readonly roots: readonly X509[];
  readonly trust: Trust;
  /** The time it has to have held: of a verified timestamp, else now. */
  readonly at: Date;
  /** The purpose the signer's certificate must be for, dotted. */
  readonly purpose?: string;
}

export interface Chain {
  /** The signer's first, up to a root where one was reached. */
  readonly certificates: readonly X509[];
  /** Undefined: a trusted root, or a certificate the caller trusts, stands for it. */
  readonly problem?: { readonly code: VerdictCode; readonly message: string };
}

const MAX_LENGTH = 10;

/** The way from a signer to whom it is trusted for (RFC 5280, 6, as far as code signing needs it). A revoked certificate anywhere ends it. */
export function buildChain({ signer, enclosed, roots, trust, at, purpose }: ChainQuestion): Chain {
  const pinned = [...roots, ...trust.certificates.map(readCertificate)];
  const certificates = [signer];
  const fail = (code: VerdictCode, message: string): Chain => ({ certificates, problem: { code, message } });
  for (;;) {
    const current = certificates.at(-1) ?? signer;
    const name = current.facts.subject;
    if (trust.revoked.has(current.facts.sha256)) return fail("signing/revoked", `'${name}' was revoked`);
    const isNamed = current === signer && trust.signers?.has(current.facts.sha256) === true;
    const isPinned = isNamed || pinned.some(({ facts }) => facts.sha256 === current.facts.sha256);
    if (at > current.notAfter) return fail("signing/expired", `'${name}' ended on ${current.notAfter.toISOString().slice(0, 10)}`);
    if (at < current.notBefore) return fail("signing/not-yet-valid", `'${name}' begins on ${current.notBefore.toISOString().slice(0, 10)}`);
    if (isPinned) break;
    if (certificates.length === MAX_LENGTH) return fail("signing/chain-incomplete", "the chain is too long");
    const issuer = [...pinned, ...enclosed].find((one) => isIssuer(one, current));
    if (!issuer || certificates.includes(issuer)) {
      const isOwn = current.subject === current.issuer;
      return isOwn
        ? fail("signing/unknown-signer", `nobody trusted stands for '${name}'`)
        : fail(
            "signing/chain-incomplete",
            `the certificate of '${current.issuer}', which '${name}' stands under, is missing or not its issuer's`,
          );
    }
    if (!issuer.isAuthority || !issuer.maySignCertificates)
      return fail("signing/wrong-purpose", `'${issuer.facts.subject}' may not sign certificates`);
    if (issuer.pathLength !== undefined && certificates.length - 1 > issuer.pathLength)
      return fail("signing/wrong-purpose", `'${issuer.facts.subject}' may not stand so far above a signer`);
    certificates.push(issuer);
  }
  if (!signer.maySignData && certificates.length > 1)
    return fail("signing/wrong-purpose", `'${signer.facts.subject}' is not for signing data`);
  if (purpose !== undefined && certificates.length > 1 && !signer.purposes.includes(purpose))
    return fail("signing/wrong-purpose", `'${signer.facts.subject}' is for something else than this`);
  return { certificates };
}

function isIssuer(candidate: X509, of: X509): boolean {
  if (candidate.subject !== of.issuer) return false;
  try {
    return of.isSignedBy(candidate);
  } catch {
    return false;
  }
}
