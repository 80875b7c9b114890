// Whether a given trusted root, identity or key stands for who signed, and when that was: Sigstore's own library decides over chains, logs and timestamps.
import { createPublicKey } from "node:crypto";
import { problem } from "../problem.ts";
import type { VerdictCode, VerdictProblem } from "../verdict.ts";
import type { Asked } from "./asked.ts";
import type { TrustedRoot } from "./library.ts";
import type { ReadBundle } from "./read-bundle.ts";
import { isIdentity, type PublicKey } from "./trust.ts";

const CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
/** Clocks differ a little. */
const MAX_FUTURE_MS = 10_000;

/** In the library's words. */
const OUTSIDE = "not valid or expired";

/** What the library calls failures. Others are of something that cannot be read. */
const CODES: Readonly<Record<string, VerdictCode>> = {
  CERTIFICATE_ERROR: "signing/unknown-signer",
  PUBLIC_KEY_ERROR: "signing/unknown-signer",
  TIMESTAMP_ERROR: "signing/timestamp-mismatch",
  TLOG_ERROR: "signing/log-mismatch",
  TLOG_INCLUSION_PROOF_ERROR: "signing/log-mismatch",
  TLOG_INCLUSION_PROMISE_ERROR: "signing/log-mismatch",
  TLOG_MISSING_INCLUSION_ERROR: "signing/log-mismatch",
  // The log says that something else was signed.
  TLOG_BODY_ERROR: "signing/contradiction",
};

export interface TrustFound {
  readonly problems: readonly VerdictProblem[];
  /** ISO 8601 UTC, as far as a log or an authority that is trusted says so. */
  readonly signedAt?: string;
  readonly timestampedBy?: string;
  /** A root stands for the certificate: what it says of whom it is for is so. */
  readonly isVouched?: boolean;
}

export function judgeTrust(bundle: ReadBundle, maker: PublicKey, asked: Asked): TrustFound {
  const found = judgeSigner(bundle, maker, asked);
  const { expires } = maker;
  const time = found.signedAt === undefined ? asked.context.now : new Date(found.signedAt);
  if (expires === undefined || time < expires) return found;
  return { ...found, problems: [...found.problems, problem("signing/expired", `the key ended ${expires.toISOString()}`, bundle.where)] };
}

function judgeSigner(bundle: ReadBundle, maker: PublicKey, asked: Asked): TrustFound {
  const { where, certificate, entity } = bundle;
  if (certificate === undefined && entity.tlogEntries.length + entity.timestamps.length === 0)
    return { problems: [problem("signing/no-timestamp", "no log has it: when it was made nobody says", where)] };
  const roots = asked.trust.roots.flatMap((root) => readRoot(asked, root));
  if (roots.length === 0) {
    // Whoever gave the key trusts it without a log.
    return certificate === undefined
      ? { problems: [problem("signing/timestamp-untrusted", "no trusted root was given: what a log says of it is not believed", where)] }
      : {
          problems: [
            problem("signing/unknown-signer", "no trusted root was given for the authority of its certificate", where),
            ...ofCertificate(bundle, asked),
          ],
        };
  }
  let last: VerdictProblem | undefined;
  for (const root of roots) {
    const failure = tryRoot(bundle, maker, root, asked);
    if (failure === undefined)
      return {
        ...timeOf(bundle, root),
        isVouched: certificate !== undefined,
        problems: [...timeProblems(bundle, asked), ...ofCertificate(bundle, asked), ...ofIdentity(bundle, asked)],
      };
    last = failure;
  }
  return { problems: last ? [last, ...ofCertificate(bundle, asked)] : [] };
}

function readRoot({ sigstore }: Asked, root: unknown): readonly TrustedRoot[] {
  try {
    const read = sigstore.trustedRoot.fromJSON(root);
    // Since when a log's key counts has to be said (sigstore_trustroot.proto); the library takes none for always.
    return [...read.tlogs, ...read.ctlogs].every(({ publicKey }) => publicKey?.validFor?.start !== undefined) ? [read] : [];
  } catch {
    return [];
  }
}

/** Why the root does not stand for it; undefined: it does. */
function tryRoot({ entity, where }: ReadBundle, maker: PublicKey, root: TrustedRoot, { sigstore }: Asked): VerdictProblem | undefined {
  try {
    const key = Buffer.from(maker.spki);
    const material = sigstore.toTrustMaterial(root, () => ({
      publicKey: createPublicKey({ key, format: "der", type: "spki" }),
      validFor: () => true,
    }));
    // What the root has, the bundle has to have.
    const verifier = new sigstore.Verifier(material, {
      ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0,
      tlogThreshold: root.tlogs.length > 0 ? 1 : 0,
      timestampThreshold: entity.key.$case === "certificate" ? 1 : 0,
    });
    verifier.verify(entity);
    return undefined;
  } catch (thrown) {
    // Whatever else it throws over what it reads is damage.
    if (!(thrown instanceof sigstore.VerificationError))
      return problem("signing/malformed", "what logs and authorities say of it cannot be read", where);
    const { code, message, cause } = thrown;
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
    // A certificate lasts minutes: it has to have been valid when it was used.
    if (reason.includes(OUTSIDE)) return problem("signing/expired", "its certificate was not valid when it was made", where);
    return problem(CODES[code] ?? "signing/malformed", `not by the trusted root: ${reason}`, where);
  }
}

function timesOf({ entity }: ReadBundle): readonly { readonly at: Date; readonly logId?: Buffer }[] {
  return entity.timestamps.flatMap((one) => {
    if (one.$case === "timestamp-authority") return [{ at: one.timestamp.signingTime }];
    // Only what the log promised has a time that it signed.
    const { inclusionPromise, integratedTime, logId } = one.tlogEntry;
    return inclusionPromise ? [{ at: new Date(Number(integratedTime) * 1000), logId: logId.keyId }] : [];
  });
}

/** The earliest, of those that were verified with the root. */
function timeOf(bundle: ReadBundle, { tlogs }: TrustedRoot): Omit<TrustFound, "problems"> {
  const [first] = timesOf(bundle).toSorted((a, b) => a.at.getTime() - b.at.getTime());
  if (first === undefined) return {};
  const log = tlogs.find(({ logId }) => first.logId !== undefined && logId?.keyId.equals(first.logId) === true);
  const timestampedBy = log?.baseUrl || undefined;
  return { signedAt: first.at.toISOString().replace(".000Z", "Z"), ...(timestampedBy !== undefined && { timestampedBy }) };
}

function timeProblems(bundle: ReadBundle, { context: { now } }: Asked): readonly VerdictProblem[] {
  const future = timesOf(bundle).find(({ at }) => at.getTime() > now.getTime() + MAX_FUTURE_MS);
  return future ? [problem("signing/not-yet-valid", `it is from the future: ${future.at.toISOString()}`, bundle.where)] : [];
}

function ofCertificate({ where, certificate }: ReadBundle, { context: { trust } }: Asked): readonly VerdictProblem[] {
  if (certificate === undefined) return [];
  return [
    ...(certificate.purposes.includes(CODE_SIGNING)
      ? []
      : [problem("signing/wrong-purpose", "its certificate is not for signing code", where)]),
    ...(trust.revoked.has(certificate.facts.sha256) ? [problem("signing/revoked", "its certificate is trusted no more", where)] : []),
  ];
}

/** The authority gives everybody a certificate for himself: it stands for who somebody is, not for whether he is trusted. */
function ofIdentity({ where, certificate, identity }: ReadBundle, { trust: { identities } }: Asked): readonly VerdictProblem[] {
  if (certificate === undefined || identity === undefined || identities.some((one) => isIdentity(one, identity))) return [];
  return [problem("signing/unknown-signer", `it is by ${identity.subject} (${identity.issuer}), whom nobody named as trusted`, where)];
}
